import { describe, expect, it, test } from 'vitest';
import { configuredDevice } from '../../src/mfa/device.ts';
import { alice, roles } from '../../tools/local-sts/sample.ts';
import { keysSection } from '../support/home.ts';
import { files, stage } from '../support/stage.ts';
import { keys, refusal, resolver, way } from './resolving.ts';

/**
 * Files of the shapes that the documentation of aws-vault (USAGE.md, versions 4 to 7), awsume (awsu.me) and granted
 * (docs.commonfate.io) shows, with other names. Each means here what it means there, or an error names the tool.
 */
const { resolve, load } = resolver();
const at = stage({ roles });

const role = (account: number, name: string) => `arn:aws:iam::${String(account).repeat(12)}:role/${name}`;
const phone = 'arn:aws:iam::111111111111:mfa/mia';

describe('aws-vault', () => {
  const has = (config: string, name: string, credentials = `[base]\n${keys('AKIABASE')}`) => {
    const profile = resolve({ config, credentials }, name);
    return [...way(profile), configuredDevice(undefined, profile), profile.setting('region')?.value];
  };

  it('a fragment that the source includes as well', () => {
    const config = `; settings of all
[profile shared]
region=eu-central-1
mfa_serial=${phone}
source_profile = base

[profile base]
include_profile = shared

[profile shop-dev]
include_profile = shared
role_arn=${role(1, 'dev')}

[profile shop-admin]
include_profile = shared
role_arn=${role(1, 'admin')}
`;
    expect(has(config, 'base')).toEqual(['AKIABASE', phone, 'eu-central-1']);
    expect(has(config, 'shop-dev')).toEqual(['AKIABASE', role(1, 'dev'), phone, 'eu-central-1']);
    expect(has(config, 'shop-admin')).toEqual(['AKIABASE', role(1, 'admin'), phone, 'eu-central-1']);
  });

  it('a parent that is its own source, and the source of those that include it', () => {
    const config = `[profile base]
region=eu-central-1
mfa_serial=${phone}
source_profile = base

[profile shop-dev]
include_profile = base
role_arn=${role(1, 'dev')}
`;
    expect(has(config, 'base')).toEqual(['AKIABASE', phone, 'eu-central-1']);
    expect(has(config, 'shop-dev')).toEqual(['AKIABASE', role(1, 'dev'), phone, 'eu-central-1']);
  });

  it('version 4: parent_profile beside source_profile; [default] gives nothing, as the page for its users says', () => {
    const config = `[default]
region = us-west-1

[profile base]

[profile parent]
mfa_serial = ${phone}
duration_seconds = 900

[profile account1]
parent_profile = parent
source_profile = base
role_arn = ${role(2, 'Administrator')}
`;
    expect(has(config, 'account1')).toEqual(['AKIABASE', role(2, 'Administrator'), phone, undefined]);
    expect(
      resolve({ config, credentials: `[base]\n${keys('A')}` }, 'account1').setting('duration_seconds')?.value,
    ).toBe('900');
  });

  it('a role that is assumed with a key of its own', () => {
    const config = `[profile work]
mfa_serial = ${phone}
role_arn = ${role(1, 'ReadOnly')}

[profile work-admin]
role_arn = ${role(1, 'Administrator')}
source_profile = work
`;
    const own = `[work]\n${keys('AKIAWORK')}`;
    expect(has(config, 'work', own)).toEqual(['AKIAWORK', role(1, 'ReadOnly'), phone, undefined]);
    // The role of a source that has keys does not count, as for the AWS CLI.
    expect(has(config, 'work-admin', own)).toEqual(['AKIAWORK', role(1, 'Administrator'), phone, undefined]);
    expect(refusal(() => resolve({ config }, 'work'))).toMatchObject({
      code: 'source-unclear',
      hint: 'Set source_profile to the profile whose keys may assume the role. The key that aws-vault keeps for this profile is not read.',
    });
  });

  it('the device at the source, at each role, or a chain of roles', () => {
    const config = `[profile base]
mfa_serial = ${phone}

[profile first]
source_profile = base
role_arn = ${role(1, 'first')}

[profile second]
source_profile = first
role_arn = ${role(2, 'second')}
mfa_serial = ${phone}
`;
    expect(has(config, 'first')).toEqual(['AKIABASE', role(1, 'first'), phone, undefined]);
    expect(has(config, 'second')).toEqual([
      'AKIABASE',
      role(1, 'first'),
      role(2, 'second'),
      phone,
      undefined,
    ]);
  });

  it('itself as the credential_process, of the profile or of the source of a role', () => {
    const config = `[profile mia]
credential_process = aws-vault exec --no-session --json mia

[profile work]
mfa_serial = ${phone}
role_arn = ${role(3, 'ops')}
source_profile = mia
`;
    expect(has(config, 'mia')).toEqual(['process of mia', undefined, undefined]);
    expect(has(config, 'work')).toEqual(['process of mia', role(3, 'ops'), phone, undefined]);
  });

  it('Identity Center and web identities; a program for the token is named', () => {
    const config = `[profile Administrator-123456789012]
sso_start_url=https://portal.example/start
sso_region=eu-west-1
sso_account_id=123456789012
sso_role_name=Administrator

[profile file]
role_arn = ${role(2, 'web')}
web_identity_token_file = /path/to/token.txt

[profile program]
role_arn = ${role(2, 'web')}
web_identity_token_process = oidccli raw
`;
    expect(way(resolve({ config }, 'Administrator-123456789012'))).toEqual([
      'sso of Administrator-123456789012',
    ]);
    expect(way(resolve({ config }, 'file'))).toEqual(['web-identity of file']);
    expect(refusal(() => resolve({ config }, 'program')).message).toBe(
      'Profile "program" gets its credentials from aws-vault (web_identity_token_process), which awsmfa does not read',
    );
  });

  test('AWS_ROLE_ARN, which it would assume, is named; beside a token it is what it is for the SDKs', async () => {
    await at.runWithCode(['login', 'work']);
    const said = async (env: Record<string, string>) => (await at.run(['env', 'work'], { env })).stderr;
    const line =
      'AWS_ROLE_ARN, which aws-vault would assume, is read only beside AWS_WEB_IDENTITY_TOKEN_FILE: use --role-arn, or unset it';
    expect(await said({ AWS_ROLE_ARN: role(1, 'x') })).toEqual([line]);
    expect(await said({ AWS_ROLE_ARN: role(1, 'x'), AWS_WEB_IDENTITY_TOKEN_FILE: '/t' })).toEqual([]);
  });
});

