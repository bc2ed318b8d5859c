import type { CallerCredentials } from '../../tools/local-sts/caller.ts';
import { ada, serialOf } from './desk.ts';
import { inSeconds, iso, loginCacheFile, loginToken, type Sources } from './sources.ts';
import { ssoCacheFile } from './sso.ts';

export const account = ada.accountId;
export const plainRole = `arn:aws:iam::${account}:role/Plain`;
export const mfaRole = `arn:aws:iam::${account}:role/Mfa`;

/** The kinds that are a profile of their own. */
export const named = ['process', 'sso', 'sso-legacy', 'web-identity', 'login'];

/** A profile of every kind, and a role from each. */
export const configFile = `${named
  .map((name) => `[profile "role of ${name}"]\nrole_arn = ${plainRole}\nsource_profile = ${name}\n`)
  .join('')}
[profile "role of instance"]
role_arn = ${plainRole}
credential_source = Ec2InstanceMetadata

[profile "role of container"]
role_arn = ${plainRole}
credential_source = EcsContainer

[profile "role with MFA"]
role_arn = ${mfaRole}
source_profile = keys

[profile keys]
credential_process = sh keys.sh
mfa_serial = ${serialOf(ada)}

[profile process]
credential_process = sh session.sh

[profile asking]
credential_process = sh asking.sh

[profile failing]
credential_process = sh -c "echo canary-out; echo canary-err >&2; exit 3"

[profile sso]
sso_session = corp
sso_account_id = ${account}
sso_role_name = Developer

[sso-session corp]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1

[profile sso-legacy]
sso_start_url = https://corp.awsapps.com/start
sso_region = eu-central-1
sso_account_id = ${account}
sso_role_name = Developer

[profile web-identity]
web_identity_token_file = token
role_arn = arn:aws:iam::${account}:role/Pod

[profile login]
login_session = arn:aws:iam::${account}:user/ada
`;

/** Each of them gives this session, which STS accepts; `keys` gives the long-term keys of its user. */
export function giveSessions(at: Sources, session: Required<CallerCredentials>): void {
  const { accessKeyId, secretAccessKey, sessionToken } = session;
  const [expiration, Expiration] = [inSeconds(3600), iso(inSeconds(3600))];
  const body = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Expiration };
  const [key] = ada.accessKeys;
  const longTerm = { Version: 1, AccessKeyId: key?.id, SecretAccessKey: key?.secret };
  at.file('keys.sh', `echo '${JSON.stringify(longTerm)}'`);
  at.file('session.sh', `echo '${JSON.stringify({ ...body, SessionToken: sessionToken })}'`);

  const asked = JSON.stringify({ ...body, SessionToken: sessionToken, SecretAccessKey: 'canary-%s' });
  at.file('asking.sh', `printf 'Touch your key: ' >&2; read -r answer; printf '${asked}' "$answer"`);

  const token = JSON.stringify({ accessToken: 'canary-access', expiresAt: Expiration });
  for (const name of ['corp', 'https://corp.awsapps.com/start']) at.file(ssoCacheFile(name), token);
  at.server.on('GET /federation/credentials', {
    body: { roleCredentials: { ...session, expiration: expiration * 1000 } },
  });

  at.file('token', 'canary-jwt');
  const login = loginToken({ ...session, expiresAt: Expiration });
  at.file(loginCacheFile(`arn:aws:iam::${account}:user/ada`), JSON.stringify(login));

  const metadata = { ...body, Token: sessionToken };
  const list = 'GET /latest/meta-data/iam/security-credentials/';
  at.server.on('PUT /latest/api/token', { body: 'canary-imds-token' });
  at.server.on(list, { body: 'Box' });
  at.server.on(`${list}Box`, { body: metadata });
  at.server.on('GET /container', { body: metadata });
}
