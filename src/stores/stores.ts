import type { Credentials } from '../credentials.ts';
import { sayDuration } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { readOwn, removeOwn, replaceOwn } from '../files/disk.ts';
import type { Profile } from '../profile/profile.ts';
import { isCommand, isFile } from '../system/command.ts';
import { runOnTerminal } from '../system/configured.ts';
import type { Ran } from '../system/program.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { World } from '../world.ts';
import { dpapi } from './dpapi.ts';
import { keychain } from './keychain.ts';
import { onePassword } from './onepassword.ts';
import { pass } from './pass.ts';
import { secretService } from './secret-service.ts';
import {
  type Answer,
  fromEntry,
  goneFrom,
  type KeyStore,
  type Outside,
  type StoredKey,
  type Tools,
  toEntry,
} from './store.ts';

/** All stores. awsmfa proposes the first that is available: the system's own before a password manager. */
export const stores: readonly KeyStore[] = [keychain, dpapi, secretService, pass, onePassword];

/**
 * The store of this name.
 *
 * @param by what names it, for the error: `--store`, `awsmfa_key_store of profile "work"`
 * @throws UserError usage for an option or a variable, configuration for a file
 */
export function namedStore(name: string, by: string): KeyStore {
  const store = stores.find((known) => known.name === name.toLowerCase());
  if (store) return store;
  throw new UserError(
    by.includes('profile') ? Exit.configuration : Exit.usage,
    'no-such-store',
    `${by}: there is no key store "${printable(name, 40)}"`,
    `Take one of: ${stores.map((known) => known.name).join(', ')}.`,
  );
}

/** The stores that can be used here. */
export function usableStores(outside: Outside): readonly KeyStore[] {
  return stores.filter((store) => store.isThere(outside));
}

/**
 * Keeps a key, and checks that the store gives it back unchanged.
 *
 * @throws UserError refused: the store gave no answer, or gave back another text
 */
export async function saveKey(store: KeyStore, key: StoredKey, tools: Tools): Promise<void> {
  const entry = toEntry(key);
  await store.save(key.accessKeyId, entry, tools);
  const back = await store.read(key.accessKeyId, tools);
  // Programs print a line break after the entry.
  if (back?.replace(/\r?\n$/, '') === entry.reveal()) return;
  throw new UserError(
    Exit.refused,
    'key-not-kept',
    `${store.title} ${back === undefined ? 'did not keep the key' : 'gave back another text than it was given'}`,
    `Nothing was taken out of the file. Look at ${store.title}: ${store.unlock}`,
  );
}

/** @throws UserError: the store is locked, the entry is gone, or it is not the entry of this key */
export async function readKey(store: KeyStore, accessKeyId: string, tools: Tools): Promise<StoredKey> {
  const text = await store.read(accessKeyId, tools);
  if (text === undefined) throw goneFrom(store, accessKeyId);
  return fromEntry(text, accessKeyId, store);
}

/** The facts of this machine that detect a store. */
export function outsideOf(world: World): Outside {
  return {
    env: world.env,
    platform: world.platform,
    home: world.home,
    hasProgram: (name) => isCommand(name, world),
    hasFile: isFile,
  };
}

/**
 * The tools of a store on this machine. The program of a store has the terminal, to ask for a password or a touch, and the
 * time of `AWSMFA_PROCESS_TIMEOUT`.
 */
export function toolsOf(ui: Pick<Ui, 'terminal' | 'canAsk'>, world: World): Tools {
  return {
    ...outsideOf(world),
    mayAsk: ui.canAsk(),
    readFile: (path) => readOwn(path, 65_536)?.toString('utf8'),
    writeFile: replaceOwn,
    removeFile: removeOwn,
    run: async (words, input, env = {}) => {
      const program = { words, command: '', env, most: 1_048_576, direct: true, ...(input && { input }) };
      const { ran, seconds } = await runOnTerminal(program, { ...world, openTerminal: ui.terminal });
      return answerOf(ran, seconds);
    },
  };
}

/**
 * Credentials with their secret, which it reads from the key store that has it.
 *
 * @throws UserError: the store is locked, the key is gone, or the entry belongs to another key
 */
export async function openKeys(
  keys: Credentials,
  ui: Pick<Ui, 'terminal' | 'canAsk'>,
  world: World,
): Promise<Credentials> {
  const { store } = keys;
  if (!store) return keys;
  const { secretAccessKey } = await readKey(
    namedStore(store.value, store.by),
    keys.accessKeyId,
    toolsOf(ui, world),
  );
  return { accessKeyId: keys.accessKeyId, secretAccessKey, sessionToken: undefined };
}

/** A profile whose keys have their secret (`openKeys`). */
export async function openProfile(
  profile: Profile,
  ui: Pick<Ui, 'terminal' | 'canAsk'>,
  world: World,
): Promise<Profile> {
  if (profile.kind === 'role') return { ...profile, source: await openProfile(profile.source, ui, world) };
  return 'keys' in profile ? { ...profile, keys: await openKeys(profile.keys, ui, world) } : profile;
}

/** @throws UserError interrupted, when awsmfa was told to end */
function answerOf(ran: Ran, seconds: number): Answer {
  if (ran.ok) return { status: 0, stdout: ran.stdout, ending: 'succeeded' };
  const failed = (ending: string, status?: number): Answer => ({ status, stdout: '', ending });
  switch (ran.reason) {
    case 'interrupted':
      throw ran.why;
    case 'cannot-start':
      return { ...failed(`cannot be started (${ran.code})`), isMissing: true };
    case 'too-slow':
      return failed(`was ended after ${sayDuration(seconds)} (AWSMFA_PROCESS_TIMEOUT)`);
    case 'too-much':
      return failed('printed more than 1 MiB, and was ended');
    case 'failed':
      return failed(
        ran.status === undefined ? `was ended by ${ran.signal}` : `ended with exit status ${ran.status}`,
        ran.status,
      );
  }
}
