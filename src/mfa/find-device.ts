import { setKeys } from '../config/edit.ts';
import type { SharedFiles } from '../config/files.ts';
import { editSharedFile } from '../config/shared-file-edit.ts';
import { type Credentials, deviceOfUser } from '../credentials.ts';
import { attempt, Exit, expected, orUndefined, UserError } from '../errors.ts';
import { headerOf } from '../profile/long-term.ts';
import { type KeysProfile, type Profile, sourceOf } from '../profile/profile.ts';
import type { SessionRequest } from '../request.ts';
import { quoteForDebug, readError } from '../sts/answer.ts';
import { iamEndpoint, type StsEndpoint, stsEndpoint } from '../sts/endpoint.ts';
import { listMfaDevices } from '../sts/iam.ts';
import { identify } from '../sts/identity.ts';
import { optionWord, printable, profileWord, tilde } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Environment, World } from '../world.ts';
import { type KnownDevice, namedDevice, type SerialNumber } from './device.ts';
import { tokenSource } from './sources.ts';

export interface FoundDevice extends KnownDevice {
  /** Remembers the device. Call it after STS has accepted the device. */
  readonly keep: () => Promise<void>;
}

/** What the search for a device needs. */
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
 * The device of long-term keys without a configured one: IAM's list, else an answer of the user. On a terminal it also
 * asks whether to remember the device as `mfa_serial`. Where no code can be had, a session is possible only for a user
 * without a device, and AWS gets half a second to say so.
 *
 * @throws UserError cannotAsk, with the likely devices; configuration, when STS can use none of the user's devices
 */
export async function findDevice(search: Search): Promise<FoundDevice> {
  const source = sourceOf(search.profile) as KeysProfile;
  const { request, ui, world, profile } = search;
  const codes = attempt(() => tokenSource({ code: request.code, ui, world, profile }));
  const noCode = codes instanceof UserError ? codes : undefined;
  const discovery = await discover(source, search, noCode && 0.5);
  const { usable, unusable, denied } = discovery;
  const name = printable(source.name, 60);
  if (unusable.length > 0 && usable.length === 0) throw onlyUnusable(name, unusable);
  const isNone = !denied && usable.length === 0;
  if (isNone) {
    ui.say(
      `${name}: this user has no MFA device, so the session has no MFA; ${source.file ? `how to register one: awsmfa setup ${optionWord('--profile', source.name)}` : `awsmfa logout ${profileWord(source.name)} looks again`}`,
    );
  }
  const serialNumber =
    isNone || usable.length === 1 ? usable[0] : await askForDevice(source, discovery, search, noCode);
  // Keys in the environment belong to no profile.
  const isForFile = serialNumber !== undefined && source.file !== undefined;
  const write = isForFile ? await offerToRemember(source.name, serialNumber, search) : async () => {};
  return {
    serialNumber,
    keep: async () => {
      // An earlier message said that the cache cannot be written. The next run looks again.
      orUndefined(() => search.remember(source.keys.accessKeyId, serialNumber ?? ''));
      await write();
    },
  };
}

/**
 * Asks AWS for the devices of the user, and says so when it takes longer than a moment.
 *
 * @param seconds as in `discoverDevices`
 */
export async function discover(
  { keys, name }: KeysProfile,
  search: Omit<Search, 'remember'>,
  seconds?: number,
): Promise<Discovery> {
  const { request, profile, env, files, ui, world } = search;
  const endpoints = {
    iam: iamEndpoint(request, env, profile, files),
    sts: stsEndpoint(request, env, profile, files),
  };
  return ui.sayIfSlow(
    `Asking AWS for the MFA device of ${printable(name, 60)}`,
    discoverDevices(keys, endpoints, world, name, ui.debug, seconds),
  );
}

/** The MFA devices of a user, as AWS tells them. */
export type Discovery = {
  readonly usable: readonly SerialNumber[];
  /** Security keys and passkeys: STS takes no codes of them. */
  readonly unusable: readonly string[];
  /** The most likely serial number, where IAM did not tell and the keys are a user's. */
  readonly guess: SerialNumber | undefined;
  /** IAM did not tell: it refused, or could not be reached. */
  readonly denied: boolean;
};

/**
 * The MFA devices of the user with these long-term keys: IAM's list, else a guess from the user's name.
 *
 * @param profile for messages
 * @param debug takes AWS's own words
 * @param seconds the limit for all calls, after which nothing is known; undefined for no limit
 * @throws UserError (refused, unreachable) when STS refuses the keys too, or cannot be reached either
 */
export async function discoverDevices(
  keys: Credentials,
  { iam, sts }: { readonly iam: StsEndpoint; readonly sts: StsEndpoint },
  { now }: Pick<World, 'now'>,
  profile: string,
  debug: (line: string) => void,
  seconds?: number,
): Promise<Discovery> {
  const start = performance.now();
  try {
    const serials = await listMfaDevices(keys, iam, seconds);
    debug(`ListMFADevices: ${serials.map((serial) => printable(serial, 100)).join(', ') || 'none'}`);
    return {
      usable: serials.filter(isUsable),
      unusable: serials.filter((serial) => !isUsable(serial)),
      guess: undefined,
      denied: false,
    };
  } catch (error) {
    // A wrong proxy or certificate bundle is wrong for STS too.
    if (error instanceof UserError) throw error;
    debug(`ListMFADevices: ${quoteForDebug(readError(error))}`);
    const left = seconds && Math.max(0, seconds - (performance.now() - start) / 1000);
    const asked = identify(keys, profile, { ...sts, attempts: 1 }, now, left);
    const identity = await (left === undefined ? asked : asked.catch(noAnswer));
    return { usable: [], unusable: [], guess: identity && deviceOfUser(identity.arn), denied: true };
  }
}