describe('awsume', () => {
  const config = `[profile client-dev]
role_arn = ${role(4, 'dev')}
source_profile = me
mfa_serial = ${phone}
region = eu-west-1
duration_seconds = 7200
external_id = Abc123
role_session_name = mia

[profile from-here]
role_arn = ${role(4, 'dev')}
credential_source = Environment

[profile saml]
role_arn = ${role(4, 'dev')}
principal_arn = arn:aws:iam::444444444444:saml-provider/corp
`;
  const credentials = `[me]
${keys('AKIAME')}mfa_serial = ${phone}

[autoawsume-client-dev]
manager = awsume
autoawsume = true
aws_access_key_id = ASIAOLD
aws_secret_access_key = canary
aws_session_token = canary
region = eu-west-1
expiration = 2026-01-01 00:00:00
source_expiration = 2026-01-01 00:00:00
awsumepy_command = client-dev -a
`;

  it('users and roles, with what they send', () => {
    const profile = resolve({ config, credentials }, 'client-dev');
    expect(way(profile)).toEqual(['AKIAME', role(4, 'dev')]);
    const sent = ['mfa_serial', 'duration_seconds', 'external_id', 'role_session_name', 'region'];
    expect(sent.map((key) => profile.setting(key)?.value)).toEqual([
      phone,
      '7200',
      'Abc123',
      'mia',
      'eu-west-1',
    ]);
    const env = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 'canary' };
    expect(way(resolve({ config, credentials }, 'from-here', env))).toEqual(['AKIAENV', role(4, 'dev')]);
  });

  it('SAML of its plugins is named', () => {
    expect(refusal(() => resolve({ config, credentials }, 'saml')).message).toBe(
      'Profile "saml" gets its credentials from awsume (principal_arn), which awsmfa does not read',
    );
  });

  test('the sections that it writes are named, with the profile they came from', async () => {
    at.home.write(
      '.aws/credentials',
      `${keysSection('me', alice)}${credentials.slice(credentials.indexOf('[auto'))}`,
    );
    const { exit, stderr } = await at.run(['env', 'autoawsume-client-dev']);
    expect([exit, stderr[1]]).toEqual([3, '  It came from client-dev, by awsume: name that profile.']);
    at.home.write(
      '.aws/credentials',
      credentials.replace('autoawsume-client-dev', 'ide').replace('autoawsume = true\n', ''),
    );
    expect((await at.run(['env', 'ide'])).stderr[1]).toBe(
      '  awsume wrote it: name the profile that it came from.',
    );
    expect((await at.run(['write', 'me', '--to', 'ide', '--no-mfa'])).stderr.join('\n')).toContain(
      'did not write',
    );
  });
});

