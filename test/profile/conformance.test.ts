import { describe, expect, it } from 'vitest';
import { environmentProfile } from '../../src/profile/choice.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { keys, refusal, resolver, way } from './resolving.ts';

const { resolve } = resolver();

const session = '[sso-session corp]\nsso_start_url = https://c.example\nsso_region = eu-west-1\n';

describe('IAM Identity Center', () => {
  const sso = (lines: string, more = session) =>
    resolve({ config: `[profile work]\n${lines}\n${more}`, credentials: '' }, 'work');
  const both = 'sso_account_id = 1\nsso_role_name = r\n';

  it.each([
    ['with a session', `sso_session = corp\n${both}`],
    ['with a session, for its token alone', 'sso_session = corp'],
    ['that says what its session says', `sso_session = corp\nsso_region = eu-west-1\n${both}`],
    ['of the legacy form', `sso_start_url = u\nsso_region = r\n${both}`],
    ['with keys beside it', `sso_session = corp\n${both}${keys('AKIA1')}`],
  ])('a profile %s', (_what, lines) => {
    expect(way(sso(lines))).toEqual(['sso of work']);
  });

  it('a session for its token alone leaves the credentials to others', () => {
    expect(way(sso(`sso_session = corp\n${keys('AKIA1')}`))).toEqual(['AKIA1']);
    expect(way(sso('sso_session = corp\ncredential_process = x'))).toEqual(['process of work']);
  });

  const forIt = 'Profile "work" is for IAM Identity Center and has no';
  it.each([
    ['sso_start_url = u\nsso_region = r\nsso_role_name = r', `${forIt} sso_account_id`],
    ['sso_start_url = u\nsso_region = r\nsso_account_id = 1', `${forIt} sso_role_name`],
    ['sso_start_url = u\nsso_region = r', `${forIt} sso_account_id`],
    [both, `${forIt} sso_start_url`],
    ['sso_session = corp\nsso_account_id = 1', `${forIt} sso_role_name`],
    [
      'sso_session = gone',
      'Profile "work" has sso_session "gone", and there is no [sso-session gone] in config',
    ],
    [
      'sso_session = corp\nsso_region = us-east-1',
      'sso_region of profile "work" is "us-east-1", and of its sso-session "eu-west-1"',
    ],
    [
      'sso_session = bare\nsso_region = eu-west-1\n[sso-session bare]\nsso_start_url = u',
      '[sso-session bare] has no sso_region',
    ],
  ])('%j is refused', (lines, message) => {
    expect(refusal(() => sso(lines))).toMatchObject({ exit: 3, code: 'sso-configuration', message });
  });

  it('as a source of a role, too', () => {
    const more = `[profile admin]\nrole_arn = r\nsource_profile = work\n`;
    const files = { config: `[profile work]\nsso_session = gone\nsso_role_name = r\n${more}` };
    expect(refusal(() => resolve(files, 'admin')).code).toBe('sso-configuration');
  });
});

describe('web identity in a profile', () => {
  const token = 'web_identity_token_file = /t\n';

  it('comes before a source, and before keys', () => {
    const config = `[profile work]\nrole_arn = r\nsource_profile = other\n${token}${keys('AKIA1')}[profile other]\n`;
    expect(way(resolve({ config }, 'work'))).toEqual(['web-identity of work']);
  });

  it('needs role_arn, as a source too, and no variable helps', () => {
    const config = `[profile admin]\nrole_arn = r\nsource_profile = work\n[profile work]\n${token}`;
    for (const name of ['work', 'admin']) {
      expect(refusal(() => resolve({ config }, name, { AWS_ROLE_ARN: 'x' }))).toEqual({
        exit: 3,
        code: 'no-role-for-token',
        message: 'web_identity_token_file of profile "work" is set, and there is no role_arn beside it',
        hint: 'Add role_arn: the role that the web identity token is for.',
      });
    }
  });
});

