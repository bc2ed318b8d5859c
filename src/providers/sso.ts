import { fromSSO } from '@aws-sdk/credential-provider-sso';
import { printable } from '../printable.ts';
import { checkedRegion } from '../profile/region.ts';
import { incompleteSso } from '../profile/unresolved.ts';
import {
  type Asking,
  found,
  named,
  type Provider,
  profileOption,
  providerFault,
  type Said,
  type Service,
  shown,
} from './provider.ts';
import { clientConfig, withSdk } from './sdk.ts';

/** IAM Identity Center, with the token that `aws sso login` left in `~/.aws/sso/cache`; the SDK renews it. */
export const fromIdentityCenter: Provider = async (asking) => {
  const settings = ssoSettings(asking);
  const config = await clientConfig(asking);
  try {
    const provider = fromSSO({ ...settings, profile: 'default', clientConfig: config });
    const credentials = await withSdk(asking, () => provider());
    return found(credentials, asking, `${serviceName} gave ${named(asking)}`, logIn(asking));
  } catch (error) {
    throw providerFault(error, asking, identityCenter(asking, settings));
  }
};

const serviceName = 'IAM Identity Center';

interface SsoSettings {
  /** Undefined for a profile of the legacy form, which has all of it itself. */
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

function identityCenter(asking: Asking, { ssoAccountId, ssoRoleName }: SsoSettings): Service {
  return { name: serviceName, refusal: (said) => refusal(said, asking, ssoAccountId, ssoRoleName) };
}

function refusal(
  said: Said,
  asking: Asking,
  account: string,
  role: string,
): readonly [code: string, message: string, hint: string] | undefined {
  const of = named(asking);
  if (/invalid temporary credential/.test(said.text)) return undefined;
  if (said.name === 'UnauthorizedException' || /expired|Cannot refresh/.test(said.text)) {
    return ['sso-expired', `The ${serviceName} session of ${of} has expired`, logIn(asking)];
  }
  // What the SDK says by itself is about the file that `aws sso login` writes.
  if (said.name === '')
    return ['no-sso-session', `There is no ${serviceName} session for ${of}`, logIn(asking)];
  return [
    'sso-refused',
    `${serviceName} does not give ${of} the role ${printable(role, 64)} in ${printable(account, 20)}: ${shown(said)}`,
    'Check sso_account_id and sso_role_name, and whether you are assigned to both.',
  ];
}

function logIn(asking: Asking): string {
  return `Log in again: aws sso login ${profileOption(asking)}`;
}
