import { fromLoginCredentials } from '@aws-sdk/credential-provider-login';
import { named, type Provider, profileOption, provide } from './provider.ts';
import { clientConfig, withSdk } from './sdk.ts';

/** `aws login`, whose session is in `~/.aws/login/cache`; the SDK renews its credentials and writes them there. */
export const fromLogin: Provider = async (asking) => {
  const name = 'AWS Sign-In';
  const of = named(asking);
  const renew = `Log in again: aws login ${profileOption(asking)}`;
  const expired = (when: RegExp, message: string) => ({ when, code: 'login-expired', message, hint: renew });
  // The SDK's messages about a missing or damaged file, then those about the service's errors.
  const errors = (quoted: string) => [
    expired(/ENOENT/, `There is no login session for ${of}`),
    expired(
      /Failed to load (a )?token|validation failed|missing required|Dpop/i,
      `The login session of ${of} is damaged`,
    ),
    expired(/change in your password/, `The password for the login session of ${of} was changed`),
    expired(
      /insufficient permissions/,
      `The user of ${of} may not renew the login session (signin:CreateOAuth2Token)`,
    ),
    expired(/expired|Please re-?authenticate/i, `The login session of ${of} has expired`),
    {
      when: /^/,
      code: 'login-refused',
      message: `AWS Sign-In refused to renew the session of ${of}: ${quoted}`,
      hint: renew,
    },
  ];
  const provider = fromLoginCredentials({ profile: 'default', clientConfig: await clientConfig(asking) });
  return provide(asking, { name, renew, errors }, () => withSdk(asking, provider));
};
