import { shortKey } from '../credentials.ts';
import { sayDuration } from '../duration.ts';
import { UserError } from '../errors.ts';
import { environmentProfile } from '../profile/choice.ts';
import { homeRegion, partitionOf, partitionOfArn } from '../profile/region.ts';
import type { RoleParameters } from '../profile/role.ts';
import { optionWord, printable, profileWord } from '../text.ts';
import {
  clockOffset,
  type ErrorAnswer,
  type ErrorRow,
  nameSts,
  quoteAnswer,
  setClock,
  translate,
} from './answer.ts';
import type { StsEndpoint } from './endpoint.ts';

/** A call of STS: its parameters, its profile, and the credentials that call. A step of a plan is one. */
export interface StsCall {
  /** For messages. */
  readonly profile: string;
  readonly endpoint: StsEndpoint;
  /** Of the MFA device whose code goes with the call; undefined for none. */
  readonly serialNumber: string | undefined;
  /** Of AssumeRole; undefined for every other call. */
  readonly role?: RoleParameters;
  /** Undefined where a call takes none. */
  readonly durationSeconds?: number;
  /** Where the credentials that call come from. */
  readonly source: {
    readonly step: 'keys' | 'session' | 'role' | 'provided';
    readonly profile: string;
    readonly serialNumber?: string | undefined;
  };
}

const wrongCode = 'wrong-code';
export const wrongDevice = 'wrong-device';
export const sourceExpired = 'source-expired';
export const unknownKey = 'unknown-key';

/**
 * An error of STS or of the network, with the most likely cause. AWS's messages are matched loosely: they come with and
 * without blanks at the end, and change.
 *
 * @param accessKeyId of the credentials that called
 * @param now epoch milliseconds, to measure this clock against the answer's
 */
export function translateError(error: unknown, call: StsCall, accessKeyId: string, now: number): UserError {
  const service = { name: nameSts(call.endpoint), of: '', withCode: call.serialNumber !== undefined };
  return translate(error, service, (answer) => {
    const failed: FailedCall = {
      ...call,
      answer,
      offset: clockOffset(answer, now),
      of: `profile "${printable(call.profile, 60)}"`,
      key: shortKey(accessKeyId),
      device: printable(call.serialNumber ?? '', 100),
      roleArn: printable(call.role?.roleArn ?? '', 120),
      sts: service.name,
      asked: sayDuration(call.durationSeconds ?? 0),
    };
    return [
      ...mfaErrors(failed),
      ...keyErrors(failed),
      ...permissionErrors(failed),
      ...endpointErrors(failed),
      ...parameterErrors(failed),
      {
        when: /^/,
        code: 'refused',
        message: `AWS refused ${failed.of}: ${quoteAnswer(answer)}`,
        hint: 'With --debug awsmfa says what it sent, and where.',
      },
    ];
  });
}

/** True when another code can help. */
export function isWrongCode(error: unknown): error is UserError {
  return error instanceof UserError && error.code === wrongCode;
}

/** True when a new session of the source can help. */
export function isSourceExpired(error: unknown): boolean {
  return error instanceof UserError && error.code === sourceExpired;
}

/** A call with AWS's error, and the words for messages about it. */
interface FailedCall extends StsCall {
  readonly answer: ErrorAnswer;
  /** How far off this clock is, in words, when that is far enough to matter. */
  readonly offset: string | undefined;
  /** `profile "work"`. */
  readonly of: string;
  /** The access key, shortened. */
  readonly key: string;
  readonly device: string;
  readonly roleArn: string;
  readonly sts: string;
  /** The duration that was asked for. */
  readonly asked: string;
}

