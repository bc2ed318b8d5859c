import { shortKey } from '../../credentials.ts';
import { Exit, UserError } from '../../errors.ts';
import type { Secret } from '../../secret.ts';
import type { AccessKeyCalls, ListedKey } from '../../sts/iam.ts';

export interface NextKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
}

/** What a rotation works with. Each function that changes something is one step, after which awsmfa may be ended. */
export interface Rotation {
  /** For messages, without what a terminal would obey. */
  readonly profile: string;
  /** The access key that the profile uses now. */
  readonly current: string;
  /** The key that the current one replaced in an earlier run, which was ended before it was deleted. */
  readonly replaced: string | undefined;
  /** IAM, called with the current key or its session, or with this key. */
  iam(as?: NextKey): Promise<AccessKeyCalls>;
  /** The secret of a key that an earlier run made and kept. */
  keptSecret(accessKeyId: string): Promise<Secret | undefined>;
  /** Keeps the next key where it survives. The profile does not use it yet. */
  keep(next: NextKey): Promise<void>;
  /** Returns when AWS knows the key as one of the same user. */
  prove(next: NextKey): Promise<void>;
  /** Lets the profile use the next key, and remembers which one it replaced. */
  switchTo(next: NextKey): Promise<void>;
  /** Forgets a key that IAM no longer has. */
  forget(accessKeyId: string): Promise<void>;
  /** Asks whether a second key, of which nothing is known, may be deleted. */
  mayDelete(key: ListedKey): Promise<boolean>;
  say(line: string): void;
}

/**
 * A new access key in place of the current one. The old one is deactivated and deleted only when AWS knows the new one
 * and the profile uses it. A run that was ended anywhere is taken up where it was: what IAM lists, and what is kept
 * here, tell how far it got.
 *
 * @returns the key that the profile uses now; `created` is undefined when an earlier run made it
 * @throws UserError that says which key works
 */
export async function rotate(rotation: Rotation): Promise<{ accessKeyId: string; created?: number }> {
  const { current, replaced, say } = rotation;
  if (replaced !== undefined) {
    say(`${rotation.profile}: an earlier rotation left the old key ${shortKey(replaced)}`);
    await retire(replaced, current, await rotation.iam(), rotation);
    return { accessKeyId: current };
  }
  const iam = await rotation.iam();
  const found = await nextFrom(await iam.list(), rotation);
  const next = found ?? (await makeNext(iam, rotation));
  try {
    await rotation.prove(next);
    await rotation.switchTo(next);
  } catch (error) {
    throw withWorking(error, `${rotation.profile} still uses ${shortKey(current)}`);
  }
  say(`${rotation.profile}: uses the new key ${shortKey(next.accessKeyId)} now`);
  await retire(current, next.accessKeyId, await rotation.iam(next), rotation);
  return next;
}

/** The key that an earlier run made, as far as its secret is kept. Room is made where another key stands in the way. */
async function nextFrom(listed: readonly ListedKey[], rotation: Rotation): Promise<NextKey | undefined> {
  for (const key of listed) {
    if (key.accessKeyId === rotation.current) continue;
    const secretAccessKey = key.isActive ? await rotation.keptSecret(key.accessKeyId) : undefined;
    if (secretAccessKey) {
      rotation.say(
        `${rotation.profile}: goes on with ${shortKey(key.accessKeyId)}, which an earlier rotation made`,
      );
      return { accessKeyId: key.accessKeyId, secretAccessKey };
    }
  }
  // AWS allows two keys for a user, inactive ones included.
  const second = listed.length > 1 && listed.find(({ accessKeyId }) => accessKeyId !== rotation.current);
  if (!second) return undefined;
  if (!(await rotation.mayDelete(second))) {
    throw new UserError(
      Exit.refused,
      'two-keys',
      `The user of ${rotation.profile} has a second access key, ${shortKey(second.accessKeyId)}, and AWS allows no third`,
      `Nothing was changed. If nobody uses it, delete it: aws iam delete-access-key --access-key-id ${second.accessKeyId}`,
    );
  }
  await (await rotation.iam()).remove(second.accessKeyId);
  return undefined;
}

/** The secret is in this answer alone: what cannot be kept is deleted again. */
async function makeNext(iam: AccessKeyCalls, rotation: Rotation): Promise<NextKey & { created: number }> {
  const next = await iam.create();
  try {
    await rotation.keep(next);
    return next;
  } catch (error) {
    const isGone = await iam.remove(next.accessKeyId).then(
      () => true,
      () => false,
    );
    // The store may have kept it without being able to give it back.
    if (isGone) await rotation.forget(next.accessKeyId).catch(() => {});
    const rest = isGone
      ? ''
      : `; the new key ${next.accessKeyId} is in IAM, its secret nowhere: run it again to delete it`;
    throw withWorking(error, `${rotation.profile} still uses ${shortKey(rotation.current)}${rest}`);
  }
}

/** Deactivates and deletes a key that the profile no longer uses. */
async function retire(old: string, working: string, iam: AccessKeyCalls, rotation: Rotation): Promise<void> {
  try {
    const listed = (await iam.list()).find(({ accessKeyId }) => accessKeyId === old);
    if (listed?.isActive) await iam.deactivate(old);
    if (listed) await iam.remove(old);
    await rotation.forget(old);
  } catch (error) {
    throw withWorking(
      error,
      `${rotation.profile} uses ${shortKey(working)}, which works; the old key ${shortKey(old)} is still in IAM. Run awsmfa keys rotate again`,
    );
  }
}

/** The same error, with a word about where a key is that works. */
export function withWorking(error: unknown, working: string): unknown {
  if (!(error instanceof UserError)) return error;
  return new UserError(error.exit, error.code, error.message, `${working}. ${error.hint ?? ''}`.trim());
}
