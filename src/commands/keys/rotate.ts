import { setTimeout as pause } from 'node:timers/promises';
import { nextSecret, replacedKey, switchedTo, withNextKey, withoutReplaced } from '../../config/key-edit.ts';
import { type Credentials, Secret, type Session, shortKey } from '../../credentials.ts';
import { Exit, orUndefined, UserError } from '../../errors.ts';
import { knownDevice } from '../../mfa/device.ts';
import { askYes } from '../../mfa/prompt.ts';
import { cacheOf } from '../../session/cache.ts';
import { findDevice, getSession } from '../../session/get-session.ts';
import { fromEntry, type KeyStore, type Tools } from '../../stores/store.ts';
import { openKeys, saveKey, toolsOf } from '../../stores/stores.ts';
import { iamEndpoint, stsEndpoint } from '../../sts/endpoint.ts';
import { type AccessKeyCalls, accessKeyCalls, type ListedKey } from '../../sts/iam.ts';
import { type Identity, identify } from '../../sts/identity.ts';
import { printable } from '../../text.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import {
  documentsOf,
  editBoth,
  type KeysOptions,
  keyOfProfile,
  sectionsWith,
  storesOf,
  withWorking,
} from './key.ts';

/** `awsmfa keys rotate work`: a new access key in place of the old one, where the old one is, file or store. */
export async function rotateKey(options: KeysOptions, ui: Ui, world: World): Promise<void> {
  const { chosen, profile, keys, name } = keyOfProfile(options, ui, world);
  const { files, env } = chosen;
  const { request } = options;
  const current = keys.accessKeyId;
  const tools = toolsOf(ui, world);
  const sections = sectionsWith(files, current);
  const isStored = ({ secret }: { readonly secret: string | undefined }) => secret === undefined;
  const stores = storesOf(sections.filter(isStored), name);
  const inFile = !sections.every(isStored);
  const cache = cacheOf({ env, home: world.home });

  const opened = await openKeys(profile.keys, ui, world);
  const sts = stsEndpoint(request, env, profile, files);
  const { arn } = await identify(opened, profile.name, sts, world.now);
  const userName = userNameOf(arn, name);
  const iamAs = (credentials: Credentials): AccessKeyCalls =>
    accessKeyCalls(credentials, iamEndpoint(request, env, profile, files), userName);
  let device = knownDevice(request.serialNumber, profile, (id) => cache?.device(id))?.serialNumber;
  let session: Session | undefined;
  // A session without MFA cannot call IAM at all.
  const withMfa = async (keys: Credentials): Promise<AccessKeyCalls | undefined> => {
    if (!session) {
      const own = { ...chosen, profile: { ...profile, keys } };
      const found = await findDevice(request, own, ui, world);
      device = found.serialNumber;
      if (device === undefined) return undefined;
      ({ session } = await getSession(request, ui, world, { ...own, device: found }));
    }
    return iamAs(session);
  };

  const next = await rotate({
    profile: name,
    current,
    replaced: firstOf(documentsOf(files), (document) => replacedKey(document, current)),
    // Many policies want MFA for IAM. If the device is not known, AWS says whether MFA is needed.
    iam: async (as) => {
      const keys = as ? { ...as, sessionToken: undefined } : opened;
      return (device && (await withMfa(keys))) || unlessDenied(iamAs(keys), () => withMfa(keys));
    },
    keptSecret: async (id) => {
      const plain = firstOf(documentsOf(files), (document) => nextSecret(document, id));
      return plain ? new Secret(plain) : secretIn(stores, id, tools);
    },
    keep: async (key) => {
      for (const store of stores) await saveKey(store, key, tools);
      if (inFile) await editBoth(files, (document) => withNextKey(document, current, key));
    },
    prove: (key) => {
      const keys = { ...key, sessionToken: undefined };
      const proof = prove(arn, (seconds) => identify(keys, profile.name, sts, world.now, seconds));
      return ui.sayIfSlow('Waiting until AWS knows the new key …', proof);
    },
    switchTo: (key) => editBoth(files, (document) => switchedTo(document, current, key)),
    forget: async (id) => {
      for (const store of stores) await store.remove(id, tools);
      await editBoth(files, (document) => withoutReplaced(document, id));
      cache?.forget(id);
    },
    mayDelete: async ({ accessKeyId, isActive, created }) => {
      if (!ui.canAsk()) return false;
      const day = new Date(created * 1000).toISOString().slice(0, 10);
      const which = `${accessKeyId}, made on ${day}, ${isActive ? 'active' : 'inactive'}`;
      return askYes(ui, `${userName} has a second key, ${which}. Delete it?`, false);
    },
    say: ui.say,
  });
  // If the cache cannot be written, the next run asks again.
  orUndefined(() => {
    if (device) cache?.keepDevice(next.accessKeyId, device);
    if (next.created !== undefined) cache?.keepKeyCreated(next.accessKeyId, next.created);
  });
  ui.say(`${name}: the old key is deleted${device ? '; the next session asks for a code' : ''}`);
}