describe('web identity in the environment', () => {
  const env = {
    AWS_WEB_IDENTITY_TOKEN_FILE: '/var/token',
    AWS_ROLE_ARN: 'arn:aws:iam::1:role/pod',
    AWS_ROLE_SESSION_NAME: 'pod-1',
  };
  const wanted = ['web_identity_token_file', 'role_arn', 'role_session_name', 'region'];
  const settings = (profile: Profile) => wanted.map((key) => profile.setting(key)?.value);

  it('is the profile of who names none, with the settings of [default]', () => {
    const profile = resolve({ config: `[default]\nregion = eu-west-1\n${keys('AKIA1')}` }, undefined, env);
    expect(profile).toMatchObject({ kind: 'web-identity', name: environmentProfile });
    expect(settings(profile)).toEqual(['/var/token', 'arn:aws:iam::1:role/pod', 'pod-1', 'eu-west-1']);
    expect(profile.setting('role_arn')?.by).toBe('AWS_ROLE_ARN');
    expect(way(resolve({}, undefined, env))).toEqual([`web-identity of ${environmentProfile}`]);
  });

  it('outranks that of [default] key by key', () => {
    const config = '[default]\nweb_identity_token_file = /mine\nrole_arn = mine\nrole_session_name = mine\n';
    expect(settings(resolve({ config }, undefined, { AWS_ROLE_ARN: 'x' })).slice(0, 3)).toEqual([
      '/mine',
      'x',
      'mine',
    ]);
  });

  it('is found again by who holds it, whose keys are yesterday’s', () => {
    const held = { ...env, AWS_ACCESS_KEY_ID: 'ASIA1', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' };
    expect(resolve({}, environmentProfile, held).kind).toBe('web-identity');
    expect(refusal(() => resolve({}, environmentProfile)).code).toBe('no-environment-keys');
  });

  it('comes after exported keys', () => {
    const exported = { ...env, AWS_ACCESS_KEY_ID: 'AKIA2', AWS_SECRET_ACCESS_KEY: 's' };
    expect(way(resolve({}, undefined, exported))).toEqual(['AKIA2']);
  });

  it('comes after a role of [default] with a source', () => {
    const config = `[default]\nrole_arn = r\nsource_profile = base\n[profile base]\n${keys('AKIA1')}`;
    expect(way(resolve({ config }, undefined, env))).toEqual(['AKIA1', 'r']);
  });

  it('is not for a profile that is named, nor for credential_source', () => {
    const config = `[profile work]\n${keys('AKIA1')}[profile role]\nrole_arn = r\ncredential_source = Environment\n`;
    expect(way(resolve({ config }, 'work', env))).toEqual(['AKIA1']);
    expect(refusal(() => resolve({ config }, 'role', env)).code).toBe('no-environment-keys');
  });

  it('needs AWS_ROLE_ARN', () => {
    expect(refusal(() => resolve({}, undefined, { ...env, AWS_ROLE_ARN: '' }))).toEqual({
      exit: 3,
      code: 'no-role-for-token',
      message: 'AWS_WEB_IDENTITY_TOKEN_FILE is set, and there is no AWS_ROLE_ARN',
      hint: 'Export AWS_ROLE_ARN too, or name a profile.',
    });
  });
});

describe('roles', () => {
  const role = (name: string, lines: string) => `[profile ${name}]\nrole_arn = ${name}-role\n${lines}\n`;

  it('on the first hop before keys, on the next after them', () => {
    const config =
      role('a', `source_profile = b\n${keys('A')}`) + role('b', `source_profile = c\n${keys('B')}`);
    expect(way(resolve({ config: `${config}[profile c]\n${keys('C')}` }, 'a'))).toEqual(['B', 'a-role']);
  });

  it('a profile may be its own source, with keys', () => {
    const config = role('a', `source_profile = a\n${keys('A')}`);
    expect(way(resolve({ config }, 'a'))).toEqual(['A', 'a-role']);
    expect(refusal(() => resolve({ config: role('a', 'source_profile = a') }, 'a')).message).toMatch(
      /a → a$/,
    );
  });

  it('keys of the first profile do not end a circle', () => {
    const config = role('a', `source_profile = b\n${keys('A')}`) + role('b', 'source_profile = a');
    expect(refusal(() => resolve({ config }, 'a')).message).toMatch(/a → b → a$/);
  });

  it('a source that has only settings', () => {
    const config = `${role('a', 'source_profile = b')}[profile b]\nregion = eu-west-1\n`;
    expect(refusal(() => resolve({ config }, 'a'))).toMatchObject({
      exit: 3,
      code: 'no-keys',
      message: 'Profile "b", the source of "a", has no credentials in config or credentials',
    });
  });
});