/** Errors about the code, the device, or the clock that codes depend on. */
function mfaErrors({ offset, device, of }: FailedCall): readonly ErrorRow[] {
  return [
    {
      when: /: Signature (expired|not yet current)|^RequestExpired/,
      code: 'clock-off',
      message: `This clock is ${offset ?? 'too far off'}: AWS refuses calls that are more than 15m off`,
      hint: setClock,
    },
    {
      when: /invalid MFA one time pass code/,
      code: wrongCode,
      message: `AWS refused the MFA code: wrong, too old, or used elsewhere already${offset ? `; this clock is ${offset}` : ''}`,
      hint: offset ? setClock : `Use the next code of ${device}; each works once, for 30 seconds.`,
    },
    {
      when: /verify your MFA serial number/,
      code: wrongDevice,
      message: `AWS knows no MFA device ${device} for the user of ${of}`,
      hint: 'Take the ARN from IAM, Users, Security credentials: …:mfa/NAME, in the account of this access key.',
    },
    {
      when: /must provide both MFA serial number/,
      code: 'half-the-mfa',
      message: `AWS got the MFA device of ${of} without the code, or the code without the device`,
      hint: 'Both were sent: look for a proxy, or a wrong AWS_ENDPOINT_URL, in between.',
    },
  ];
}

/** Errors about the keys that signed the call. */
function keyErrors(failed: FailedCall): readonly ErrorRow[] {
  const { of, key, profile, endpoint, role, source } = failed;
  // The credentials are a session of awsmfa's own.
  const isRenewable = role !== undefined && source.step !== 'keys';
  const login = `awsmfa login ${profileWord(profile)} --refresh`;
  return [
    {
      when: /^ExpiredToken/,
      code: sourceExpired,
      message: `The credentials that ${of} comes from have expired`,
      hint: isRenewable
        ? `Renew them: ${login}`
        : 'They are temporary keys: get new ones where those came from.',
    },
    {
      when: isRenewable ? /^InvalidClientTokenId/ : undefined,
      code: sourceExpired,
      message: `AWS no longer knows the session that ${of} comes from`,
      hint: `Get a new one: ${login}`,
    },
    ...wrongPartition(failed),
    {
      when: /^InvalidClientTokenId/,
      code: unknownKey,
      message: `AWS does not know the access key ${key} of ${of} in ${endpoint.region}: deleted, disabled, or of another partition`,
      hint: `Check in IAM whether the key is active, or replace it${replaceKeys(failed)}`,
    },
    {
      when: /with session credentials/,
      code: 'session-keys',
      message: `The keys of ${of} are temporary, and AWS gives no session for temporary keys`,
      hint: `Put the long-term keys (AKIA…) into [${printable(profile, 60)}-long-term], or name the profile that has them.`,
    },
    {
      when: /may not be assumed by root/,
      code: 'root-keys',
      message: `${of} uses keys of the root user, which cannot assume a role`,
      hint: 'Use the keys of an IAM user, and delete the keys of the root user.',
    },
    {
      // AWS's message repeats the access key.
      when: /^IncompleteSignature/,
      code: 'malformed-key',
      message: `The access key of ${of} has a character that no AWS key has`,
      hint: 'Copy the access key and its secret again, each on one line, without quotes.',
    },
  ];
}

/** A key is valid in one partition. The ARNs and the region of a profile tell which one. */
function wrongPartition({ of, key, endpoint, serialNumber, role }: FailedCall): readonly ErrorRow[] {
  const { region, regionBy = '', regionOfProfile } = endpoint;
  const here = partitionOf(region);
  const arn = serialNumber?.startsWith('arn:') ? serialNumber : role?.roleArn;
  const there = partitionOfArn(arn) ?? (regionOfProfile && partitionOf(regionOfProfile));
  if (there === undefined || there === here) return [];
  const evidence = arn
    ? `${printable(arn, 100)} is in ${printable(there, 20)}`
    : `the region of the profile, ${printable(regionOfProfile ?? '', 40)}, is in ${there}`;
  const isOwn = !/^(--|AWS_)/.test(regionBy);
  const example = `a region of ${printable(there, 20)}, such as ${homeRegion(there)}`;
  return [
    {
      when: /^InvalidClientTokenId/,
      code: 'wrong-partition',
      message: `AWS does not know the access key ${key} of ${of} in ${region}${isOwn ? '' : ` (${regionBy})`}, which is in the partition ${here}; ${evidence}`,
      hint: isOwn
        ? `Set the region of the profile to ${example}.`
        : `Leave ${regionBy} out, or set it to ${example}.`,
    },
  ];
}

/** How to replace the keys, to end a sentence. `setup` can write a profile, and nothing else. */
function replaceKeys({ source }: StsCall): string {
  if (source.step !== 'keys' || source.profile === environmentProfile) return ', where it comes from.';
  return `: awsmfa setup ${optionWord('--profile', source.profile)} --overwrite`;
}

