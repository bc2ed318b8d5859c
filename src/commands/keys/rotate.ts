import { setTimeout as pause } from 'node:timers/promises';
import { nextSecret, replacedKey, switchedTo, withNextKey, withoutReplaced } from '../../config/key-edit.ts';
import type { Credentials, Session } from '../../credentials.ts';
import { Exit, UserError } from '../../errors.ts';
import { knownDevice } from '../../mfa/device.ts';
import { printable } from '../../printable.ts';
import { Secret } from '../../secret.ts';
import { cacheDirectory, openCache } from '../../session/cache.ts';
import { findDevice, getSession } from '../../session/get-session.ts';
import type { KeyStore } from '../../stores/store.ts';
import { fromEntry } from '../../stores/store.ts';
import { openKeys, saveKey, toolsOf } from '../../stores/stores.ts';
import { iamEndpoint, stsEndpoint } from '../../sts/endpoint.ts';
import { type AccessKeyCalls, accessKeyCalls } from '../../sts/iam.ts';
import { type Identity, identify } from '../../sts/identity.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import { askYes } from '../questions.ts';
import { documentAt, editBoth, type KeysOptions, keyOfProfile, sectionsWith, storesOf } from './key.ts';
import { rotate } from './rotation.ts';

/** `awsmfa keys rotate work`: a new access key in place of the old one, where the old one is, file or store. */
export async function rotateKey(options: KeysOptions, ui: Ui, world: World): Promise<void> {
  const { chosen, profile, keys, name } = keyOfProfile(options, ui, world);
  const { files, env } = chosen;
  const { request } = options;
  const current = keys.accessKeyId;
  const tools = toolsOf(ui, world);
  const sections = sectionsWith(files, current);
  const stores = storesOf(
    sections.filter(({ secret }) => secret === undefined),
    name,
  );
  const inFile = sections.some(({ secret }) => secret !== undefined);
  const documents = () => [files.credentialsPath, files.configPath].map(documentAt);
  const directory = cacheDirectory(env, world.home);
  const cache = directory === undefined ? undefined : openCache(directory);

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
      const asUser = { ...request, role: withoutRole };
      ({ session } = await getSession(asUser, ui, world, { ...own, device: found }));
    }
    return iamAs(session);
  };

  const next = await rotate({
    profile: name,
    current,
    replaced: documents()
      .map((document) => replacedKey(document, current))
      .find(Boolean),
    // Many policies want MFA for IAM. Where the device is not known, AWS says whether it is needed.
    iam: async (as) => {
      const keys = as ? { ...as, sessionToken: undefined } : opened;
      return (device && (await withMfa(keys))) || unlessDenied(iamAs(keys), () => withMfa(keys));
    },
    keptSecret: async (id) => {
      const plain = documents()
        .map((document) => nextSecret(document, id))
        .find(Boolean);
      return plain ? new Secret(plain) : secretIn(stores, id, tools);
    },
    keep: async (key) => {
      for (const store of stores) await saveKey(store, key, tools);
      if (inFile) await editBoth(files, (document) => withNextKey(document, current, key));
    },
    prove: (key) =>
      prove(arn, (seconds) =>
        identify({ ...key, sessionToken: undefined }, profile.name, sts, world.now, seconds),
      ),
    switchTo: (key) => editBoth(files, (document) => switchedTo(document, current, key)),
    forget: async (id) => {
      for (const store of stores) await store.remove(id, tools);
      await editBoth(files, (document) => withoutReplaced(document, id));
      cache?.forget(id);
    },
    mayDelete: async ({ accessKeyId, isActive, created }) => {
      if (!ui.canAsk()) return false;
      const day = new Date(created * 1000).toISOString().slice(0, 10);
      return askYes(
        `${userName} has a second key, ${accessKeyId}, made on ${day}, ${isActive ? 'active' : 'inactive'}. Delete it?`,
        false,
        ui,
      );
    },
    say: ui.say,
  });
  // What cannot be written is found out again by the next run.
  attempt(() => {
    if (device) cache?.keepDevice(next.accessKeyId, device);
    if (next.created !== undefined) cache?.keepKeyCreated(next.accessKeyId, next.created);
  });
  ui.say(`${name}: the old key is deleted${device ? '; the next session asks for a code' : ''}`);
}

/** The same calls, again with MFA where a policy denies one. */
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

function attempt(write: () => void): void {
  try {
    write();
  } catch {
    // A convenience.
  }
}

const withoutRole = {
  arn: undefined,
  sessionName: undefined,
  externalId: undefined,
  sourceIdentity: undefined,
  tags: undefined,
  transitiveTagKeys: undefined,
  policy: undefined,
  policyArns: undefined,
};

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

async function secretIn(
  stores: readonly KeyStore[],
  id: string,
  tools: ReturnType<typeof toolsOf>,
): Promise<Secret | undefined> {
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
    try {
      const identity = await ask(10);
      if (identity.arn === arn) return;
      throw new UserError(
        Exit.refused,
        'wrong-key',
        `The new key belongs to ${printable(identity.arn, 120)}, not to ${printable(arn, 120)}`,
      );
    } catch (error) {
      const isUnknown = error instanceof UserError && error.code === 'unknown-key';
      if (!isUnknown || tries >= 30) throw isUnknown ? notYet() : error;
    }
    await pause(Math.min(250 * 2 ** tries, 2000));
  }
}

function notYet(): UserError {
  return new UserError(
    Exit.refused,
    'not-known-yet',
    'AWS does not know the new key after a minute',
    'Run awsmfa keys rotate again: it goes on with that key.',
  );
}