describe('granted', () => {
  const generated = `[profile Shop-Prod/AdministratorAccess]
granted_sso_start_url      = https://corp.example/start
granted_sso_region         = ap-northeast-1
granted_sso_account_id     = 123456789012
granted_sso_role_name      = AdministratorAccess
common_fate_generated_from = aws-sso
credential_process         = granted credential-process --profile Shop-Prod/AdministratorAccess
region                     = ap-northeast-1
`;

  it('what `granted sso generate` writes is a program, also as the source of a role', () => {
    const config = `${generated}
[profile deploy]
role_arn = ${role(5, 'deploy')}
source_profile = Shop-Prod/AdministratorAccess
`;
    const profile = resolve({ config }, 'Shop-Prod/AdministratorAccess');
    expect(way(profile)).toEqual(['process of Shop-Prod/AdministratorAccess']);
    expect(profile.setting('region')?.value).toBe('ap-northeast-1');
    expect(way(resolve({ config }, 'deploy'))).toEqual([
      'process of Shop-Prod/AdministratorAccess',
      role(5, 'deploy'),
    ]);
  });

  it('--no-credential-process, and a registry with a session', () => {
    const config = `[profile Shop-Prod/ReadOnly]
sso_start_url              = https://corp.example/start
sso_region                 = ap-northeast-1
sso_account_id             = 123456789012
common_fate_generated_from = aws-sso
sso_role_name              = ReadOnly

[sso-session corp]
sso_start_url = https://corp.example/start
sso_region = ap-northeast-1
sso_registration_scopes = sso:account:access

[profile payer]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = AdministratorAccess
`;
    expect(way(resolve({ config }, 'Shop-Prod/ReadOnly'))).toEqual(['sso of Shop-Prod/ReadOnly']);
    expect(way(resolve({ config }, 'payer'))).toEqual(['sso of payer']);
    expect(load({ config }).names()).toEqual(['Shop-Prod/ReadOnly', 'payer']);
  });

  it('its keys without its program are named', () => {
    const config = generated.replace(/credential_process.*\n/, '');
    expect(refusal(() => resolve({ config }, 'Shop-Prod/AdministratorAccess'))).toMatchObject({
      code: 'other-tool',
      hint: 'Name the same values sso_start_url, sso_region, sso_account_id and sso_role_name, without granted_.',
    });
  });

  it('profiles of users with a device', () => {
    const config = `${files.config}[profile ops]\nrole_arn = ${role(5, 'ops')}\nsource_profile = work\n`;
    expect(way(resolve({ config, credentials: `[work]\n${keys('AKIAWORK')}` }, 'ops'))).toEqual([
      'AKIAWORK',
      role(5, 'ops'),
    ]);
  });
});
