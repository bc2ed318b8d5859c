import { accountOf, Secret } from '../credentials.ts';
import { parsedDuration, roleSeconds } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { withoutOurRegion } from '../export/memory.ts';
import { readText } from '../files/disk.ts';
import { configuredRegion } from '../profile/choice.ts';
import type { Setting } from '../profile/profile.ts';
import { checkedRoleArn } from '../profile/role.ts';
import { type ErrorRow, nameSts } from '../sts/answer.ts';
import { stsEndpoint } from '../sts/endpoint.ts';
import { assumeRoleWithWebIdentity } from '../sts/sts.ts';
import { printable } from '../text.ts';
import { type Asking, checked, named, type Provider, providerError } from './provider.ts';

/** AssumeRoleWithWebIdentity, with the token in the file that `web_identity_token_file` names. */
export const fromWebIdentity: Provider = async (asking) => {
  const { profile, world, regions, files } = asking;
  const { env } = world;
  const file = profile.setting('web_identity_token_file') as Setting;
  const roleArn = checkedRoleArn(profile.setting('role_arn') as Setting);
  const duration = profile.setting('duration_seconds');
  const own = withoutOurRegion(env, configuredRegion(env.AWSMFA_PROFILE, files));
  const endpoint = stsEndpoint(regions, own, profile, files);
  const role = {
    RoleArn: roleArn,
    RoleSessionName:
      profile.setting('role_session_name')?.value ?? `awsmfa-${Math.floor(world.now() / 1000)}`,
    DurationSeconds: roleSeconds(duration && parsedDuration(duration), false),
  };
  const token = readToken(file.value, asking);
  const service = {
    name: nameSts(endpoint),
    renew: 'Set the clock (turn on automatic time), then try again.',
    errors: (quoted: string) =>
      errorRows(quoted, named(asking), printable(roleArn, 120), printable(file.value)),
  };
  try {
    const answer = await assumeRoleWithWebIdentity(endpoint, role, token);
    const raw = {
      accessKeyId: answer.AccessKeyId,
      secretAccessKey: answer.SecretAccessKey,
      sessionToken: answer.SessionToken,
      expiration: answer.Expiration,
      accountId: accountOf(roleArn),
    };
    return checked(raw, asking, `STS gave ${named(asking)}`, service.renew);
  } catch (error) {
    throw providerError(error, asking, service);
  }
};

function readToken(path: string, asking: Asking): Secret {
  let token: string;
  try {
    token = readText(path).trim();
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw noToken(`cannot be read: ${code === 'ENOENT' ? 'there is no such file' : printable(code, 40)}`);
  }
  if (token === '') throw noToken('is empty');
  return new Secret(token);

  function noToken(what: string): UserError {
    return new UserError(
      Exit.configuration,
      'web-identity-token',
      `The web identity token of ${named(asking)} in ${printable(path)} ${what}`,
      'The program that writes it (Kubernetes, a CI job) must run first. Give the whole path of the file.',
    );
  }
}

function errorRows(quoted: string, of: string, role: string, file: string): readonly ErrorRow[] {
  return [
    {
      when: /^ExpiredTokenException/,
      code: 'web-identity-expired',
      message: `The web identity token of ${of} in ${file} has expired`,
      hint: 'Renew it with the program that writes that file.',
    },
    {
      when: /^AccessDenied/,
      code: 'role-denied',
      message: `The web identity of ${of} is not allowed to assume ${role}: AWS does not say why`,
      hint: 'Check the name of the role, and which identity provider, audience and subject its trust policy allows.',
    },
    {
      when: /^/,
      code: 'web-identity-refused',
      message: `AWS refused the web identity of ${of} for ${role}: ${quoted}`,
      hint: 'Check the identity provider in IAM, and the audience and subject of the token.',
    },
  ];
}
