import { printable } from '../printable.ts';
import { environmentProfile } from '../profile/choice.ts';
import { homeRegion, partitionOf, partitionOfArn } from '../profile/region.ts';
import { optionWord, profileWord } from '../shell-word.ts';
import {
  type Context,
  type Refusal,
  type StsCall,
  sourceExpired,
  type Told,
  unknownKey,
  wrongCode,
  wrongDevice,
} from './answer.ts';

export const setClock = 'Set the clock (turn on automatic time), then try again with a new code.';

/** Errors about the code, the device, or the clock that codes depend on. */
const mfaRefusals: readonly Refusal[] = [
  {
    when: /: Signature (expired|not yet current)|^RequestExpired/,
    say: ({ offset }) => [
      'clock-off',
      `This clock is ${offset ?? 'too far off'}: AWS refuses calls that are more than 15m off`,
      setClock,
    ],
  },
  {
    when: /invalid MFA one time pass code/,
    say: ({ offset, device }) => [
      wrongCode,
      `AWS refused the MFA code: wrong, too old, or used elsewhere already${offset ? `; this clock is ${offset}` : ''}`,
      offset ? setClock : `Use the next code of ${device}; each works once, for 30 seconds.`,
    ],
  },
  {
    when: /verify your MFA serial number/,
    say: ({ of, device }) => [
      wrongDevice,
      `AWS knows no MFA device ${device} for the user of ${of}`,
      'Take the ARN from IAM, Users, Security credentials: …:mfa/NAME, in the account of this access key.',
    ],
  },
  {
    when: /must provide both MFA serial number/,
    say: ({ of }) => [
      'half-the-mfa',
      `AWS got the MFA device of ${of} without the code, or the code without the device`,
      'Both were sent: look for a proxy, or a wrong AWS_ENDPOINT_URL, in between.',
    ],
  },
];

/** Errors about the keys that signed the call. */
const keyRefusals: readonly Refusal[] = [
  {
    when: /^ExpiredToken/,
    say: ({ of, call }) => [
      sourceExpired,
      `The credentials that ${of} comes from have expired`,
      isRenewable(call)
        ? `Renew them: awsmfa login ${profileWord(call.profile)} --refresh`
        : 'They are temporary keys: get new ones where those came from.',
    ],
  },
  {
    when: /^InvalidClientTokenId/,
    say: (context) => (isRenewable(context.call) ? unknownSession(context) : unknown(context)),
  },
  {
    when: /with session credentials/,
    say: ({ of, call }) => [
      'session-keys',
      `The keys of ${of} are a session already, and AWS gives no session for one`,
      `Put the long-term keys (AKIA…) into [${printable(call.profile, 60)}-long-term], or name the profile that has them.`,
    ],
  },
  {
    when: /may not be assumed by root/,
    say: ({ of }) => [
      'root-keys',
      `${of} comes from keys of the root user, and they may assume no role`,
      'Use the keys of an IAM user; root keys are better deleted.',
    ],
  },
  {
    // Its text repeats the access key.
    when: /^IncompleteSignature/,
    say: ({ of }) => [
      'malformed-key',
      `The access key of ${of} has a character that no AWS key has`,
      'Copy the access key and its secret again, each on one line, without quotes.',
    ],
  },
];

/** To be asked after the refusals of an endpoint, which are about signatures as well. */
export const secretRefusals: readonly Refusal[] = [
  {
    when: /^SignatureDoesNotMatch/,
    say: ({ of, key, call }) => [
      'wrong-secret',
      `The secret key of ${key} (${of}) is not the one AWS has`,
      `Copy the pair of keys again${anew(call)}`,
    ],
  },
];

function unknownSession({ of, call }: Context): Told {
  return [
    sourceExpired,
    `AWS no longer knows the session that ${of} comes from`,
    `Get a new one: awsmfa login ${profileWord(call.profile)} --refresh`,
  ];
}

/** How other keys get to where these are; `setup` knows the way to a profile. */
function anew({ source }: StsCall): string {
  if (source.step !== 'keys' || source.profile === environmentProfile) return ', where it comes from.';
  return `: awsmfa setup ${optionWord('--profile', source.profile)} --overwrite`;
}

