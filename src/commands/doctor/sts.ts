import { partition } from '@aws-sdk/core/client';
import { daysSince, sayAge, sayDuration } from '../../duration.ts';
import { attempt, Exit, UserError } from '../../errors.ts';
import { knownDevice } from '../../mfa/device.ts';
import { isUsable } from '../../mfa/find-device.ts';
import { codeProgram } from '../../mfa/program.ts';
import { tokenSource } from '../../mfa/sources.ts';
import { type KeysProfile, type Profile, sourceOf } from '../../profile/profile.ts';
import type { Setting } from '../../request.ts';
import { cacheOf } from '../../session/cache.ts';
import type { Chosen } from '../../session/get-session.ts';
import { namedStore, outsideOf, usableStores } from '../../stores/stores.ts';
import { nameSts } from '../../sts/answer.ts';
import { iamEndpoint, type StsEndpoint } from '../../sts/endpoint.ts';
import { shownProxyOf } from '../../sts/http.ts';
import { listMfaDevices } from '../../sts/iam.ts';
import { needsShell, printable, profileWord, splitWords } from '../../text.ts';
import { silent } from '../../ui.ts';
import type { Environment, World } from '../../world.ts';
import { askCreated } from '../keys/key.ts';
import {
  broken,
  type Check,
  type Finding,
  failed,
  nobody,
  ok,
  type Patient,
  unknown,
  warning,
} from './patient.ts';
import { onPath } from './program.ts';

/** Checks that STS answers. Without any network the result is unknown; every other failure is broken. */
export const sts: Check = async ({ sts }) => {
  const { endpoint, error, offline, took, url } = await sts;
  if (!endpoint) return error ? [failed(error)] : [];
  const proxy = url && shownProxyOf(url);
  if (took !== undefined) {
    const way = proxy ? `through ${proxy}` : 'directly';
    return [ok(`${nameSts(endpoint)} answers in ${Math.round(took)} ms, ${way}`)];
  }
  if (!error) return [];
  const way = error.exit === Exit.unreachable && proxy ? `; through ${proxy}` : '';
  const { message, hint } = error;
  if (offline && !proxy && isNoRegion(endpoint)) {
    return [
      broken(
        `There is no STS in "${printable(endpoint.region, 60)}", nor any region that is called so`,
        'Correct AWS_REGION, or region of the profile.',
      ),
    ];
  }
  return [failed({ message: `${message}${way}`, hint }, offline ? 'unknown' : 'broken')];
};

/** The long-term keys, and whose they are. */
export const keys: Check = async (patient) => {
  const { chosen, sts } = patient;
  if (chosen instanceof UserError) return [unknown('no keys to ask about without a profile')];
  const source = sourceOf(chosen.profile);
  if (!('keys' in source)) {
    return [
      unknown(
        `those of "${printable(source.name, 60)}" come from elsewhere, and are not fetched here`,
        `To see whether they can be had: awsmfa login ${profileWord(chosen.profile.name)}`,
      ),
    ];
  }
  const { accessKeyId } = source.keys;
  const shown = `${printable(accessKeyId.slice(0, 4))}…${printable(accessKeyId.slice(-4))} of "${printable(source.name, 60)}"`;
  const { identity, error } = await sts;
  if (identity)
    return [ok(`${shown} is ${printable(identity.arn, 200)}`), ...(await keptKey(source, patient))];
  if (error && /^(key-|bad-key-|no-such-store)/.test(error.code)) return [failed(error)];
  if (!error || error.exit !== Exit.refused)
    return [unknown(`${shown}: not asked about, STS was not reached`)];
  if (error.code === 'clock-off') return [unknown(`${shown}: not asked about, the clock is off`)];
  return [failed(error)];
};

/** Where a long-term key is kept, and how old it is, as far as IAM tells. */
async function keptKey(
  profile: KeysProfile,
  { chosen, env, request, ui, world }: Patient,
): Promise<readonly Finding[]> {
  if (!('files' in chosen) || !profile.file) return [];
  const { store } = profile.keys;
  const created = await askCreated(profile, { env, files: chosen.files }, request, silent(ui), world);
  const now = world.now() / 1000;
  const word = profileWord(profile.name);
  const age = created === undefined ? '' : `, ${sayAge(created, now)}`;
  const findings: Finding[] = [];
  if (store) findings.push(ok(`kept in ${namedStore(store.value, store.by).title}${age}`));
  const [first] = store ? [] : usableStores(outsideOf(world));
  if (first) {
    findings.push(
      warning(
        `its secret is in ${printable(profile.file.place().path)}, where every program of yours can read it`,
        `${first.title.replace(/^./, (letter) => letter.toUpperCase())} could keep it: awsmfa keys store ${word}`,
      ),
    );
  }
  if (created !== undefined && daysSince(created, now) > oldAge) {
    findings.push(warning(`it is ${sayAge(created, now)}`, `Make a new one: awsmfa keys rotate ${word}`));
  }
  return findings;
}

/** A key that is older should be rotated (AWS Security Hub, control IAM.3), in days. */
const oldAge = 90;

/**
 * From 30 seconds on, a code that is made on this machine is for another time step (RFC 6238, 4.1). From five minutes on, most
 * services of AWS refuse a signature (IAM user guide, "AWS Signature Version 4 for API requests"); STS does from fifteen on.
 */
