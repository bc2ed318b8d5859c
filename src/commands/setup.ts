import { loadSharedFiles } from '../config/files.ts';
import { Exit, UserError } from '../errors.ts';
import { tokenSource } from '../mfa/sources.ts';
import { printable, tilde } from '../printable.ts';
import type { KeysProfile, Settings } from '../profile/profile.ts';
import { optionWord, profileWord } from '../shell-word.ts';
import { usableStores } from '../stores/stores.ts';
import { outsideOf } from '../stores/tools.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { profileOf } from './setup/check-keys.ts';
import { firstSession } from './setup/first-session.ts';
import { type Guide, guideOf, type SetupOptions } from './setup/guide.ts';
import { type ChosenKeys, chooseKeys } from './setup/keys.ts';
import { checkGivenName, chooseName, stateOf } from './setup/name.ts';
import { askYes } from './setup/questions.ts';
import { applyRc, planRc, type RcPlan, removeIntegration } from './setup/rc.ts';
import { chooseDevice, chooseRegion } from './setup/settings.ts';
import { lacksProcessProfile, storeKeys, storeProcess, storeSettings } from './setup/store.ts';

/**
 * `awsmfa setup`: from an access key to a shell that can hold a session. Who has nothing yet answers four questions
 * at most, and gives one code.
 */
export async function setup(
  options: SetupOptions & { readonly remove: boolean },
  ui: Ui,
  world: World,
): Promise<Outcome> {
  if (options.remove) {
    await removeIntegration(options.rcFile, ui, world);
    return done;
  }
  const guide = guideOf(options, ui, world);
  try {
    await guided(guide);
  } catch (error) {
    throw interrupted(error, guide);
  }
  return done;
}

const done: Outcome = { stdout: '', exit: Exit.ok };

/** Everything is asked and looked at before the first file is written, but for the code and the yes to the rc file. */
async function guided(guide: Guide): Promise<void> {
  const { options, ui, world } = guide;
  checkGivenName(guide);
  const rc = planRc(guide);
  const chosen = await chooseKeys(guide);
  const profile = await profileFor(chosen, guide);
  const device = await chooseDevice(profile, guide);
  // A fifth question would be one too many; whom it is spared is told how to set one.
  const isEnough = device.asked && 'fresh' in chosen && chosen.fresh.from === 'typing';
  const region = await chooseRegion(profile.setting, guide, !isEnough);
  const addsProcess = options.credentialProcess && lacksProcessProfile(profile.name, guide);

  // Where a code cannot come from anywhere, that is said before the first file is written, and not after.
  if ('fresh' in chosen && device.serialNumber !== undefined)
    tokenSource({ code: options.request.code, ui, world, profile });

  if ('fresh' in chosen) await storeKeys(profile.name, chosen.fresh.keys, guide);
  const serial = device.isConfigured ? undefined : device.serialNumber;
  await storeSettings(profile, { region, mfa_serial: serial }, guide);
  if (addsProcess) await storeProcess(profile, region, guide);
  await firstSession(profile, device.serialNumber, guide);
  if ('fresh' in chosen && typeof chosen.fresh.from === 'object') {
    guide.say(
      `${tilde(chosen.fresh.from.csv, world.home)} still has the secret in it: delete it if it is of no more use`,
    );
  }
  const loads = await applyRc(rc, guide);
  if (guide.written.length === 0) guide.say('All of it was there already: nothing is changed');
  await offerKeyStore(profile, guide);
  conclude(profile, region, rc, loads, guide);
}

async function profileFor(chosen: ChosenKeys, guide: Guide): Promise<KeysProfile> {
  if ('profile' in chosen) return chosen.profile;
  const { fresh } = chosen;
  const name = await chooseName(fresh, guide);
  const profile = profileOf(name, fresh.keys, guide);
  if (stateOf(name, fresh, guide) === 'free') return profile;
  // The device of the user whose keys are replaced is not the device of this one.
  const setting: Settings = (key) =>
    key === 'mfa_serial' || key === 'aws_mfa_device' ? undefined : profile.setting(key);
  return { ...profile, setting };
}

/** The last question, where a key store could have the secret that lies in a file. */
async function offerKeyStore({ name, keys }: KeysProfile, guide: Guide): Promise<void> {
  const { ui, world, asks, options } = guide;
  if (!asks || options.yes || keys.store) return;
  const [store] = usableStores(outsideOf(world));
  if (!store) return;
  const question = `Move the secret of ${printable(name, 60)} out of the file, into ${store.title}?`;
  if (!(await askYes(question, false, ui))) {
    guide.say(`To do it later: awsmfa keys store ${profileWord(name)}`);
    return;
  }
  const { moveToStore } = await import('./keys/store.ts');
  await moveToStore(keys.accessKeyId, store, loadSharedFiles(world), ui, world, printable(name, 60));
}

/** What to do next, in a line or two. */
function conclude(
  { name, setting }: KeysProfile,
  region: string | undefined,
  { now }: RcPlan,
  loads: boolean,
  { say }: Guide,
): void {
  const word = profileWord(name);
  if (region === undefined && !setting('region')) {
    say(`No region yet; to set one: awsmfa setup ${optionWord('--profile', name)} --region eu-west-1`);
  }
  if (now === undefined) say(`Next: eval "$(awsmfa env ${word})"`);
  else if (loads) say(`Open a new terminal, or run: ${now}`);
  else say(`In a shell that is to hold the session, run: ${now}`);
  if (now !== undefined) say(`Then: awsmfa use ${word}`);
}

/** Says what is done so far, after an interrupt or a cancelled question. */
function interrupted(error: unknown, { written }: Guide): unknown {
  if (!(error instanceof UserError) || error.exit !== Exit.interrupted) return error;
  const message = `${error.message}: ${written.length === 0 ? 'nothing was written' : 'what was written so far stays'}`;
  return new UserError(error.exit, error.code, message, 'To go on from there: awsmfa setup');
}