/** Keys are known in one partition only, and the ARNs and the region of a profile say in which. */
function unknown({ of, key, call }: Context): Told {
  const { region, regionBy = '', regionOfProfile } = call.endpoint;
  const here = partitionOf(region);
  const arn = call.serialNumber?.startsWith('arn:') ? call.serialNumber : call.role?.roleArn;
  const there = partitionOfArn(arn) ?? (regionOfProfile && partitionOf(regionOfProfile));
  if (there !== undefined && there !== here) {
    const evidence = arn
      ? `${printable(arn, 100)} is in ${printable(there, 20)}`
      : `the region of the profile, ${printable(regionOfProfile ?? '', 40)}, is in ${there}`;
    const isOwn = !/^(--|AWS_)/.test(regionBy);
    const example = `a region of ${printable(there, 20)}, such as ${homeRegion(there)}`;
    return [
      'wrong-partition',
      `AWS does not know the access key ${key} of ${of} in ${region}${isOwn ? '' : ` (${regionBy})`}, which is in the partition ${here}; ${evidence}`,
      isOwn
        ? `Set the region of the profile to ${example}.`
        : `Leave ${regionBy} out, or set it to ${example}.`,
    ];
  }
  return [
    unknownKey,
    `AWS does not know the access key ${key} of ${of} in ${region}: deleted, disabled, or of another partition`,
    `Look in IAM whether the key is active; put another in its place${anew(call)}`,
  ];
}

/** What a policy does not allow. */
const permissionRefusals: readonly Refusal[] = [
  {
    when: /sts:(TagSession|SetSourceIdentity)/,
    say: ({ of, answer }) => [
      'role-denied',
      `${of} may not use ${/TagSession/.test(answer.message) ? 'session tags' : 'a source identity'} with this role`,
      `The trust policy of the role must allow ${/TagSession/.test(answer.message) ? 'sts:TagSession' : 'sts:SetSourceIdentity'}, or leave them out.`,
    ],
  },
  {
    when: /sts:AssumeRole/,
    say: ({ of, call, answer }) => [
      'role-denied',
      `${of} may not assume ${printable(call.role?.roleArn ?? '', 120)}: ${reason(answer.message)}`,
      `Check the name of the role, and whom its trust policy lets in${suspects(call)}.`,
    ],
  },
  {
    when: /sts:GetSessionToken/,
    say: ({ of, answer }) => [
      'session-denied',
      `${of} may not have a session: ${reason(answer.message)}`,
      'GetSessionToken needs no permission, so something denies it: let an administrator look at the policies of the user and of the organization.',
    ],
  },
];

/** As far as AWS names the policy that stands in the way (IAM user guide, "access denied error messages"). */
function reason(message: string): string {
  const [, denied] = /with an explicit deny in an? ([\w -]+)/.exec(message) ?? [];
  const [, missing] = /because no ([\w -]+) allows/.exec(message) ?? [];
  if (denied) return `${/^[aeiou]/.test(denied) ? 'an' : 'a'} ${denied} denies it explicitly`;
  return missing ? `no ${missing} allows it` : 'AWS does not say why';
}

/** What a trust policy may ask for that this call did not bring. */
function suspects(call: StsCall): string {
  if (!call.role) return '';
  const missing = [
    ...(hasMfa(call)
      ? []
      : [
          call.source.step === 'role'
            ? 'MFA (which is not handed on from role to role)'
            : 'MFA (no mfa_serial is set)',
        ]),
    ...(call.role.externalId === undefined ? ['an external_id (none is set)'] : ['another external_id']),
  ];
  return `: it may want ${missing.join(' or ')}`;
}

function hasMfa({ serialNumber, source }: StsCall): boolean {
  return serialNumber !== undefined || (source.step === 'session' && source.serialNumber !== undefined);
}

export const callerRefusals: readonly Refusal[] = [...mfaRefusals, ...keyRefusals, ...permissionRefusals];

/** Whether the credentials that call are a session of awsmfa's own, which it can get anew. */
function isRenewable({ role, source }: StsCall): boolean {
  return role !== undefined && source.step !== 'keys';
}