/** Errors about policies. */
function permissionErrors(failed: FailedCall): readonly ErrorRow[] {
  const { of, answer, roleArn } = failed;
  return [
    {
      when: /sts:TagSession/,
      code: 'role-denied',
      message: `${of} is not allowed to use session tags with this role`,
      hint: 'The trust policy of the role must allow sts:TagSession, or leave them out.',
    },
    {
      when: /sts:SetSourceIdentity/,
      code: 'role-denied',
      message: `${of} is not allowed to use a source identity with this role`,
      hint: 'The trust policy of the role must allow sts:SetSourceIdentity, or leave them out.',
    },
    {
      when: /sts:AssumeRole/,
      code: 'role-denied',
      message: `${of} is not allowed to assume ${roleArn}: ${policyIn(answer.message)}`,
      hint: `Check the name of the role, and which principals its trust policy allows${missingIn(failed)}.`,
    },
    {
      when: /sts:GetSessionToken/,
      code: 'session-denied',
      message: `${of} is not allowed to get a session: ${policyIn(answer.message)}`,
      hint: 'GetSessionToken needs no permission, so a policy denies it: ask an administrator to check the policies of the user and of the organization.',
    },
  ];
}

/** The policy that denies the call, as far as AWS names it (IAM user guide, "access denied error messages"). */
function policyIn(message: string): string {
  const [, denied] = /with an explicit deny in an? ([\w -]+)/.exec(message) ?? [];
  const [, missing] = /because no ([\w -]+) allows/.exec(message) ?? [];
  if (denied) return `${/^[aeiou]/.test(denied) ? 'an' : 'a'} ${denied} denies it explicitly`;
  return missing ? `no ${missing} allows it` : 'AWS does not say why';
}

/** The conditions that a trust policy may have and that this call does not meet. */
function missingIn({ role, serialNumber, source }: StsCall): string {
  if (!role) return '';
  const hasMfa =
    serialNumber !== undefined || (source.step === 'session' && source.serialNumber !== undefined);
  const mfa =
    source.step === 'role'
      ? 'MFA (which a role does not pass on to the next role)'
      : 'MFA (no mfa_serial is in use)';
  const externalId = role.externalId === undefined ? 'an external_id (none is set)' : 'another external_id';
  return `: it may require ${hasMfa ? '' : `${mfa} or `}${externalId}`;
}

/** Errors about the endpoint and the region. */
function endpointErrors(failed: FailedCall): readonly ErrorRow[] {
  const { of, key, endpoint, role, sts } = failed;
  return [
    {
      when: /scoped to correct service/,
      code: 'wrong-endpoint',
      message: `What answers at ${sts} is another service of AWS`,
      hint: 'Correct AWS_ENDPOINT_URL_STS or endpoint_url.',
    },
    {
      when: /^InvalidAction/,
      code: 'wrong-endpoint',
      message: `What answers at ${sts} does not know ${role ? 'AssumeRole' : 'GetSessionToken'}`,
      hint: 'Correct AWS_ENDPOINT_URL_STS or endpoint_url.',
    },
    {
      when: /^SignatureDoesNotMatch: .*scoped/,
      code: 'wrong-region',
      message: `The region ${endpoint.region} does not fit the endpoint ${sts}`,
      hint: 'Set --sts-region, or the endpoint, so that both name the same region.',
    },
    {
      when: /^RegionDisabledException/,
      code: 'region-disabled',
      message: `STS is not activated for this account in ${endpoint.region}`,
      hint: 'Use another region with --sts-region, or ask an administrator to activate it in IAM, Account settings.',
    },
    {
      when: /^MissingAuthenticationToken/,
      code: 'signature-lost',
      message: `The signature did not arrive at ${sts}`,
      hint: 'Look for a proxy that takes the Authorization header away.',
    },
    {
      // After the other errors about signatures.
      when: /^SignatureDoesNotMatch/,
      code: 'wrong-secret',
      message: `The secret key of ${key} (${of}) does not match the one that AWS has`,
      hint: `Copy the pair of keys again${replaceKeys(failed)}`,
    },
  ];
}

