import { loadSharedFiles } from '../config/files.ts';
import { linesWith, withoutStore, withoutStoredKey, withSecret, withStore } from '../config/key-edit.ts';
import { Secret, shortKey } from '../credentials.ts';
import { Exit, orUndefined, UserError } from '../errors.ts';
import { askYes } from '../mfa/prompt.ts';
import type { Setting } from '../request.ts';
import { cacheOf } from '../session/cache.ts';
import type { Chosen } from '../session/get-session.ts';
import type { KeyStore, StoredKey, Tools } from '../stores/store.ts';
import { namedStore, outsideOf, readKey, saveKey, toolsOf, usableStores } from '../stores/stores.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import {
  askCreated,
  documentsOf,
  editBoth,
  type KeysOptions,
  keyOfProfile,
  type PlacedSection,
  sectionsWith,
  shownPlace,
  storesOf,
  withWorking,
} from './keys/key.ts';
import { rotateKey } from './keys/rotate.ts';

/** `awsmfa keys`: long-term keys into and out of a key store, and a new key for an old one. */
export async function keys(options: KeysOptions, ui: Ui, world: World): Promise<Outcome> {
  const { AWSMFA_SCOPE: scope } = world.env;
  if (scope) {
    throw new UserError(
      Exit.refused,
      'scoped',
      `The credentials here are narrowed to ${printable(scope, 100)}, and awsmfa keys works with whole ones`,
      'Run it in a shell outside of the scope.',
    );
  }
  if (options.action === 'store') await (options.all ? storeAll : storeKey)(options, ui, world);
  else if (options.action === 'rotate') await rotateKey(options, ui, world);
  else await removeKey(options, ui, world);
  return { stdout: '', exit: Exit.ok };
}

/** `awsmfa keys store work`: the secret of its access key into a key store. */
async function storeKey(options: KeysOptions, ui: Ui, world: World): Promise<void> {
  const { chosen, keys, profile, name } = keyOfProfile(options, ui, world);
  const store = chosenStore(options.store, world);
  await moveToStore(keys.accessKeyId, store, chosen.files, ui, world, name);
  const created = await askCreated(profile, chosen, options.request, ui, world);
  if (created === undefined) return;
  // For `list` and `status`, which ask nobody. doctor reports a cache that cannot be written.
  const cache = cacheOf({ ...world, env: chosen.env });
  orUndefined(() => cache?.keepKeyCreated(keys.accessKeyId, created));
}

/** `awsmfa keys store --all`: every long-term key of the two files. A key that cannot be stored does not stop the others. */
async function storeAll(options: KeysOptions, ui: Ui, world: World): Promise<void> {
  const files = loadSharedFiles(world);
  const store = chosenStore(options.store, world);
  const sections = sectionsWith(files).filter(
    ({ secret, store, isTemporary, accessKeyId }) =>
      (secret || store) && !isTemporary && !accessKeyId.startsWith('ASIA'),
  );
  if (sections.length === 0) {
    throw new UserError(
      Exit.configuration,
      'no-long-term-keys',
      `There is no long-term access key in ${printable(files.credentialsPath)} or ${printable(files.configPath)}`,
      'Put one there with: awsmfa setup',
    );
  }
  const names = new Map<string, string>();
  for (const { accessKeyId: id, name } of sections) names.set(id, names.get(id) ?? name);
  let failed: UserError | undefined;
  for (const [id, name] of names) {
    try {
      await moveToStore(id, store, files, ui, world, printable(name, 60));
    } catch (error) {
      if (!(error instanceof UserError) || error.exit === Exit.interrupted) throw error;
      ui.warn(`${shortKey(id)}: ${error.message}`);
      failed = error;
    }
  }
  if (failed) throw failed.with({ message: 'Not every key could be stored' });
}

const ofItsSystem = 'It belongs to another system. Without --store, the first store that is there is taken.';

const howToGet: Readonly<Record<string, string>> = {
  pass: 'Install pass, and make a store with: pass init GPG-ID',
  keychain: ofItsSystem,
  dpapi: ofItsSystem,
};

/**
 * The store that is asked for, else the first that is there.
 *
 * @throws UserError when it is not there, with what would be needed
 */
function chosenStore(asked: Setting | undefined, world: World): KeyStore {
  const outside = outsideOf(world);
  const store = asked ? namedStore(asked.value, asked.by) : usableStores(outside)[0];
  if (store?.isThere(outside)) return store;
  const [message, hint] =
    asked && store
      ? [
          `${asked.by}: ${store.title} is not there, or not set up: awsmfa runs ${store.program}`,
          howToGet[store.name] ?? `Install ${store.program}.`,
        ]
      : [
          'There is no key store here that awsmfa can use',
          'Install secret-tool, pass or op. pass needs a store as well: pass init GPG-ID',
        ];
  throw new UserError(Exit.configuration, 'no-key-store', message, hint);
}

/**
 * Moves the secret of an access key out of both files, or out of another store. The file changes only after the store has
 * given the key back. If awsmfa ends at any point, the key is in the file, in the store, or in both.
 *
 * @param name of the profile, for messages
 */
