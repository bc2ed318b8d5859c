import { loadSharedFiles } from '../config/files.ts';
import { Exit, orUndefined, UserError } from '../errors.ts';
import type { SerialNumber } from '../mfa/device.ts';
import { askYes } from '../mfa/prompt.ts';
import { tokenSource } from '../mfa/sources.ts';
import type { KeysProfile, Settings } from '../profile/profile.ts';
import type { SessionRequest } from '../request.ts';
import { cacheOf } from '../session/cache.ts';
import { getSession } from '../session/get-session.ts';
import { outsideOf, usableStores } from '../stores/stores.ts';
import { wrongDevice } from '../sts/errors.ts';
import { optionWord, printable, profileWord, tilde } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { reportSession } from './env.ts';
import { type Guide, guideOf, type SetupOptions } from './setup/guide.ts';
import { type ChosenKeys, chooseKeys, profileOf } from './setup/keys.ts';
import {
  checkGivenName,
  chooseName,
  lacksProcessProfile,
  otherKeys,
  storeKeys,
  storeProcess,
  storeSettings,
} from './setup/profile.ts';
import { applyRc, planRc, type RcPlan, removeIntegration } from './setup/rc.ts';
import { chooseDevice, chooseRegion, findDevice } from './setup/settings.ts';

/**
 * `awsmfa setup`: from an access key to a shell that can hold a session. A user who has nothing yet answers four
 * questions at most, and gives one code.
 */
export async function setup(options: SetupOptions, ui: Ui, world: World): Promise<Outcome> {
  if (options.remove) await removeIntegration(options.rcFile, ui, world);
  else {
    const guide = guideOf(options, ui, world);
    await guided(guide).catch((error) => {
      throw interrupted(error, guide);
    });
  }
  return { stdout: '', exit: Exit.ok };
}

/** Asks and checks everything before it writes the first file, but for the code and the yes to the rc file. */
async function guided(guide: Guide): Promise<void> {
  const { options, ui, world } = guide;
  checkGivenName(guide);
  const rc = planRc(guide);
  const chosen = await chooseKeys(guide);
  const fresh = 'fresh' in chosen ? chosen.fresh : undefined;
  const profile = await profileFor(chosen, guide);
  const device = await chooseDevice(profile, guide);
  // A fifth question would be one too many. The last line says how to set a region.
  const isEnough = device.asked && fresh?.from === 'typing';
  const region = await chooseRegion(profile.setting, guide, !isEnough);
  const addsProcess = options.credentialProcess && lacksProcessProfile(profile.name, guide);

  if (fresh) {
    // Fails before the first file is written if a code cannot come from anywhere.
    if (device.serialNumber !== undefined) tokenSource({ code: options.request.code, ui, world, profile });
    await storeKeys(profile.name, fresh.keys, guide);
  }
  const serial = device.isConfigured ? undefined : device.serialNumber;
  await storeSettings(profile, { region, mfa_serial: serial }, guide);
  if (addsProcess) await storeProcess(profile, region, guide);
  await firstSession(profile, device.serialNumber, guide);
  if (typeof fresh?.from === 'object') {
    const path = tilde(fresh.from.csv, world.home);
    ui.say(`${path} still has the secret in it: delete it if you no longer need it`);
  }
  const loads = await applyRc(rc, guide);
  if (guide.written.length === 0) ui.say('All of it was there already: nothing is changed');
  await offerKeyStore(profile, guide);
  conclude(profile, region, rc, loads, ui);
}

async function profileFor(chosen: ChosenKeys, guide: Guide): Promise<KeysProfile> {
  if ('profile' in chosen) return chosen.profile;
  const { fresh } = chosen;
  const name = await chooseName(fresh, guide);
  const profile = profileOf(name, fresh.keys, guide);
  if (!otherKeys(name, fresh, guide)) return profile;
  // The device of the user whose keys are replaced is not the device of this one.
  const setting: Settings = (key) =>
    key === 'mfa_serial' || key === 'aws_mfa_device' ? undefined : profile.setting(key);
  return { ...profile, setting };
}

/**
 * Gets the session that proves the keys and the device. If AWS does not know the device, it asks for another one once.
 *
 * @param serialNumber undefined for a user without a device
 */
async function firstSession(
  profile: KeysProfile,
  serialNumber: SerialNumber | undefined,
  guide: Guide,
): Promise<void> {
  const { ui, world, options, env } = guide;
  if (serialNumber === undefined) {
    // Otherwise the session would look for a device again, and ask.
    orUndefined(() => cacheOf({ env, home: world.home })?.keepDevice(profile.keys.accessKeyId, ''));
  }
  const { serialNumber: asked } = options.request;
  const isOption = asked?.by.startsWith('--') ?? false;
  const request: SessionRequest = {
    ...options.request,
    choice: { name: profile.name, by: '--profile' },
    region: undefined,
    ...(serialNumber === undefined && {
      code: { ...options.request.code, given: undefined, fromStdin: undefined },
    }),
    // The option has been written to the profile.
    serialNumber: isOption ? undefined : asked,
  };
  const report = async () => reportSession(await getSession(request, ui, world), ui, world);
  try {
    await report();
  } catch (error) {
    const isWrong = error instanceof UserError && error.code === wrongDevice;
    if (!isWrong || !guide.asks || isOption) throw error;
    ui.warn(error.message);
    const { serialNumber: other } = await findDevice(profile, guide);
    if (other === undefined) throw error;
    await storeSettings(profile, { mfa_serial: other }, guide);
    await report();
  }
}

/** Offers to move the secret from the file into a key store, if there is one. */
async function offerKeyStore({ name, keys }: KeysProfile, guide: Guide): Promise<void> {
  const { ui, world, asks, options } = guide;
  if (!asks || options.yes || keys.store) return;
  const [store] = usableStores(outsideOf(world));
  if (!store) return;
  const shown = printable(name, 60);
  if (!(await askYes(ui, `Move the secret of ${shown} out of the file, into ${store.title}?`, false))) {
    ui.say(`To do it later: awsmfa keys store ${profileWord(name)}`);
    return;
  }
  const { moveToStore } = await import('./keys.ts');
  await moveToStore(keys.accessKeyId, store, loadSharedFiles(world), ui, world, shown);
}

/** What to do next, in a line or two. */
function conclude(
  { name, setting }: KeysProfile,
  region: string | undefined,
  { now }: RcPlan,
  loads: boolean,
  { say }: Ui,
): void {
  const word = profileWord(name);
  if (region === undefined && !setting('region')) {
    say(`No region yet; to set one: awsmfa setup ${optionWord('--profile', name)} --region eu-west-1`);
  }
  if (now === undefined) {
    say(`Next: eval "$(awsmfa env ${word})"`);
    return;
  }
  say(loads ? `Open a new terminal, or run: ${now}` : `In a shell that is to hold the session, run: ${now}`);
  say(`Then: awsmfa use ${word}`);
}

/** Says what is done so far, after an interrupt or a cancelled question. */
function interrupted(error: unknown, { written }: Guide): unknown {
  if (!(error instanceof UserError) || error.exit !== Exit.interrupted) return error;
  const soFar = written.length === 0 ? 'nothing was written' : 'what was written so far stays';
  return error.with({ message: `${error.message}: ${soFar}`, hint: 'To go on from there: awsmfa setup' });
}
