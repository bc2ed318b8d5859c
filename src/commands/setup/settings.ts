import { partition } from '@aws-sdk/core/client';
import { attempt, UserError } from '../../errors.ts';
import { checkedSerial, namedDevice, type SerialNumber } from '../../mfa/device.ts';
import { discover, onlyUnusable } from '../../mfa/find-device.ts';
import { askDevice, askText, chooseDevice as chooseOne } from '../../mfa/prompt.ts';
import type { KeysProfile, Settings } from '../../profile/profile.ts';
import { checkedRegion } from '../../profile/region.ts';
import { optionWord, printable } from '../../text.ts';
import type { Guide } from './guide.ts';

interface ChosenDevice {
  /** Undefined: the user has no MFA device. */
  readonly serialNumber: SerialNumber | undefined;
  /** Whether a question was asked. */
  readonly asked: boolean;
  /** Whether the profile names it already. */
  readonly isConfigured: boolean;
}

/**
 * The MFA device of these keys: of the option or the environment, else of the profile, else what IAM lists, else a
 * guess to be confirmed.
 *
 * @throws UserError (configuration) when the user has only devices that STS cannot use
 */
export async function chooseDevice(profile: KeysProfile, guide: Guide): Promise<ChosenDevice> {
  const named = namedDevice(guide.options.request.serialNumber, profile);
  if (!named?.value) return findDevice(profile, guide);
  const inFile = profile.setting('mfa_serial') ?? profile.setting('aws_mfa_device');
  const isConfigured = inFile?.value === named.value;
  const serialNumber = attempt(() => checkedSerial(named));
  if (!(serialNumber instanceof UserError)) return { serialNumber, asked: false, isConfigured };
  // A wrong device in the file is replaced there.
  if (inFile?.by !== named.by) throw serialNumber;
  guide.ui.say(serialNumber.message);
  return findDevice(profile, guide);
}

/** Asks AWS for the device, and does not look at the configured one. */
export async function findDevice(profile: KeysProfile, guide: Guide): Promise<ChosenDevice> {
  const { options, ui, asks } = guide;
  const { usable, unusable, guess, denied } = await discover(profile, {
    ...guide,
    request: options.request,
    profile,
  });
  const found = { asked: false, isConfigured: false };
  const [only, second] = usable;
  if (only !== undefined && second === undefined) {
    ui.say(`MFA device: ${printable(only, 256)}`);
    return { ...found, serialNumber: only };
  }
  if (!denied && only === undefined) {
    if (unusable.length > 0) throw onlyUnusable(printable(profile.name, 60), unusable);
    ui.say('This user has no MFA device, so the session will be one without MFA');
    sayHowToRegister(profile, guide);
    return { ...found, serialNumber: undefined };
  }
  if (options.yes && guess !== undefined) {
    ui.say(`MFA device, most likely: ${printable(guess, 256)}`);
    return { ...found, serialNumber: guess };
  }
  if (!asks) {
    const may = guess === undefined ? '' : `; most likely it is ${printable(guess, 256)}`;
    throw guide.unanswered(
      only === undefined
        ? `AWS does not tell the MFA device of these keys${may}`
        : `There are ${usable.length} MFA devices: ${usable.map((serial) => printable(serial, 100)).join(', ')}`,
      `Give it with --serial-number ARN${guess === undefined ? '' : ', or take the guess with --yes'}.`,
    );
  }
  const serialNumber =
    only === undefined ? await askDevice(ui, profile.name, guess) : await chooseOne(ui, profile.name, usable);
  if (serialNumber === undefined) sayHowToRegister(profile, guide);
  return { ...found, serialNumber, asked: true };
}

/** IAM user guide, "Assign a virtual MFA device"; the commands are those of its "AWS CLI" part. */
function sayHowToRegister({ name }: KeysProfile, { ui }: Guide): void {
  const profile = optionWord('--profile', name);
  const lines = [
    'Roles and policies that ask for MFA refuse such a session. To register an authenticator app as MFA device:',
    '  in the AWS console: IAM, Users, your user, Security credentials, Assign MFA device',
    '  or with the AWS CLI, where NAME is your user and SERIAL what the first command prints:',
    `    aws iam create-virtual-mfa-device --virtual-mfa-device-name NAME --outfile qr.png --bootstrap-method QRCodePNG ${profile}`,
    `    aws iam enable-mfa-device --user-name NAME --serial-number SERIAL --authentication-code1 CODE --authentication-code2 NEXT ${profile}`,
    `  Then run awsmfa setup ${profile} again.`,
  ];
  for (const line of lines) ui.say(line);
}

/**
 * The region to write into the profile: that of the option, else of the environment. If neither has one, nor the profile, the
 * user is asked. Undefined for none, or none to write.
 *
 * @param setting of the profile
 * @param mayAsk false when enough has been asked
 */
export async function chooseRegion(
  setting: Settings,
  guide: Guide,
  mayAsk: boolean,
): Promise<string | undefined> {
  const { options, env, files, ui, asks } = guide;
  const { region: asked } = options.request;
  if (asked) return checkedRegion(asked.value, asked.by);
  if (setting('region')) return undefined;
  for (const variable of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const region = env[variable];
    if (region) return checkedRegion(region, variable);
  }
  if (!asks || !mayAsk) return undefined;
  const check = regionChecker();
  const answer = await askText(ui, {
    message: 'Region you mostly work in, or none to write none:',
    suggestion: files.profile('default')?.get('region') ?? 'us-east-1',
    problem: (text) => (isNone(text) ? undefined : check(text.trim())),
  });
  return isNone(answer) ? undefined : answer.trim();
}

function isNone(text: string): boolean {
  return /^\s*(?:none|-)\s*$/i.test(text);
}

/**
 * Stricter than for an option, because the region goes into a file: `Frankfurt` is refused. A region that the AWS SDK does not
 * know may be new: it is accepted when the user types it a second time.
 */
function regionChecker(): (text: string) => string | undefined {
  let refused: string | undefined;
  return (text) => {
    const shown = printable(text, 60);
    if (!/^[a-z]+(?:-[a-z]+)+-\d+$/.test(text)) {
      return `"${shown}" is no region; a region looks like eu-west-1`;
    }
    if ('description' in partition(text) || refused === text) return undefined;
    refused = text;
    return `AWS has no region ${shown} that awsmfa knows; if it is a new one, press Enter again`;
  };
}
