import { createHash } from 'node:crypto';
import { inSeconds, iso } from './sources.ts';

/** Where `aws sso login` keeps a token: named for the sso-session, or for the start URL of the legacy form. */
export function ssoCacheFile(name: string): string {
  return `.aws/sso/cache/${createHash('sha1').update(name).digest('hex')}.json`;
}

/** A profile of each form, one with a name that the SDK's own parser drops, and one that must not matter. */
export const configFile = `[profile dev]
sso_session = corp
sso_account_id = 111122223333
sso_role_name = Developer
region = eu-west-1

[profile "two words"]
sso_session = my corp
sso_account_id = 111122223333
sso_role_name = Developer

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1
sso_registration_scopes = sso:account:access

[sso-session "my corp"]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1

[profile legacy]
sso_start_url = https://old.awsapps.com/start
sso_region = eu-central-1
sso_account_id = 111122223333
sso_role_name = Developer

[profile another]
region = us-west-2
endpoint_url = http://127.0.0.1:1
`;

/** The portal's answer, valid for so many seconds. */
export const roleCredentials = (seconds: number) => ({
  roleCredentials: {
    accessKeyId: 'ASIASSOSSOSSOSSOSSO1',
    secretAccessKey: 'canary-sso-secret',
    sessionToken: 'canary-sso-session',
    expiration: inSeconds(seconds) * 1000,
  },
});

/** What `aws sso login` keeps, valid for so many seconds. */
export const token = (seconds: number, more: object = {}) =>
  JSON.stringify({
    startUrl: 'https://corp.awsapps.com/start',
    region: 'eu-central-1',
    accessToken: 'canary-access-token',
    expiresAt: iso(inSeconds(seconds)),
    ...more,
  });

/** With these the SDK renews a token. */
export const refreshable = {
  clientId: 'canary-client',
  clientSecret: 'canary-client-secret',
  refreshToken: 'canary-refresh-token',
};