/** Repeats a call with MFA if a policy denies it. */
function unlessDenied(
  calls: AccessKeyCalls,
  withMfa: () => Promise<AccessKeyCalls | undefined>,
): AccessKeyCalls {
  const again = async <T>(call: (calls: AccessKeyCalls) => Promise<T>): Promise<T> => {
    try {
      return await call(calls);
    } catch (error) {
      const others = error instanceof UserError && error.code === 'iam-denied' ? await withMfa() : undefined;
      if (!others) throw error;
      return call(others);
    }
  };
  return {
    list: () => again((iam) => iam.list()),
    create: () => again((iam) => iam.create()),
    deactivate: (id) => again((iam) => iam.deactivate(id)),
    remove: (id) => again((iam) => iam.remove(id)),
  };
}

function firstOf<T>(all: readonly T[], find: (one: T) => string | undefined): string | undefined {
  return all.map(find).find(Boolean);
}

/** `arn:aws:iam::123456789012:user/path/NAME`. */
function userNameOf(arn: string, profile: string): string {
  const [, user] = /:user\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
  if (user) return user;
  throw new UserError(
    Exit.refused,
    'not-a-user',
    `The key of ${profile} belongs to ${printable(arn, 120)}, which is no IAM user`,
    'Keys of the root user are better deleted than rotated.',
  );
}

async function secretIn(stores: readonly KeyStore[], id: string, tools: Tools): Promise<Secret | undefined> {
  for (const store of stores) {
    const text = await store.read(id, tools);
    if (text !== undefined) return fromEntry(text, id, store).secretAccessKey;
  }
  return undefined;
}

/**
 * Waits until STS knows a new key; IAM's changes are not visible everywhere at once (IAM user guide, "Troubleshooting").
 *
 * @throws UserError after a minute, or for any other answer than "not known"
 */
async function prove(arn: string, ask: (seconds: number) => Promise<Identity>): Promise<void> {
  for (let tries = 0; ; tries++) {
    const answer = await ask(10).catch((error) => {
      if (!(error instanceof UserError) || error.code !== 'unknown-key') throw error;
      if (tries < 30) return undefined;
      throw new UserError(
        Exit.refused,
        'not-known-yet',
        'AWS does not know the new key after a minute',
        'Run awsmfa keys rotate again: it goes on with that key.',
      );
    });
    if (answer?.arn === arn) return;
    if (answer) {
      throw new UserError(
        Exit.refused,
        'wrong-key',
        `The new key belongs to ${printable(answer.arn, 120)}, not to ${printable(arn, 120)}`,
      );
    }
    await pause(Math.min(250 * 2 ** tries, 2000));
  }
}

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
 * and the profile uses it. A run continues where an earlier run ended: the list of IAM and the kept keys tell how far it got.
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

/** The key that an earlier run made, if its secret is kept. Deletes another key that leaves no room for a new one. */
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

/** IAM gives the secret in this answer alone: a key that cannot be kept is deleted again. */
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
    // The store may have kept the key without giving it back.
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
