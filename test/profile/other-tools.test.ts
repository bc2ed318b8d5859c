import { describe, expect, it } from 'vitest';
import { configuredDevice } from '../../src/mfa/device.ts';
import { keys, refusal, resolver, way } from './resolving.ts';

const { resolve } = resolver();

const mfa = 'arn:aws:iam::111122223333:mfa/ada';

describe('include_profile of aws-vault', () => {
  // From aws-vault's USAGE.md, with other names.
  const config = `
[default]
region = us-east-1

[profile root]
region = eu-west-1
mfa_serial = ${mfa}
duration_seconds = 3600

[profile order-dev]
source_profile = keys
include_profile = root
role_arn = arn:aws:iam::123456789012:role/developers

[profile order-staging]
include_profile = order-dev
role_arn = arn:aws:iam::123456789012:role/administrators
region = us-east-2

[profile keys]
${keys('AKIA1')}`;

  it('fills what is missing, from the nearest profile on', () => {
    const dev = resolve({ config }, 'order-dev');
    expect(way(dev)).toEqual(['AKIA1', 'arn:aws:iam::123456789012:role/developers']);
    expect(dev.setting('region')).toEqual({ value: 'eu-west-1', by: 'region of profile "root"' });
    const staging = resolve({ config }, 'order-staging');
    expect(way(staging)).toEqual(['AKIA1', 'arn:aws:iam::123456789012:role/administrators']);
    expect(staging.setting('region')).toEqual({
      value: 'us-east-2',
      by: 'region of profile "order-staging"',
    });
    expect(configuredDevice(undefined, staging)).toBe(mfa);
    // As for the AWS CLI, [default] gives nothing to others.
    expect(resolve({ config }, 'keys').setting('region')).toBe(undefined);
  });

  it('its older name is parent_profile', () => {
    const older = config.replaceAll('include_profile', 'parent_profile');
    expect(resolve({ config: older }, 'order-staging').setting('duration_seconds')?.value).toBe('3600');
  });

  it('gives keys too, as a pair', () => {
    const config = `[profile child]\ninclude_profile = root\n[profile root]\nregion = eu-west-1\n`;
    const credentials = `[root]\n${keys('AKIA1')}`;
    expect(way(resolve({ config, credentials }, 'child'))).toEqual(['AKIA1']);
    const half = `${credentials}[child]\naws_access_key_id = AKIA2\n`;
    expect(refusal(() => resolve({ config, credentials: half }, 'child')).code).toBe('half-a-key');
    const role = `${config}[profile r]\nrole_arn = r\ninclude_profile = root\n`;
    expect(way(resolve({ config: role, credentials }, 'r'))).toEqual(['AKIA1', 'r']);
  });

  it('a circle, and a name that is not there, are errors', () => {
    const circle = '[profile a]\ninclude_profile = b\n[profile b]\ninclude_profile = a\n';
    expect(refusal(() => resolve({ config: circle }, 'a'))).toMatchObject({
      exit: 3,
      code: 'include-cycle',
      message: 'The profiles include each other in a circle: a → b → a',
    });
    expect(refusal(() => resolve({ config: '[profile a]\ninclude_profile = b\n' }, 'a')).message).toBe(
      'Profile "a" has include_profile "b", and there is no such profile',
    );
  });
});

describe('source_profile without role_arn', () => {
  const base = `[profile base]\nregion = eu-west-1\nmfa_serial = ${mfa}\n${keys('AKIA1')}`;
  const alias = `[profile alias]\nsource_profile = base\nregion = us-east-1\n`;

  it('means the credentials of the source, and its settings where there are none', () => {
    const profile = resolve({ config: base + alias }, 'alias');
    expect([profile.name, way(profile), profile.setting('region')?.value]).toEqual([
      'alias',
      ['AKIA1'],
      'us-east-1',
    ]);
    expect(configuredDevice(undefined, profile)).toBe(mfa);
  });

  it('on the way of a role, and of a program', () => {
    const config = `${base}${alias}[profile r]\nrole_arn = r\nsource_profile = alias\n`;
    expect(way(resolve({ config }, 'r'))).toEqual(['AKIA1', 'r']);
    const program = '[profile base]\ncredential_process = x\n[profile alias]\nsource_profile = base\n';
    expect(resolve({ config: program }, 'alias')).toMatchObject({
      kind: 'process',
      name: 'alias',
      section: 'base',
    });
  });

  it('keys of its own come first, and a circle is an error', () => {
    expect(way(resolve({ config: `${base}${alias}${keys('AKIA2')}` }, 'alias'))).toEqual(['AKIA2']);
    const circle = '[profile a]\nsource_profile = b\n[profile b]\nsource_profile = a\n';
    expect(refusal(() => resolve({ config: circle }, 'a')).message).toMatch(/a → b → a$/);
  });
});

describe('an empty mfa_serial', () => {
  const base = `[profile base]\nmfa_serial = ${mfa}\n${keys('AKIA1')}`;

  it('says that the profile needs no MFA, whatever its source has', () => {
    const config = `${base}[profile r]\nrole_arn = r\nsource_profile = base\nmfa_serial =\n`;
    expect(configuredDevice(undefined, resolve({ config }, 'r'))).toBe('');
    expect(configuredDevice(undefined, resolve({ config }, 'base'))).toBe(mfa);
    expect(configuredDevice({ value: mfa, by: 'x' }, resolve({ config }, 'r'))).toBe(mfa);
  });
});

describe('keys of other tools that awsmfa does not read', () => {
  it.each([
    ['granted_sso_start_url = https://x\ngranted_sso_region = eu-west-1', 'granted (granted_sso_start_url)'],
    ['web_identity_token_process = x\nrole_arn = r', 'aws-vault (web_identity_token_process)'],
    ['azure_tenant_id = x', 'aws-azure-login (azure_tenant_id)'],
  ])('%s', (lines, named) => {
    expect(refusal(() => resolve({ config: `[profile a]\nregion = x\n${lines}\n` }, 'a'))).toMatchObject({
      exit: 3,
      code: 'other-tool',
      message: `Profile "a" gets its credentials from ${named}, which awsmfa does not read`,
    });
  });

  it('are no obstacle for a profile that has credentials', () => {
    expect(
      way(resolve({ config: `[profile a]\ngranted_color = red\nazure_x = 1\n${keys('AKIA1')}` }, 'a')),
    ).toEqual(['AKIA1']);
  });
});
