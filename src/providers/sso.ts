import { fromSSO } from '@aws-sdk/credential-provider-sso';
import { incompleteSso } from '../profile/identity-center.ts';
import { checkedRegion } from '../profile/region.ts';
import { printable } from '../text.ts';
import { type Asking, named, type Provider, profileOption, provide } from './provider.ts';
import { clientConfig, withSdk } from './sdk.ts';

/** IAM Identity Center, with the token that `aws sso login` left in `~/.aws/sso/cache`; the SDK renews it. */
export const fromIdentityCenter: Provider = async (asking) => {
  const settings = ssoSettings(asking);
  const name = 'IAM Identity Center';
  const of = named(asking);
  const renew = `Log in again: aws sso login ${profileOption(asking)}`;
  const role = printable(settings.ssoRoleName, 64);
  const account = printable(settings.ssoAccountId, 20);
  const errors = (quoted: string) => [
    {
      when: /^UnauthorizedException|expired|Cannot refresh/,
      code: 'sso-expired',
      message: `The ${name} session of ${of} has expired`,
      hint: renew,
    },
    {
      // Errors of the SDK itself are about the file that `aws sso login` writes. One is about the answer.
      when: /^: (?!.*invalid temporary credential)/s,
      code: 'no-sso-session',
      message: `There is no ${name} session for ${of}`,
      hint: renew,
    },
    {
      when: /^\w/,
      code: 'sso-refused',
      message: `${name} does not give ${of} the role ${role} in ${account}: ${quoted}`,
      hint: 'Check sso_account_id and sso_role_name, and whether you are assigned to both.',
    },
  ];
  const provider = fromSSO({ ...settings, profile: 'default', clientConfig: await clientConfig(asking) });
  return provide(asking, { name, renew, errors }, () => withSdk(asking, provider));
};

interface SsoSettings {
  /** Undefined for a profile of the legacy form, which has all settings itself. */
  readonly ssoSession?: string;
  readonly ssoStartUrl: string;
  readonly ssoRegion: string;
  readonly ssoAccountId: string;
  readonly ssoRoleName: string;
}

/** `checkSso` has compared them when the profile was resolved. */
function ssoSettings(asking: Asking): SsoSettings {
  const { profile, files } = asking;
  const ssoSession = profile.setting('sso_session')?.value;
  const session = ssoSession === undefined ? undefined : files.ssoSession(ssoSession);
  const setting = (key: string) => {
    const value = session?.get(key) ?? profile.setting(key)?.value;
    if (value === undefined) throw incompleteSso(profile.name, key);
    return value;
  };
  return {
    ...(ssoSession === undefined ? {} : { ssoSession }),
    ssoStartUrl: setting('sso_start_url'),
    ssoRegion: checkedRegion(setting('sso_region'), `sso_region of ${named(asking)}`),
    ssoAccountId: setting('sso_account_id'),
    ssoRoleName: setting('sso_role_name'),
  };
}
