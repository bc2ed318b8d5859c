import { partition } from '@aws-sdk/core/client';
import { sayDuration } from '../../duration.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { sourceOf } from '../../profile/profile.ts';
import { nameSts } from '../../sts/answer.ts';
import type { StsEndpoint } from '../../sts/endpoint.ts';
import { shownProxyOf } from '../../sts/http.ts';
import { broken, type Check, failed, ok, unknown, warning } from './finding.ts';

/** STS answers. Without any network that is nobody's fault and nothing is known; all else between here and there is. */
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
export const keys: Check = async ({ chosen, sts }) => {
  if (chosen instanceof UserError) return [unknown('no keys to ask about without a profile')];
  const root = sourceOf(chosen.profile);
  if (!('keys' in root)) {
    return [
      unknown(
        `those of "${printable(root.name, 60)}" come from elsewhere, and are not fetched here`,
        `To see whether they can be had: awsmfa login ${printable(chosen.profile.name, 60)}`,
      ),
    ];
  }
  const { accessKeyId } = root.keys;
  const shown = `${printable(accessKeyId.slice(0, 4))}…${printable(accessKeyId.slice(-4))} of "${printable(root.name, 60)}"`;
  const { identity, error } = await sts;
  if (identity) return [ok(`${shown} is ${printable(identity.arn, 200)}`)];
  if (!error || error.exit !== Exit.refused)
    return [unknown(`${shown}: not asked about, STS was not reached`)];
  if (error.code === 'clock-off') return [unknown(`${shown}: not asked about, the clock is off`)];
  return [failed(error)];
};

/**
 * A code that is made on this machine is for the wrong 30 seconds when the clock is off by so much (RFC 6238, 4.1);
 * after five minutes most services of AWS refuse what is signed here (IAM user guide, "AWS Signature Version 4 for API requests"), STS after fifteen.
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

/** Asked only where the name of its host is unknown: there are newer ones than the SDK has heard of. */
function isNoRegion({ url, region }: StsEndpoint): boolean {
  return url === undefined && !('description' in partition(region));
}
