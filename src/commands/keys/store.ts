import { loadSharedFiles } from '../../config/files.ts';
import { linesWith, withStore } from '../../config/key-edit.ts';
import { shortKey } from '../../credentials.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import type { Setting } from '../../request.ts';
import { Secret } from '../../secret.ts';
import type { Chosen } from '../../session/get-session.ts';
import type { KeyStore, StoredKey } from '../../stores/store.ts';
import {
  namedStore,
  outsideOf,
  readKey,
  saveKey,
  stores,
  toolsOf,
  usableStores,
} from '../../stores/stores.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import { askCreated, keepCreated } from './age.ts';
import {
  documentAt,
  editBoth,
  type KeysOptions,
  keyOfProfile,
  type PlacedSection,
  sectionsWith,
  shownPlace,
} from './key.ts';
import { withWorking } from './rotation.ts';

/** `awsmfa keys store work`: the secret of its access key into a key store. */
export async function storeKey(options: KeysOptions, ui: Ui, world: World): Promise<void> {
  const { chosen, keys, profile, name } = keyOfProfile(options, ui, world);
  const store = chosenStore(options.store, world);
  await moveToStore(keys.accessKeyId, store, chosen.files, ui, world, name);
  const created = await askCreated(profile, chosen, options.request, ui, world);
  keepCreated(keys.accessKeyId, created, chosen, world);
}

/** `awsmfa keys store --all`: every long-term key of the two files. One that cannot be stored is said, and does not stop the others. */
export async function storeAll(options: KeysOptions, ui: Ui, world: World): Promise<void> {
  const files = loadSharedFiles(world);
  const store = chosenStore(options.store, world);
  const sections = sectionsWith(files).filter(
    ({ secret, store, isTemporary, accessKeyId }) =>
      (secret || store) && !isTemporary && !accessKeyId.startsWith('ASIA'),
  );
  const ids = [...new Set(sections.map(({ accessKeyId }) => accessKeyId))];
  if (ids.length === 0) {
    throw new UserError(
      Exit.configuration,
      'no-long-term-keys',
      `There is no long-term access key in ${printable(files.credentialsPath)} or ${printable(files.configPath)}`,
      'Put one there with: awsmfa setup',
    );
  }
  let failed: UserError | undefined;
  for (const id of ids) {
    const first = sections.find(({ accessKeyId }) => accessKeyId === id);
    try {
      await moveToStore(id, store, files, ui, world, printable(first?.name ?? '', 60));
    } catch (error) {
      if (!(error instanceof UserError) || error.exit === Exit.interrupted) throw error;
      ui.warn(`${shortKey(id)}: ${error.message}`);
      failed = error;
    }
  }
  if (!failed) return;
  throw new UserError(failed.exit, failed.code, 'Not every key could be stored', failed.hint);
}

/**
 * The store that is asked for, else the first that is there.
 *
 * @throws UserError when it is not there, with what would be needed
 */
function chosenStore(asked: Setting | undefined, world: World): KeyStore {
  const outside = outsideOf(world);
  if (asked) {
    const store = namedStore(asked.value, asked.by);
    if (store.isThere(outside)) return store;
    throw new UserError(
      Exit.configuration,
      'no-key-store',
      `${asked.by}: ${store.title} is not there, or not set up: awsmfa runs ${store.program}`,
      store.name === 'pass'
        ? 'Install pass, and make a store with: pass init GPG-ID'
        : `Install ${store.program}.`,
    );
  }
  const [first] = usableStores(outside);
  if (first) return first;
  throw new UserError(
    Exit.configuration,
    'no-key-store',
    'There is no key store here that awsmfa can use',
    `Install one of the programs that it runs: ${stores.map(({ program }) => program).join(', ')}.`,
  );
}

/**
 * Moves the secret of an access key out of both files, or out of another store. The file changes only after the store has
 * given the key back. Ended anywhere, it leaves the key in the file, in the store, or in both.
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
  const sections = sectionsWith(files, accessKeyId);
  const secrets = [...new Set(sections.flatMap(({ secret }) => secret ?? []))];
  if (secrets.length > 1) throw twoSecrets(sections, world);
  const others = [...new Set(sections.flatMap((each) => each.store ?? []))].filter(
    (each) => each !== store.name,
  );
  const [plain] = secrets;
  const isDone = plain === undefined && others.length === 0;
  const key: StoredKey = plain
    ? { accessKeyId, secretAccessKey: new Secret(plain) }
    : await readKey(
        others[0] ? namedStore(others[0], `awsmfa_key_store of profile "${name}"`) : store,
        accessKeyId,
        tools,
      );
  if (isDone) {
    ui.say(`${name}: the secret of ${shortKey(accessKeyId)} is in ${store.title} already`);
    return;
  }
  await saveKey(store, key, tools);
  await editBoth(files, (document) => withStore(document, key, store.name)).catch((error) => {
    throw withWorking(error, `The secret is in ${store.title}, and still where it was`);
  });
  const places = sectionsWith(files, accessKeyId).map((section) => shownPlace(section, world));
  ui.say(
    `${name}: the secret of ${shortKey(accessKeyId)} is in ${store.title} now (${places.join(' and ')} name${places.length === 1 ? 's' : ''} it)`,
  );
  for (const other of others) {
    await namedStore(other, 'awsmfa_key_store').remove(accessKeyId, tools);
    ui.say(`${name}: removed it from ${namedStore(other, 'awsmfa_key_store').title}`);
  }
  sayWhatIsLeft(key, files, ui, world);
}

/** A comment, a backup of a section, or [DEFAULT] may still have the secret. */
function sayWhatIsLeft({ secretAccessKey }: StoredKey, files: Chosen['files'], ui: Ui, world: World): void {
  for (const path of [files.credentialsPath, files.configPath]) {
    for (const line of linesWith(documentAt(path), secretAccessKey.reveal())) {
      ui.warn(`The secret still stands in ${shownPlace({ path, line }, world)}: remove it by hand`);
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