export const clock: Check = async ({ sts }) => {
  const { offset } = await sts;
  if (offset === undefined) return [unknown('not compared: STS was not reached')];
  const seconds = Math.abs(offset);
  const off = `${sayDuration(seconds)} ${offset < 0 ? 'behind' : 'ahead of'} STS`;
  if (seconds < 30) return [ok(seconds < 2 ? 'the same as that of STS' : off)];
  const hint = 'Set the clock: turn on automatic time.';
  return [
    seconds < 300
      ? warning(`${off}: codes that a program makes here are for another time`, hint)
      : broken(`${off}: AWS refuses calls that are signed so far off`, hint),
  ];
};

/** True for a region that the SDK does not know. Called only if the name of its host is unknown too: there may be newer regions. */
function isNoRegion({ url, region }: StsEndpoint): boolean {
  return url === undefined && !('description' in partition(region));
}

/** The MFA device of the profile: named, of a kind that STS takes, and one of the user whose keys these are. */
export const device: Check = async ({ request, world, env, chosen, sts }) => {
  if (chosen instanceof UserError) return [unknown('no device to look at without a profile')];
  const { profile } = chosen;
  const cache = cacheOf({ env, home: world.home });
  const known = knownDevice(request.serialNumber, profile, (id) => cache?.device(id));
  const name = `"${printable(profile.name, 60)}"`;
  if (known && known.serialNumber === undefined) return [ok(`${name} does without MFA`)];
  const { identity } = await sts;
  const there = identity && (await devicesOf(profile, chosen, env));
  if (!known) return [unnamed(name, there)];
  const { serialNumber = '' } = known;
  return [identity ? compared(serialNumber, identity.account, there) : ok(printable(serialNumber, 120))];
};

/** Undefined where IAM does not tell: many users may not ask it. */
async function devicesOf(
  profile: Profile,
  { files }: Chosen,
  env: Environment,
): Promise<readonly string[] | undefined> {
  const source = sourceOf(profile);
  if (source.kind !== 'long-term') return undefined;
  try {
    return await listMfaDevices(source.keys, { ...iamEndpoint({}, env, source, files), attempts: 1 });
  } catch {
    return undefined;
  }
}

function unnamed(name: string, there: readonly string[] | undefined): Finding {
  const usable = there?.filter(isUsable) ?? [];
  if (there && usable.length === 0) {
    const why =
      there.length > 0 ? 'only security keys or passkeys, which STS takes no codes of' : 'none in AWS';
    return unknown(
      `${name} names no MFA device, and its user has ${why}`,
      'Register an authenticator app in IAM.',
    );
  }
  const which =
    usable.length > 0 ? `; its user has ${usable.map((one) => printable(one, 120)).join(', ')}` : '';
  return unknown(`${name} names no MFA device${which}`, 'Remember it with: awsmfa setup');
}

function compared(serial: string, account: string, there: readonly string[] | undefined): Finding {
  const shown = printable(serial, 120);
  const [, theirs] = /^arn:[^:]*:iam::(\d+):/.exec(serial) ?? [];
  if (theirs && theirs !== account) {
    return broken(`${shown} is not of the account of the keys, ${printable(account, 20)}`, correct(there));
  }
  if (there && !there.includes(serial)) {
    return broken(`${shown} is no MFA device of this user`, correct(there));
  }
  return ok(there ? `${shown}, as IAM has it` : shown);
}

function correct(there: readonly string[] | undefined): string {
  const usable = there?.filter(isUsable) ?? [];
  return usable.length > 0
    ? `The serial number should be ${usable.map((one) => printable(one, 120)).join(' or ')}`
    : 'Correct the serial number, or find the device with: awsmfa setup';
}

/**
 * Checks where the next token code would come from. It does not run a program: the program would ask for a touch or a
 * password, and its code would be wasted.
 */
export const code: Check = ({ request, ui, world, chosen }) => {
  const profile = chosen instanceof UserError ? nobody : chosen.profile;
  const source = attempt(() => tokenSource({ code: request.code, ui, world, profile }));
  if (source instanceof UserError) return [failed(source, 'warning')];
  if (source.kind === 'fixed') {
    return [
      warning(
        `${source.name} is set, and a code is good for one session: the next one will be refused`,
        'Unset it, and let awsmfa ask.',
      ),
    ];
  }
  if (source.kind === 'program')
    return [programFinding(codeProgram(request.code, profile) as Setting, world)];
  if (source.name === 'the terminal') return [ok('asked for on the terminal')];
  const dialog = ['osascript', 'zenity', 'kdialog'].find((name) => onPath(name, world).length > 0);
  return [
    dialog
      ? ok(`asked for in a dialog of ${dialog}`)
      : warning(
          'there is no terminal to ask on, and no program that could show a dialog',
          'Install zenity or kdialog, or name a program that prints codes in mfa_process.',
        ),
  ];
};

function programFinding({ value, by }: Setting, world: World): Finding {
  const source = printable(by, 100);
  if (world.platform !== 'win32' && needsShell(value))
    return ok(`made by a shell command (${source}), not run here`);
  const [name] = splitWords(value) ?? [];
  if (name === undefined) return broken(`${source} has a quote that is not closed`, 'Close it.');
  const [path] = onPath(name, world);
  const shown = printable(name, 100);
  return path
    ? ok(`made by ${printable(path, 200)} (${source}), not run here`)
    : broken(`${source}: there is no program ${shown}`, 'Install it, or write its whole path.');
}
