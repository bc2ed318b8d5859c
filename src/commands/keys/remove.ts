import { withoutStoredKey, withSecret } from '../../config/key-edit.ts';
import { shortKey } from '../../credentials.ts';
import { Exit, UserError } from '../../errors.ts';
import { cacheDirectory, openCache } from '../../session/cache.ts';
import { namedStore, readKey } from '../../stores/stores.ts';
import { toolsOf } from '../../stores/tools.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import { askYes } from '../setup/questions.ts';
import { editBoth, type KeysOptions, keyOfProfile, sectionsWith, shownPlace } from './key.ts';

/**
 * `awsmfa keys remove work`: forgets a key that is in a store, or puts its secret back into the file. The file changes
 * first: a key that is in both works, and one that is in neither is lost.
 */
export async function removeKey(options: KeysOptions, ui: Ui, world: World): Promise<void> {
  const { chosen, keys, name } = keyOfProfile(options, ui, world);
  const { accessKeyId } = keys;
  if (!keys.store) {
    throw new UserError(
      Exit.configuration,
      'not-in-a-store',
      `The key of ${name} is in no key store: its secret stands in ${shownPlace(keys.place(), world)}`,
      `To put it into a store: awsmfa keys store. To remove it, edit the file.`,
    );
  }
  const store = namedStore(keys.store.value, keys.store.by);
  const tools = toolsOf(ui, world);
  const short = shortKey(accessKeyId);
  if (options.toFile) {
    const key = await readKey(store, accessKeyId, tools);
    await editBoth(chosen.files, (document) => withSecret(document, key));
    const [section] = sectionsWith(chosen.files, accessKeyId);
    if (section?.secret !== key.secretAccessKey.reveal()) throw notWritten(name);
    await store.remove(accessKeyId, tools);
    ui.say(
      `${name}: the secret of ${short} is in ${shownPlace(section, world)} again, and no longer in ${store.title}`,
    );
    return;
  }
  if (!options.yes && !(await asked(name, short, ui))) {
    ui.say('Nothing was changed');
    return;
  }
  await editBoth(chosen.files, (document) => withoutStoredKey(document, accessKeyId));
  await store.remove(accessKeyId, tools);
  const directory = cacheDirectory(chosen.env, world.home);
  const count = directory === undefined ? 0 : openCache(directory).forget(accessKeyId);
  ui.say(
    `${name}: forgot the key ${short} and ${count} session${count === 1 ? '' : 's'}. IAM still has the key: delete it there if nobody needs it`,
  );
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
