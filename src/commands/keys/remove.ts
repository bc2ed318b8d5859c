import { withoutStore, withoutStoredKey, withSecret } from '../../config/key-edit.ts';
import { shortKey } from '../../credentials.ts';
import { Exit, UserError } from '../../errors.ts';
import { cacheDirectory, openCache } from '../../session/cache.ts';
import type { Chosen } from '../../session/get-session.ts';
import type { Tools } from '../../stores/store.ts';
import { readKey, toolsOf } from '../../stores/stores.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import { askYes } from '../questions.ts';
import {
  editBoth,
  type KeysOptions,
  keyOfProfile,
  type PlacedSection,
  sectionsWith,
  shownPlace,
  storesOf,
} from './key.ts';
import { withWorking } from './rotation.ts';

/**
 * `awsmfa keys remove work`: forgets a key that is in a store, or puts its secret back into the file. The line that names the
 * store goes last: a run that was ended before that can be repeated.
 */
export async function removeKey(options: KeysOptions, ui: Ui, world: World): Promise<void> {
  const { chosen, keys, name } = keyOfProfile(options, ui, world);
  const { accessKeyId } = keys;
  const { files } = chosen;
  const sections = sectionsWith(files, accessKeyId);
  const stores = storesOf(sections, name);
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
    const place = await putBack(accessKeyId, files, tools, name).catch((error) => {
      throw withWorking(error, `The secret is still in ${titles}`);
    });
    try {
      await empty();
      await editBoth(files, (document) => withoutStore(document, accessKeyId));
    } catch (error) {
      throw withWorking(error, `The secret is in ${shownPlace(place, world)}, and may be in ${titles} too`);
    }
    ui.say(
      `${name}: the secret of ${short} is in ${shownPlace(place, world)} again, and no longer in ${titles}`,
    );
    return;
  }
  if (!options.yes && !(await asked(name, short, ui))) {
    ui.say('Nothing was changed');
    return;
  }
  await empty();
  await editBoth(files, (document) => withoutStoredKey(document, accessKeyId));
  const directory = cacheDirectory(chosen.env, world.home);
  const count = directory === undefined ? 0 : openCache(directory).forget(accessKeyId);
  ui.say(
    `${name}: forgot the key ${short} and ${count} session${count === 1 ? '' : 's'}. IAM still has the key: delete it there if nobody needs it`,
  );
}

/**
 * Writes the secret into every section that names a store instead.
 *
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
  if (!place || stored().length > 0) throw notWritten(name);
  return place;
}

async function asked(name: string, short: string, ui: Ui): Promise<boolean> {
  if (!ui.canAsk()) {
    throw new UserError(
      Exit.cannotAsk,
      'cannot-ask',
      `The secret of ${short} is nowhere but in the key store, and ${ui.whyNot}`,
      'Add --yes to forget it, or --to-file to put it back into the file.',
    );
  }
  return askYes(`Forget the key ${short} of ${name}? Its secret is nowhere else`, false, ui);
}

function notWritten(name: string): UserError {
  return new UserError(
    Exit.failed,
    'cannot-write',
    `The secret of ${name} did not arrive in the file, and stays in the key store`,
    'Somebody else may be changing the file. Try again.',
  );
}