/** Errors about parameters: durations, policies, tags, names. */
function parameterErrors({ of, answer, roleArn, asked }: FailedCall): readonly ErrorRow[] {
  const { message } = answer;
  const [, limit] = /(?:less|greater) than or equal to (\d+)/.exec(message) ?? [];
  const bound = sayDuration(Number(limit));
  const [packed] = /\d+%/.exec(message) ?? [];
  const tooLarge = packed ? `too large: AWS packs them into ${packed} of the space` : 'too large';
  const { names, rules } = invalidParameters(message);
  return [
    {
      when: /MaxSessionDuration/,
      code: 'duration-over-maximum',
      message: `The role of ${of} does not allow ${asked}: its maximum session duration is less`,
      hint: 'Ask for less (1h is always allowed), or ask an administrator to raise the maximum of the role.',
    },
    {
      when: /role chaining/,
      code: 'duration-over-maximum',
      message: `${of} is assumed from another session, and lives an hour at most; ${asked} was asked for`,
      hint: 'Ask for 1h or less, or name a source profile with long-term keys and an MFA device.',
    },
    {
      when: /at 'durationSeconds'.* less than or equal to \d+/,
      code: 'duration-out-of-range',
      message: `${of} may ask AWS for ${bound} at most, and ${asked} was asked for`,
      hint: `Ask for ${bound} or less with --duration.`,
    },
    {
      when: /at 'durationSeconds'.* greater than or equal to \d+/,
      code: 'duration-out-of-range',
      message: `${of} may ask AWS for ${bound} at least, and ${asked} was asked for`,
      hint: `Ask for ${bound} or more with --duration.`,
    },
    {
      when: /^PackedPolicyTooLarge\w*: .*tags/,
      code: 'bad-policy',
      message: `The session tags of ${of} are ${tooLarge}`,
      hint: 'Use fewer or shorter tags.',
    },
    {
      when: /^PackedPolicyTooLarge/,
      code: 'bad-policy',
      message: `The session policy and tags of ${of} are ${tooLarge}`,
      hint: 'Make them shorter; policy ARNs take less room than a policy.',
    },
    malformedPolicy(`the session policy of ${of}`, answer),
    {
      when: /^ValidationError: Request ARN is invalid/,
      code: 'bad-role',
      message: `AWS does not take ${roleArn} of ${of} for a role`,
      hint: 'A role looks like arn:aws:iam::123456789012:role/NAME.',
    },
    {
      when: /^ValidationError: .* at '\w+/,
      code: 'bad-parameter',
      message: `AWS does not take what ${of} gives for ${rules.join(', ') || printable(message, 200)}`,
      hint: `Correct ${names.join(' and ') || 'it'}.`,
    },
  ];
}

/** @param policy `the session policy of profile "work"` */
export function malformedPolicy(policy: string, answer: ErrorAnswer): ErrorRow {
  return {
    when: /^MalformedPolicyDocument/,
    code: 'bad-policy',
    message: `AWS does not take ${policy}: ${quoteAnswer(answer)}`,
    hint: 'Correct the policy; IAM Access Analyzer says what is wrong with it: aws accessanalyzer validate-policy',
  };
}

/**
 * The settings that AWS refuses, and each with its rule, but not with its value: `1 validation error detected: Value 'x'
 * at 'externalId' failed to satisfy constraint: RULE; Value …`.
 */
function invalidParameters(message: string) {
  const found = [...message.matchAll(/at '(\w+)[^']*' failed to satisfy constraint: ([^;]+)/g)];
  const named = found.map(([, name = '', rule = '']) => [settings[name] ?? name, rule.trim()] as const);
  return {
    names: named.map(([name]) => name),
    rules: named.map(([name, rule]) => `${name} (${rule.replace(/^Member /, '')})`),
  };
}

/** AWS's parameters, as the user wrote them. */
const settings: Readonly<Record<string, string>> = {
  serialNumber: 'mfa_serial',
  tokenCode: 'the MFA code',
  roleArn: 'role_arn',
  roleSessionName: 'role_session_name',
  externalId: 'external_id',
  sourceIdentity: 'source_identity',
  durationSeconds: 'duration_seconds',
  policy: 'the session policy',
  policyArns: 'the policy ARNs',
  tags: 'the session tags',
  transitiveTagKeys: 'the transitive tags',
};