function noAnswer(error: unknown): undefined {
  if (!(error instanceof UserError && error.exit === Exit.unreachable)) throw error;
}

/**
 * Whether STS takes codes of it: virtual devices, and hardware tokens, whose serial is no ARN. Security keys and
 * passkeys are `u2f/user/NAME/…` (IAM user guide, `ListMFADevices`), phone numbers were `sms-mfa/NAME`.
 */
export function isUsable(serial: string): boolean {
  return !serial.startsWith('arn:') || /^arn:[\w-]+:iam::\d*:mfa\//.test(serial);
}

/** @param name of the profile, fit for a terminal */
export function onlyUnusable(name: string, unusable: readonly string[]): UserError {
  const [plural, are] =
    unusable.length === 1 ? ['', 'is a security key or passkey'] : ['s', 'are security keys or passkeys'];
  return new UserError(
    Exit.configuration,
    'bad-device',
    `The MFA device${plural} of "${name}" ${are}, and STS takes codes only: ${listed(unusable)}`,
    'Register an authenticator app as one more device (IAM, Users, Security credentials), and try again. With a passkey alone sign in by browser: aws login',
  );
}

async function askForDevice(
  source: KeysProfile,
  { usable, guess }: Discovery,
  { ui }: Search,
  noCode: UserError | undefined,
): Promise<SerialNumber | undefined> {
  if (noCode || !ui.canAsk()) throw cannotAskForDevice(source, { usable, guess }, noCode, ui.whyNot);
  const { askDevice, chooseDevice } = await import('./prompt.ts');
  return usable.length > 0 ? chooseDevice(ui, source.name, usable) : askDevice(ui, source.name, guess);
}

/**
 * Reports the missing device, and the missing code too, in one error.
 *
 * @param noCode the error about the code; undefined where a code can be had
 * @param whyNot why nobody can be asked
 */
function cannotAskForDevice(
  { name, file }: KeysProfile,
  { usable, guess }: Pick<Discovery, 'usable' | 'guess'>,
  noCode: UserError | undefined,
  whyNot: string,
): UserError {
  const several = usable.length > 0 ? `, its user has ${usable.length}` : '';
  const namesNone = `"${printable(name, 60)}" names no MFA device${several}`;
  const known = usable.length > 0 ? `${listed(usable)}.` : guess && `most likely ${printable(guess, 256)}.`;
  const devices = known ?? 'it looks like arn:aws:iam::ACCOUNT:mfa/NAME.';
  if (!noCode) {
    const hint = `${file ? 'Add mfa_serial to the profile' : 'Export AWS_MFA_SERIAL'}, or give --serial-number: ${devices}`;
    return new UserError(Exit.cannotAsk, 'cannot-ask', `Profile ${namesNone}, and ${whyNot}`, hint);
  }
  return new UserError(
    noCode.exit,
    noCode.code,
    `${noCode.message}; profile ${namesNone}${known ? '' : ', and AWS did not tell one in time'}`,
    `${noCode.hint} The device: ${file ? 'mfa_serial in the profile' : 'AWS_MFA_SERIAL'}, or --serial-number; ${devices}`,
  );
}

function listed(serials: readonly string[]): string {
  return serials.map((serial) => printable(serial, 256)).join(', ');
}

/**
 * Offers the device of a user whose ARN is configured in place of a device, and to correct the config file.
 *
 * @param error the error about the configured device
 * @throws it, where nothing can be offered, or the user does not accept
 */
export async function deviceInstead(error: unknown, search: Search): Promise<FoundDevice> {
  const { request, profile, ui } = search;
  const named = namedDevice(request.serialNumber, profile);
  const user = named?.value.trim() ?? '';
  const device = deviceOfUser(user);
  if (device === undefined || !ui.canAsk()) throw error;
  const { askYes, insteadOf } = await import('./prompt.ts');
  if (!(await askYes(ui, insteadOf(user, device), true))) throw error;
  const section = namesOf(profile).find((name) => isConfigured(name, user, search));
  const keep = section === undefined ? async () => {} : await offerToRemember(section, device, search);
  return { serialNumber: device, keep };
}

/** The profile and its sources, each with the section where aws-mfa has its keys. */
function namesOf(profile: Profile): readonly string[] {
  const own = [profile.name, `${profile.name}-long-term`];
  return profile.kind === 'role' ? [...own, ...namesOf(profile.source)] : own;
}

/** Whether the config file has this `mfa_serial`. One in the credentials file would win over a corrected one. */
function isConfigured(name: string, user: string, { files }: Search): boolean {
  const inConfig = files.config(name)?.get('mfa_serial');
  return inConfig?.trim() === user && files.credentials(name)?.get('mfa_serial') === undefined;
}

/**
 * Asks whether to remember a device as `mfa_serial` of a profile. It does not ask with `--quiet`.
 *
 * @param profile its name in the config file
 * @returns a function that writes it, or does nothing after a no
 */
async function offerToRemember(
  profile: string,
  serialNumber: SerialNumber,
  { ui, world, files }: Search,
): Promise<() => Promise<void>> {
  if (!ui.canOffer()) return async () => {};
  const { askYes } = await import('./prompt.ts');
  const path = tilde(files.configPath, world.home);
  const isYes = await askYes(
    ui,
    `MFA device of ${printable(profile, 60)}: ${printable(serialNumber, 256)}. Remember it as mfa_serial in ${path}?`,
    true,
  );
  return async () => {
    if (!isYes) return;
    try {
      await editSharedFile(files.configPath, (document) =>
        setKeys(document, headerOf(profile, document), [['mfa_serial', serialNumber]]),
      );
    } catch (error) {
      // The session is good without it.
      ui.warn(`mfa_serial could not be remembered. ${expected(error).message}`);
    }
  };
}