export async function moveToStore(
  accessKeyId: string,
  store: KeyStore,
  files: Chosen['files'],
  ui: Ui,
  world: World,
  name: string,
): Promise<void> {
  const tools = toolsOf(ui, world);
  const short = shortKey(accessKeyId);
  const sections = sectionsWith(files, accessKeyId);
  const [plain, second] = new Set(sections.flatMap(({ secret }) => secret ?? []));
  if (second !== undefined) throw twoSecrets(sections, world);
  const others = storesOf(sections, name).filter((each) => each.name !== store.name);
  const key: StoredKey = plain
    ? { accessKeyId, secretAccessKey: new Secret(plain) }
    : await readKey(others[0] ?? store, accessKeyId, tools);
  if (plain === undefined && others.length === 0) {
    ui.say(`${name}: the secret of ${short} is in ${store.title} already`);
    return;
  }
  await saveKey(store, key, tools);
  await editBoth(files, (document) => withStore(document, key, store.name)).catch((error) => {
    throw withWorking(error, `The secret is in ${store.title}, and still where it was`);
  });
  const places = sectionsWith(files, accessKeyId).map((section) => shownPlace(section, world));
  const nameIt = `${places.join(' and ')} name${places.length === 1 ? 's' : ''} it`;
  ui.say(`${name}: the secret of ${short} is in ${store.title} now (${nameIt})`);
  for (const other of others) {
    await other.remove(accessKeyId, tools);
    ui.say(`${name}: removed it from ${other.title}`);
  }
  // A comment, a backup of a section, or [DEFAULT] may still have the secret.
  for (const document of documentsOf(files)) {
    for (const line of linesWith(document, key.secretAccessKey.reveal())) {
      ui.warn(
        `The secret still stands in ${shownPlace({ path: document.path, line }, world)}: remove it by hand`,
      );
    }
  }
}

function twoSecrets(sections: readonly PlacedSection[], world: World): UserError {
  const places = sections.filter(({ secret }) => secret).map((section) => shownPlace(section, world));
  return new UserError(
    Exit.configuration,
    'two-secrets',
    `The same access key has different secrets in ${places.join(' and ')}`,
    'One of them is wrong. Remove it first. Nothing was changed.',
  );
}

/**
 * `awsmfa keys remove work`: forgets a key that is in a store, or puts its secret back into the file. The line that names the
 * store goes last: a run that was ended before that can be repeated.
 */
async function removeKey(options: KeysOptions, ui: Ui, world: World): Promise<void> {
  const { chosen, keys, name } = keyOfProfile(options, ui, world);
  const { accessKeyId } = keys;
  const { files } = chosen;
  const stores = storesOf(sectionsWith(files, accessKeyId), name);
  if (stores.length === 0 || !(keys.store || options.toFile)) {
    throw new UserError(
      Exit.configuration,
      'not-in-a-store',
      `The key of ${name} is in no key store: its secret stands in ${shownPlace(keys.place(), world)}`,
      `To put it into a store: awsmfa keys store. To remove it, edit the file.`,
    );
  }
  const tools = toolsOf(ui, world);
  const short = shortKey(accessKeyId);
  const empty = async () => {
    for (const store of stores) await store.remove(accessKeyId, tools);
  };
  if (options.toFile) {
    const titles = stores.map(({ title }) => title).join(' and ');
    const section = await putBack(accessKeyId, files, tools, name).catch((error) => {
      throw withWorking(error, `The secret is still in ${titles}`);
    });
    const place = shownPlace(section, world);
    try {
      await empty();
      await editBoth(files, (document) => withoutStore(document, accessKeyId));
    } catch (error) {
      throw withWorking(error, `The secret is in ${place}, and may be in ${titles} too`);
    }
    ui.say(`${name}: the secret of ${short} is in ${place} again, and no longer in ${titles}`);
    return;
  }
  if (!options.yes && !(await askForget(name, short, ui))) {
    ui.say('Nothing was changed');
    return;
  }
  await empty();
  await editBoth(files, (document) => withoutStoredKey(document, accessKeyId));
  const count = cacheOf({ ...world, env: chosen.env })?.forget(accessKeyId) ?? 0;
  const sessions = `${count} session${count === 1 ? '' : 's'}`;
  ui.say(
    `${name}: forgot the key ${short} and ${sessions}. IAM still has the key: delete it there if nobody needs it`,
  );
}

/**
 * Writes the secret into every section that names a store instead.
 *
 * @returns the first section that has it
 * @throws UserError when the store does not have it, or it did not arrive
 */
async function putBack(
  accessKeyId: string,
  files: Chosen['files'],
  tools: Tools,
  name: string,
): Promise<PlacedSection> {
  const sections = () => sectionsWith(files, accessKeyId);
  const stored = () => sections().filter(({ secret, store }) => secret === undefined && store);
  const [store] = storesOf(stored(), name);
  if (store) {
    const key = await readKey(store, accessKeyId, tools);
    await editBoth(files, (document) => withSecret(document, key));
  }
  const [place] = sections();
  if (place && stored().length === 0) return place;
  throw new UserError(
    Exit.failed,
    'cannot-write',
    `The secret of ${name} did not arrive in the file, and stays in the key store`,
    'Another program may be changing the file. Try again.',
  );
}

async function askForget(name: string, short: string, ui: Ui): Promise<boolean> {
  if (!ui.canAsk()) {
    throw new UserError(
      Exit.cannotAsk,
      'cannot-ask',
      `The secret of ${short} is nowhere but in the key store, and ${ui.whyNot}`,
      'Add --yes to forget it, or --to-file to put it back into the file.',
    );
  }
  return askYes(ui, `Forget the key ${short} of ${name}? Its secret is nowhere else`, false);
}
