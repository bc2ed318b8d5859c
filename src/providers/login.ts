import { join } from 'node:path';
import { fromLoginCredentials } from '@aws-sdk/credential-provider-login';
import {
  type Asking,
  found,
  named,
  type Provider,
  profileOption,
  providerFault,
  type Said,
  shown,
} from './provider.ts';
import { clientConfig, withSdk } from './sdk.ts';

/** `aws login`, whose session is in `~/.aws/login/cache`; the SDK renews its credentials and writes them there. */
export const fromLogin: Provider = async (asking) => {
  const provider = fromLoginCredentials({ profile: 'default', clientConfig: await clientConfig(asking) });
  try {
    const credentials = await withSdk(asking, () => provider(), cacheDirectory(asking));
    return found(credentials, asking, `AWS Sign-In gave ${named(asking)}`, logIn(asking));
  } catch (error) {
    throw providerFault(error, asking, { name: 'AWS Sign-In', refusal: (said) => refusal(said, asking) });
  }
};

/** The SDK asks the system for the home directory here, and elsewhere `HOME`. */
function cacheDirectory({ world }: Asking): Readonly<Record<string, string>> {
  const { env, home } = world;
  return env.AWS_LOGIN_CACHE_DIRECTORY || home === undefined
    ? {}
    : { AWS_LOGIN_CACHE_DIRECTORY: join(home, '.aws', 'login', 'cache') };
}

function refusal(said: Said, asking: Asking): readonly [code: string, message: string, hint: string] {
  const of = named(asking);
  const known = reasons.find(({ when }) => when.test(`${said.name}: ${said.text}`));
  if (known) return ['login-expired', known.say(of), logIn(asking)];
  return [
    'login-refused',
    `AWS Sign-In refused to renew the session of ${of}: ${shown(said)}`,
    logIn(asking),
  ];
}

/** What the SDK makes of a missing or damaged file, and of the service's reasons. */
const reasons: readonly { readonly when: RegExp; readonly say: (of: string) => string }[] = [
  { when: /ENOENT/, say: (of) => `There is no login session for ${of}` },
  {
    when: /Failed to load (a )?token|validation failed|missing required|Dpop/i,
    say: (of) => `The login session of ${of} is damaged`,
  },
  { when: /change in your password/, say: (of) => `The password for the login session of ${of} was changed` },
  {
    when: /insufficient permissions/,
    say: (of) => `The user of ${of} may not renew the login session (signin:CreateOAuth2Token)`,
  },
  { when: /expired|Please re-?authenticate/i, say: (of) => `The login session of ${of} has expired` },
];

function logIn(asking: Asking): string {
  return `Log in again: aws login ${profileOption(asking)}`;
}
