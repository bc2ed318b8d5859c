import type { SharedFiles } from '../config/files.ts';
import { deviceOfUser } from '../credentials.ts';
import { UserError } from '../errors.ts';
import { printable, tilde } from '../printable.ts';
import { writeMfaSerial } from '../profile/mfa-serial.ts';
import { type KeysProfile, type Profile, sourceOf } from '../profile/profile.ts';
import type { SessionRequest } from '../request.ts';
import { optionWord, profileWord } from '../shell-word.ts';
import { iamEndpoint, stsEndpoint } from '../sts/endpoint.ts';
import type { Ui } from '../ui.ts';
import type { Environment, World } from '../world.ts';
import { type KnownDevice, namedDevice, type SerialNumber } from './device.ts';
import { cannotAskForDevice, neither, onlyUnusable } from './device-errors.ts';
import { type Discovery, discoverDevices } from './discover.ts';
import { tokenSource } from './sources.ts';

export interface FoundDevice extends KnownDevice {
  /** Remembers what was found or answered. Call it after STS has accepted the device. */
  readonly keep: () => Promise<void>;
}

/** Where a device is looked for, and who is asked. */
export interface Search {
  readonly request: Pick<SessionRequest, 'serialNumber' | 'code' | 'region' | 'stsRegion'>;
  readonly profile: Profile;
  /** Without the region that awsmfa itself put there. */
  readonly env: Environment;
  readonly files: SharedFiles;
  readonly ui: Ui;
  readonly world: World;
  /** Remembers the device of an access key, `''` for none; it may throw. */
  readonly remember: (accessKeyId: string, serialNumber: string) => void;
}

/**
 * The device of long-term keys for which nobody names one: what IAM lists, else an answer. On a terminal one question
 * more is asked, whether it shall be remembered as `mfa_serial`. Where no code could come from anywhere, only a user
 * without a device has a session before him, and AWS has half a second to say that he is one.
 *
 * @throws UserError cannotAsk, with what it may be; configuration, when the user has only devices that STS cannot use
 */
export async function findDevice(search: Search): Promise<FoundDevice> {
  const root = sourceOf(search.profile) as KeysProfile;
  const noCode = whyNoCode(search);
  const discovery = await discover(root, search, noCode && 0.5);
  const { usable, unusable, denied } = discovery;
  const name = printable(root.name, 60);
  if (unusable.length > 0 && usable.length === 0) throw onlyUnusable(name, unusable);
  const isNone = !denied && usable.length === 0;
  if (isNone)
    search.ui.say(
      `${name}: this user has no MFA device, so the session is one without MFA; ${root.file ? `how to register one: awsmfa setup ${optionWord('--profile', root.name)}` : `awsmfa logout ${profileWord(root.name)} looks again`}`,
    );
  const serialNumber =
    isNone || usable.length === 1 ? usable[0] : await asked(root, discovery, search, noCode);
  // Keys in the environment belong to no profile.
  const isForFile = serialNumber !== undefined && root.file !== undefined;
  const write = isForFile ? await offerToRemember(root.name, serialNumber, search) : async () => {};
  return {
    serialNumber,
    keep: async () => {
      keepInCache(root, serialNumber, search);
      await write();
    },
  };
}

/** Why no code can come from anywhere; undefined where one can. */
function whyNoCode({ request: { code }, ui, world, profile }: Search): UserError | undefined {
  try {
    tokenSource({ code, ui, world, profile });
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/**
 * Says so when it takes longer than a moment.
 *
 * @param seconds as in `discoverDevices`
 */
export async function discover(
  { keys, name }: KeysProfile,
  search: Omit<Search, 'remember'>,
  seconds?: number,
): Promise<Discovery> {
  const { request, profile, env, files, ui, world } = search;
  const places = {
    iam: iamEndpoint(request, env, profile, files),
    sts: stsEndpoint(request, env, profile, files),
  };
  return ui.sayIfSlow(
    `Asking AWS for the MFA device of ${printable(name, 60)}`,
    discoverDevices(keys, places, world, name, ui.debug, seconds),
  );
}

async function asked(
  root: KeysProfile,
  { usable, guess }: Discovery,
  search: Search,
  noCode: UserError | undefined,
): Promise<SerialNumber | undefined> {
  const { ui } = search;
  if (noCode) throw neither(noCode, root, { usable, guess });
  if (!ui.canAsk()) throw cannotAskForDevice(root, { usable, guess }, ui.whyNot);
  const { askDevice, chooseDevice } = await import('./device-prompt.ts');
  return usable.length > 0 ? chooseDevice(ui, root.name, usable) : askDevice(ui, root.name, guess);
}

function keepInCache(root: KeysProfile, serialNumber: SerialNumber | undefined, { remember }: Search): void {
  try {
    remember(root.keys.accessKeyId, serialNumber ?? '');
  } catch {
    // An earlier message said that the cache cannot be written. The next run looks again.
  }
}

/**
 * The ARN of a user where that of a device belongs is the slip that people make: on a terminal his device is offered,
 * and to correct the config file when it stands there.
 *
 * @param error what is wrong with the device that is configured
 * @throws it, where there is nothing to offer, or nobody who takes it
 */
export async function deviceInstead(error: unknown, search: Search): Promise<FoundDevice> {
  const { request, profile, ui } = search;
  const named = namedDevice(request.serialNumber, profile);
  const user = named?.value.trim() ?? '';
  const device = deviceOfUser(user);
  if (device === undefined || !ui.canAsk()) throw error;
  const { agree, insteadOf } = await import('./device-prompt.ts');
  if (!(await agree(ui, insteadOf(user, device)))) throw error;
  const section = namesOf(profile).find((name) => hasIt(name, user, search));
  const keep = section === undefined ? async () => {} : await offerToRemember(section, device, search);
  return { serialNumber: device, keep };
}

/** The profile and its sources, each with the section where aws-mfa has its keys. */
function namesOf(profile: Profile): readonly string[] {
  const own = [profile.name, `${profile.name}-long-term`];
  return profile.kind === 'role' ? [...own, ...namesOf(profile.source)] : own;
}

/** The credentials file would win over what is written into the config file. */
function hasIt(name: string, user: string, { files }: Search): boolean {
  const inConfig = files.config(name)?.get('mfa_serial');
  return inConfig?.trim() === user && files.credentials(name)?.get('mfa_serial') === undefined;
}

/**
 * Asks whether to remember a device as `mfa_serial` of a profile, where a question may be asked that could be left out.
 *
 * @param profile as the config file has it
 * @returns what writes it, or does nothing when the answer was no
 */
async function offerToRemember(
  profile: string,
  serialNumber: SerialNumber,
  search: Search,
): Promise<() => Promise<void>> {
  const { ui, world, files } = search;
  if (!ui.canOffer()) return async () => {};
  const { agree } = await import('./device-prompt.ts');
  const path = tilde(files.configPath, world.home);
  const isYes = await agree(
    ui,
    `MFA device of ${printable(profile, 60)}: ${printable(serialNumber, 256)}. Remember it as mfa_serial in ${path}?`,
  );
  return async () => {
    if (isYes) await write(profile, serialNumber, search);
  };
}

/** A file that cannot be written is no reason to lose the session. */
async function write(profile: string, serialNumber: SerialNumber, search: Search): Promise<void> {
  try {
    await writeMfaSerial(search.files.configPath, profile, serialNumber);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    search.ui.warn(`mfa_serial could not be remembered. ${error.message}`);
  }
}
