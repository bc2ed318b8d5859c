import { readFileSync } from 'node:fs';
import { fromWebToken } from '@aws-sdk/credential-provider-web-identity';
import { parsedDuration, roleSeconds } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { withoutOurRegion } from '../export/environment.ts';
import { printable } from '../printable.ts';
import { configuredRegion, type Setting } from '../profile/profile.ts';
import { checkedRoleArn } from '../profile/role.ts';
import { stsEndpoint } from '../sts/endpoint.ts';
import { type Asking, found, named, type Provider, providerFault, type Said, shown } from './provider.ts';
import { clientConfig, withSdk } from './sdk.ts';

/** AssumeRoleWithWebIdentity, with the token in the file that `web_identity_token_file` names. */
export const fromWebIdentity: Provider = async (asking) => {
  const { profile, world, regions, files } = asking;
  const { env } = world;
  const file = profile.setting('web_identity_token_file') as Setting;
  const roleArn = checkedRoleArn(profile.setting('role_arn') as Setting);
  const duration = profile.setting('duration_seconds');
  const durationSeconds = roleSeconds(duration && parsedDuration(duration), false);
  const own = withoutOurRegion(env, configuredRegion(env.AWSMFA_PROFILE, files));
  const { region, url, fips, dualStack, attempts } = stsEndpoint(regions, own, profile, files);
  const provider = fromWebToken({
    webIdentityToken: readToken(file.value, asking),
    roleArn,
    roleSessionName:
      profile.setting('role_session_name')?.value ?? `awsmfa-${Math.floor(world.now() / 1000)}`,
    durationSeconds,
    clientConfig: {
      ...(await clientConfig(asking)),
      region,
      ...(url === undefined ? {} : { endpoint: url }),
      ignoreConfiguredEndpointUrls: true,
      useFipsEndpoint: fips,
      useDualstackEndpoint: dualStack,
      maxAttempts: attempts,
    },
  });
  try {
    const credentials = await withSdk(asking, () => provider());
    return found(
      credentials,
      asking,
      `STS gave ${named(asking)}`,
      'Set the clock (turn on automatic time), then try again.',
    );
  } catch (error) {
    const name = url ? `STS (${printable(url, 100)})` : `STS in ${region}`;
    throw providerFault(error, asking, {
      name,
      refusal: (said) => refusal(said, asking, roleArn, file.value),
    });
  }
};

function readToken(path: string, asking: Asking): string {
  let token: string;
  try {
    token = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
    throw noToken(`cannot be read: ${code === 'ENOENT' ? 'there is no such file' : printable(code, 40)}`);
  }
  if (token === '') throw noToken('is empty');
  return token;

  function noToken(what: string): UserError {
    return new UserError(
      Exit.configuration,
      'web-identity-token',
      `The web identity token of ${named(asking)} in ${printable(path)} ${what}`,
      'What writes that file (Kubernetes, a CI job) must run first; give its whole path.',
    );
  }
}

function refusal(
  said: Said,
  asking: Asking,
  roleArn: string,
  path: string,
): readonly [code: string, message: string, hint: string] {
  const of = named(asking);
  if (said.name === 'ExpiredTokenException') {
    return [
      'web-identity-expired',
      `The web identity token of ${of} in ${printable(path)} has expired`,
      'Have it renewed by what writes that file.',
    ];
  }
  if (/^AccessDenied/.test(said.name)) {
    return [
      'role-denied',
      `The web identity of ${of} may not assume ${printable(roleArn, 120)}: AWS does not say why`,
      'Check the name of the role, and which identity provider, audience and subject its trust policy lets in.',
    ];
  }
  return [
    'web-identity-refused',
    `AWS refused the web identity of ${of} for ${printable(roleArn, 120)}: ${shown(said)}`,
    'Check the identity provider in IAM, and the audience and subject of the token.',
  ];
}
