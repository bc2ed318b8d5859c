import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSharedFiles } from '../../src/config/files.ts';
import { Exit, UserError } from '../../src/errors.ts';

const directory = mkdtempSync(join(tmpdir(), 'awsmfa-files-'));
afterAll(() => rmSync(directory, { recursive: true }));
let count = 0;

function home(config: string | undefined, credentials?: string): string {
  count += 1;
  const path = join(directory, String(count));
  mkdirSync(join(path, '.aws'), { recursive: true });
  if (config !== undefined) writeFileSync(join(path, '.aws', 'config'), config);
  if (credentials !== undefined) writeFileSync(join(path, '.aws', 'credentials'), credentials);
  return path;
}

function load(config: string, credentials = '') {
  return loadSharedFiles({ env: {}, home: home(config, credentials) });
}

describe('where the files are', () => {
  it('in ~/.aws', () => {
    const path = home('[profile a]\n', '[b]\n');
    const files = loadSharedFiles({
      env: { AWS_CONFIG_FILE: '', AWS_SHARED_CREDENTIALS_FILE: '' },
      home: path,
    });
    expect(files.configPath).toBe(join(path, '.aws', 'config'));
    expect(files.credentialsPath).toBe(join(path, '.aws', 'credentials'));
    expect(files.names()).toEqual(['a', 'b']);
  });

  it('where the variables say, with ~ and variables expanded', () => {
    const path = home('[profile a]\n', '[b]\n');
    const files = loadSharedFiles({
      env: {
        AWS_CONFIG_FILE: '~/.aws/config',
        AWS_SHARED_CREDENTIALS_FILE: '$X/$' + '{Y}/credentials',
        X: path,
        Y: '.aws',
      },
      home: path,
    });
    expect(files.names()).toEqual(['a', 'b']);
  });

  it.each([
    ['$UNSET/config', '$UNSET/config'],
    ['~nobody/config', '~nobody/config'],
    ['/no/such/~/config', '/no/such/~/config'],
  ])('%s stays as it is', (named, path) => {
    expect(loadSharedFiles({ env: { AWS_CONFIG_FILE: named }, home: directory }).configPath).toBe(path);
  });

  it('nowhere without a home directory', () => {
    const files = loadSharedFiles({ env: {}, home: undefined });
    expect(files.names()).toEqual([]);
    expect(files.configPath).toBe(join('~', '.aws', 'config'));
  });
});

describe('a file that is missing is empty', () => {
  it.each([
    ['no such file', () => join(directory, 'none')],
    ['no such directory', () => join(directory, 'none', 'config')],
    ['a file where a directory should be', () => join(home('x'), '.aws', 'config', 'config')],
    ['/dev/null', () => '/dev/null'],
  ])('%s', (_, path) => {
    expect(loadSharedFiles({ env: { AWS_CONFIG_FILE: path() }, home: directory }).names()).toEqual([]);
  });

  it('a dangling link', () => {
    const path = join(directory, 'dangling');
    symlinkSync(join(directory, 'none'), path);
    expect(loadSharedFiles({ env: { AWS_CONFIG_FILE: path }, home: directory }).names()).toEqual([]);
  });
});

