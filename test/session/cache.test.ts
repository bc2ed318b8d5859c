import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { alice, bob } from '../../tools/local-sts/sample.ts';
import { keysSection, makeHome } from '../support/home.ts';
import { aliceSerial, files, stage } from '../support/stage.ts';
import { fakeTerminal } from '../support/world.ts';

const at = stage();
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('a session that is kept', () => {
  let first: string;
  let expiration: number;
  beforeEach(async () => {
    first = (await at.runWithCode(['env', 'work'])).stdout;
    expiration = Number(/AWSMFA_EXPIRES_AT='(\d+)'/.exec(first)?.[1]);
  });

  test('is given again, without a word, a code or a call', async () => {
    expect(await at.run(['env', 'work'])).toEqual({ exit: 0, stdout: first, stderr: [] });
    expect(at.calls()).toHaveLength(1);
  });

  test('is renewed on demand', async () => {
    const { exit, stdout } = await at.runWithCode(['env', 'work', '--refresh']);
    expect({ exit, same: stdout === first, calls: at.calls().length }).toEqual({
      exit: 0,
      same: false,
      calls: 2,
    });
    expect((await at.run(['env', 'work'])).stdout).toBe(stdout);
  });

  test.for([
    [undefined, 300, 0],
    [undefined, 299, 4],
    ['10m', 600, 0],
    ['10m', 599, 4],
    ['0', 0, 0],
    ['0', -1, 4],
    ['', 299, 4],
  ] as const)('with AWSMFA_MIN_TTL=%s and %i seconds left: status %i', async ([ttl, left, exit]) => {
    const env = ttl === undefined ? {} : { AWSMFA_MIN_TTL: ttl };
    const now = () => (expiration - left) * 1000;
    expect(await at.run(['env', 'work'], { env, now })).toMatchObject({ exit });
  });

  test('is worn out for a moment, not gone: a longer AWSMFA_MIN_TTL is only asked', async () => {
    expect(await at.run(['env', 'work'], { env: { AWSMFA_MIN_TTL: '13h' } })).toMatchObject({ exit: 4 });
    expect((await at.run(['env', 'work'])).stdout).toBe(first);
  });

  test.for([['soon'], ['-1'], ['5 minutes']])('AWSMFA_MIN_TTL=%s is wrong usage', async ([ttl]) => {
    expect(await at.run(['env', 'work'], { env: { AWSMFA_MIN_TTL: ttl } })).toEqual({
      exit: 2,
      stdout: 'false\n',
      stderr: [`awsmfa: AWSMFA_MIN_TTL: "${ttl}" is no duration`, '  Write seconds or units: 300, 5m.'],
    });
  });

  test.for<[string, readonly string[], Record<string, string>]>([
    ['longer duration', ['--duration', '24h'], {}],
    ['device', ['--device', 'GAHT12345678'], {}],
    ['endpoint', [], { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' }],
  ])('is not that of another %s', async ([, argv, env]) => {
    expect(await at.run(['env', 'work', '--no-prompt', ...argv], { env })).toMatchObject({ exit: 4 });
  });

  test('is not that of another key', async () => {
    at.home.write('.aws/credentials', keysSection('work', bob));
    expect(await at.run(['env', 'work', '--no-prompt'])).toMatchObject({ exit: 4 });
  });

  test('is that of every profile with this key and device, and of the same duration in other words', async () => {
    at.home.write('.aws/config', `${files.config}[profile twin]\nmfa_serial = ${aliceSerial}\n`);
    at.home.write('.aws/credentials', `${keysSection('work', alice)}${keysSection('twin', alice)}`);
    const { exit, stdout } = await at.run(['env', 'twin', '--duration', '43200']);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: first.replace("'work'", "'twin'") });
  });

  test('lies in a file of the user alone, without his own keys', async () => {
    const [file = ''] = at.home.cached();
    expect({ directory: mode(at.home.cache), file: mode(file), files: at.home.cached('') }).toEqual({
      directory: '700',
      file: '600',
      files: [file, ...at.home.cached('spent-')],
    });
    expect(readFileSync(file, 'utf8')).not.toContain(alice.accessKeys[0]?.secret);
  });
});

test('a wide umask opens nothing', async () => {
  const umask = process.umask(0);
  await at.runWithCode(['login', 'work']);
  process.umask(umask);
  expect([at.home.cache, ...at.home.cached('')].map(mode)).toEqual(['700', '600', '600']);
});

test('another directory can be named', async () => {
  const directory = `${at.home.path}/else where/deep`;
  const env = { AWSMFA_CACHE_DIR: directory };
  const { stdout } = await at.runWithCode(['env', 'work'], { env });
  expect((await at.run(['env', 'work'], { env })).stdout).toBe(stdout);
  expect({ mode: mode(directory), usual: at.home.cached('') }).toEqual({ mode: '700', usual: [] });
});

test('without a home nothing is kept, and it works', async () => {
  const home = makeHome(files);
  const env = { AWS_CONFIG_FILE: home.config, AWS_SHARED_CREDENTIALS_FILE: home.credentials };
  const { exit, stderr } = await at.runWithCode(['env', 'work'], { home: undefined, env });
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: ['work: new session, 12h left'] });
  expect(await at.run(['env', 'work'], { home: undefined, env })).toMatchObject({ exit: 4 });
});

test('that there is no device is remembered as well, and logout forgets it', async () => {
  expect(await at.run(['login', 'play'], { terminal: fakeTerminal('none\r') })).toMatchObject({ exit: 0 });
  expect(await at.run(['login', 'play', '--refresh'])).toMatchObject({ exit: 0 });
  await at.run(['logout', 'play']);
  expect(await at.run(['login', 'play'])).toMatchObject({ exit: 4 });
});

test('a device that is configured later goes before the remembered one', async () => {
  await at.run(['login', 'play'], { terminal: fakeTerminal('none\r') });
  const serial = 'arn:aws:iam::123456789012:mfa/bob';
  const env = { AWS_MFA_SERIAL: serial, AWSMFA_TOKEN_CODE: at.sts.nextCode('bob') };
  expect(await at.run(['login', 'play'], { env })).toMatchObject({ exit: 0 });
  const sessions = at.calls().filter(({ action }) => action === 'GetSessionToken');
  expect(sessions.map(({ params }) => params.SerialNumber)).toEqual([undefined, serial]);
});

test('a file of the cache that is damaged is a device that is not known', async () => {
  await at.run(['login', 'play'], { terminal: fakeTerminal('none\r') });
  const [device = ''] = at.home.cached('device-');
  for (const text of ['', '{', '{"version":1,"serialNumber":7}']) {
    writeFileSync(device, text);
    expect(await at.run(['login', 'play', '--refresh'])).toMatchObject({ exit: 4 });
  }
});
