import { Exit, type ExitStatus, orUndefined, UserError } from '../errors.ts';
import { readText } from '../files/disk.ts';
import type { ListSetting, RoleRequest, Setting } from '../request.ts';
import { printable } from '../text.ts';
import type { Profile } from './profile.ts';

/** The parameters of AssumeRole without the duration, checked against AWS's limits. */
export interface RoleParameters {
  readonly roleArn: string;
  /** Undefined: awsmfa names the session when it is issued. */
  readonly roleSessionName: string | undefined;
  readonly externalId: string | undefined;
  readonly sourceIdentity: string | undefined;
  readonly tags: readonly Tag[];
  readonly transitiveTagKeys: readonly string[];
  readonly policy: string | undefined;
  readonly policyArns: readonly string[];
}

export type Tag = readonly [key: string, value: string];

/**
 * The parameters of a role: options come before settings of the profile. `session_tags` and `transitive_session_tags` are
 * aws-vault's keys, lists with commas. The limits are those of the API reference of AssumeRole.
 *
 * @throws UserError usage for an option, configuration for a file
 */
export function roleParameters(
  roleArn: Setting,
  { setting }: Pick<Profile, 'setting'>,
  asked: Partial<RoleRequest>,
): RoleParameters {
  const tags = tagsOf(asked.tags ?? list(setting('session_tags')));
  const policy = asked.policy ?? setting('policy');
  const sourceIdentity = asked.sourceIdentity ?? setting('source_identity');
  if (sourceIdentity?.value.startsWith('aws:')) throw wrong(sourceIdentity, 'it must not begin with aws:');
  return {
    roleArn: checkedRoleArn(roleArn),
    roleSessionName: checked(asked.sessionName ?? setting('role_session_name'), ofName),
    externalId: checked(asked.externalId ?? setting('external_id'), ofExternalId),
    sourceIdentity: checked(sourceIdentity, ofName),
    tags,
    transitiveTagKeys: transitiveOf(
      asked.transitiveTagKeys ?? list(setting('transitive_session_tags')),
      tags,
    ),
    policy: policy && checkedPolicy(policy.value, policy.by),
    policyArns: policyArnsOf(asked.policyArns ?? list(setting('policy_arns'))),
  };
}

export function checkedRoleArn(roleArn: Setting): string {
  if (/^arn:[\w-]+:iam::\d+:role\/[\u0021-\u007e]+$/.test(roleArn.value) && roleArn.value.length <= 2048) {
    return roleArn.value;
  }
  throw wrong(roleArn, 'a role looks like arn:aws:iam::123456789012:role/NAME');
}

type Rule = readonly [pattern: RegExp, text: string];
const ofName: Rule = [/^[\w+=,.@-]{2,64}$/, '2 to 64 letters, digits or +=,.@-_'];
const ofExternalId: Rule = [/^[\w+=,.@:/-]{2,1224}$/, '2 to 1224 letters, digits or +=,.@:/-_'];

function checked(setting: Setting | undefined, [pattern, rule]: Rule): string | undefined {
  if (!setting || pattern.test(setting.value)) return setting?.value;
  throw wrong(setting, `AWS takes ${rule}`);
}

function tagsOf({ values, by }: ListSetting): readonly Tag[] {
  const tags = values.map((pair): Tag => {
    const split = pair.indexOf('=');
    const [key, value] = split < 0 ? [pair, ''] : [pair.slice(0, split).trim(), pair.slice(split + 1).trim()];
    if (split < 1 || !tagKey.test(key) || !tagValue.test(value)) {
      throw wrong(
        { value: pair, by },
        'a session tag is KEY=VALUE, with 1 to 128 and at most 256 characters',
      );
    }
    return [key, value];
  });
  if (tags.length > 50) throw wrong({ value: `${tags.length} tags`, by }, 'AWS takes at most 50');
  const keys = tags.map(([key]) => key.toLowerCase());
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined)
    throw wrong({ value: twice, by }, 'a tag key may be there once, in any case of letters');
  return tags;
}

const tagKey = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const tagValue = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;

function transitiveOf({ values, by }: ListSetting, tags: readonly Tag[]): readonly string[] {
  const unknown = values.find((key) => !tags.some(([tag]) => tag.toLowerCase() === key.toLowerCase()));
  if (unknown === undefined) return values;
  throw wrong({ value: unknown, by }, 'it names no session tag');
}

/**
 * The text of a policy file.
 *
 * @param option that names the file, for messages
 * @throws UserError usage
 */
export function readPolicy(file: string, option: string): Setting {
  const by = `${option} ${printable(file, 100)}`;
  try {
    return { value: readText(file), by };
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : code;
    throw new UserError(
      Exit.usage,
      'usage',
      `${by} cannot be read: ${reason}`,
      'Name a file with an IAM policy in JSON.',
    );
  }
}

function policyArnsOf({ values: arns, by }: ListSetting): readonly string[] {
  const bad = arns.find((arn) => !/^arn:[\w-]+:iam::(?:\d+|aws):policy\/[\u0021-\u007e]+$/.test(arn));
  if (bad !== undefined)
    throw wrong({ value: bad, by }, 'a policy ARN looks like arn:aws:iam::aws:policy/NAME');
  if (arns.length > 10) throw wrong({ value: `${arns.length} ARNs`, by }, 'AWS takes at most 10');
  return arns;
}

function list(setting: Setting | undefined): ListSetting {
  const words = setting?.value.split(',').map((word) => word.trim()) ?? [];
  return { values: words.filter((word) => word !== ''), by: setting?.by ?? '' };
}

function wrong({ value, by }: Setting, rule: string): UserError {
  const hint = `${rule.charAt(0).toUpperCase()}${rule.slice(1)}.`;
  return new UserError(exitFor(by), 'bad-role', `${by}: "${printable(value, 80)}" is not valid`, hint);
}

function exitFor(by: string): ExitStatus {
  return by.startsWith('--') ? Exit.usage : Exit.configuration;
}

/**
 * The policy of a session as one line. The limits are those of STS: 2,048 characters, none outside Latin-1 (API reference,
 * GetScopedCredentials and AssumeRole).
 *
 * @param by begins the error: `--policy FILE`
 * @throws UserError usage for an option, configuration for a file
 */
export function checkedPolicy(text: string, by: string): string {
  const policy = orUndefined(() => JSON.parse(text));
  if (policy === undefined) {
    throw badScope(
      by,
      `${by} is not JSON`,
      'An IAM policy is JSON: {"Version": "2012-10-17", "Statement": […]}',
    );
  }
  if (typeof policy !== 'object' || policy === null || !('Statement' in policy)) {
    throw badScope(
      by,
      `${by} has no Statement`,
      'An IAM policy looks like {"Version": "2012-10-17", "Statement": […]}.',
    );
  }
  const compact = JSON.stringify(policy);
  if (!/^[\t\n\r\u0020-\u00ff]*$/.test(compact)) {
    throw badScope(
      by,
      `${by} has a character that AWS takes in no policy`,
      'Leave out what is not Latin-1, such as in a Sid.',
    );
  }
  if (compact.length <= 2048) return compact;
  throw badScope(
    by,
    `${by} has ${compact.length} characters without blanks, and AWS takes at most 2048`,
    'Make it shorter: * in the names of actions, fewer services.',
  );
}

/** @param by the option or setting, which decides the status */
export function badScope(by: string, message: string, hint: string): UserError {
  return new UserError(exitFor(by), 'bad-scope', message, hint);
}