describe('a file that cannot be read is an error with its path', () => {
  function refusal(path: string): UserError {
    try {
      loadSharedFiles({ env: { AWS_SHARED_CREDENTIALS_FILE: path }, home: directory });
    } catch (error) {
      if (error instanceof UserError) return error;
      throw error;
    }
    throw new Error('was read');
  }

  it('a directory', () => {
    const error = refusal(directory);
    expect(error.exit).toBe(Exit.configuration);
    expect(error.message).toBe(`Cannot read ${directory}: it is a directory`);
  });

  it('a loop of links', () => {
    const path = join(directory, 'loop');
    symlinkSync(path, path);
    expect(refusal(path).message).toContain(`${path}: too many symbolic links`);
  });

  it('a FIFO that nobody writes to', () => {
    const path = join(directory, 'fifo');
    execFileSync('mkfifo', [path]);
    expect(refusal(path).message).toContain('not a regular file');
  });

  it('a device', () => {
    expect(refusal('/dev/zero').message).toContain('not a regular file');
  });

  it('a file of another user', () => {
    const path = join(directory, 'closed');
    writeFileSync(path, '', { mode: 0 });
    // root may read everything, and is somebody else for a moment.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) {
      chmodSync(directory, 0o755);
      process.seteuid?.(65_534);
    }
    try {
      expect(refusal(path).message).toContain('permission denied');
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('a huge one', () => {
    const path = join(directory, 'huge');
    writeFileSync(path, '');
    truncateSync(path, 17 * 1024 * 1024);
    expect(refusal(path).message).toContain('larger than 16 MB');
  });

  it('UTF-16', () => {
    const path = join(directory, 'utf16');
    writeFileSync(path, Buffer.from('\ufeff[default]\n', 'utf16le'));
    expect(refusal(path).message).toContain('UTF-16');
  });

  it('a name with an escape sequence is made harmless', () => {
    const path = join(directory, '\u001b[31m');
    mkdirSync(path);
    expect(refusal(path).message).not.toContain('\u001b');
  });
});

describe('profiles', () => {
  it('merge key by key, the credentials file over the config file', () => {
    const files = load(
      '[profile work]\nregion = eu-west-1\nmfa_serial = from-config\ns3 =\n  a = 1\n',
      '# keys\n[work]\naws_access_key_id = AKIA\nMFA_Serial = from-credentials\n',
    );
    const work = files.profile('work');
    expect(work?.get('region')).toBe('eu-west-1');
    expect(work?.value('mfa_serial')).toEqual({
      value: 'from-credentials',
      profile: 'work',
      path: files.credentialsPath,
      line: 4,
    });
    expect(work?.value('region')).toEqual({
      value: 'eu-west-1',
      profile: 'work',
      path: files.configPath,
      line: 2,
    });
    expect(work?.block('s3')).toEqual(new Map([['a', '1']]));
    expect(work?.get('s3')).toBeUndefined();
    expect(files.config('work')?.get('mfa_serial')).toBe('from-config');
    expect(files.config('work')?.get('aws_access_key_id')).toBeUndefined();
    expect(files.credentials('work')?.keys()).toEqual(['aws_access_key_id', 'mfa_serial']);
    expect(files.profile('other')).toBeUndefined();
  });

  it('an empty value is none for get, and hides the one of the config file as in botocore', () => {
    const work = load('[profile work]\nregion = eu-west-1\n', '[work]\nregion =\n').profile('work');
    expect(work?.get('region')).toBeUndefined();
    expect(work?.value('region')).toMatchObject({ value: '', line: 2 });
  });

  it('are listed as by aws configure list-profiles', () => {
    const files = load(
      '[profile b]\n[default]\n[work]\n[sso-session s]\n[profile "two words"]\n',
      '[c]\n[b]\n[DEFAULT]\n',
    );
    expect(files.names()).toEqual(['b', 'default', 'two words', 'c']);
    expect(files.names().every((name) => files.has(name))).toBe(true);
    expect(['work', 's', 'DEFAULT', 'toString', '__proto__'].some((name) => files.has(name))).toBe(false);
  });

  it('with names that objects have anyway', () => {
    const files = load(
      '[profile __proto__]\nregion = a\n',
      '[constructor]\nregion = b\n[toString]\n__proto__ = c\n',
    );
    expect(files.names()).toEqual(['__proto__', 'constructor', 'toString']);
    expect(files.profile('__proto__')?.get('region')).toBe('a');
    expect(files.profile('toString')?.get('__proto__')).toBe('c');
    expect(files.profile('constructor')?.get('constructor')).toBeUndefined();
  });

  it.each([
    ['[default]\nx = 1\n[profile default]\nx = 2\n', 'default', '2'],
    ['[profile default]\nx = 1\n[default]\nx = 2\n', 'default', '2'],
    ['[profile "default"]\nx = 1\n[default]\nx = 2\n', 'default', '2'],
    ['[default]\nx = 1\n[profile "default"]\nx = 2\n', 'default', '2'],
    ['[profile a]\nx = 1\n[profile "a"]\nx = 2\n', 'a', '2'],
    ["[profile 'a']\nx = 1\n[profile a]\nx = 2\n", 'a', '2'],
    ['[profile default]\nx = 1\n[default]\nx = 2\n[profile default]\ny = 3\n', 'default', '1'],
  ])('of two spellings of a name the last holds: %j', (config, name, value) => {
    // Asked for directly and by way of the list of names, which are two ways to the same answer.
    expect(load(config).profile(name)?.get('x')).toBe(value);
    const files = load(config);
    expect(files.names()).toEqual([name]);
    expect(files.profile(name)?.get('x')).toBe(value);
  });

  it('sso-session and services', () => {
    const files = load(
      '[sso-session s]\nsso_region = x\n[services local]\nsts =\n  endpoint_url = http://localhost:1\nx = 1\n',
    );
    expect(files.ssoSession('s')?.get('sso_region')).toBe('x');
    expect(files.ssoSession('t')).toBeUndefined();
    expect(files.services('local')?.get('sts')?.get('endpoint_url')).toBe('http://localhost:1');
    expect(files.services('local')?.size).toBe(1);
    expect(files.services('none')).toBeUndefined();
  });
});
