import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { nodeFinding } from '../../../src/commands/doctor/program.ts';
import { alice } from '../../../tools/local-sts/sample.ts';
import { timerUntil } from '../../support/calls.ts';
import { project } from '../../support/desk.ts';
import { keysSection, makeHome } from '../../support/home.ts';
import { asRoot } from '../../support/root.ts';
import { stage } from '../../support/stage.ts';
import type { Setting } from '../../support/world.ts';
import { healthy, linesOf, report } from './patient.ts';

const at = stage();
afterEach(() => {
  vi.restoreAllMocks();
});

/** What a check says about somebody who lacks nothing but what is changed here. */
async function said(check: string, { env, ...changes }: Setting = {}): Promise<string[]> {
  const setting = healthy(at);
  const result = await at.run(['doctor'], { ...setting, ...changes, env: { ...setting.env, ...env } });
  return linesOf(check, report(result, at));
}

test('no home, and keys in the environment in place of profiles', async () => {
  expect(await said('cache', { home: undefined })).toEqual([
    'warn     cache        there is no home directory, and no session is kept',
    '                      Set HOME, or AWSMFA_CACHE_DIR.',
  ]);
  const [key] = alice.accessKeys;
  const env = { AWS_PROFILE: undefined, AWS_ACCESS_KEY_ID: key?.id, AWS_SECRET_ACCESS_KEY: key?.secret };
  expect(await said('profiles', { home: makeHome(), env })).toEqual([
    'ok       profiles     none, and keys in the environment',
  ]);
});

describe('the lock', () => {
  const { listen } = net.Server.prototype;
  /** No socket can be made at these paths. */
  const noSockets = (isThere: (path: string) => boolean) =>
    vi.spyOn(net.Server.prototype, 'listen').mockImplementation(function (this: net.Server, ...args) {
      if (!isThere(String(args[0]))) return listen.apply(this, args as Parameters<typeof listen>);
      setImmediate(() => this.emit('error', Object.assign(new Error('EPERM'), { code: 'EPERM' })));
      return this;
    });

  test('is elsewhere where the directory has no sockets', async () => {
    await at.runWithCode(['login', 'work']);
    noSockets((path) => path.startsWith(at.home.path));
    expect((await said('cache'))[0]).toMatch(/^ok +cache +HOME\/\S+ has no sockets: the locks are in \//);
  });

  test('is a file where there are none at all', async () => {
    await at.runWithCode(['login', 'work']);
    noSockets((path) => path.startsWith('/'));
    expect((await said('cache')).slice(0, 2)).toEqual([
      'warn     cache        There are no sockets here: locks are files, and an error is not shared with commands that wait',
      '                      Allow Unix sockets where awsmfa runs. On a network disk, set AWSMFA_CACHE_DIR to a directory on a local one.',
    ]);
  });
});

describe('integration', () => {
  const add =
    "                      Run awsmfa setup, or add to ~/.bashrc: [ ! -f '/opt/awsmfa/shell/awsmfa.bash' ] || source '/opt/awsmfa/shell/awsmfa.bash'";
  const cannot = 'awsmfa use and awsmfa clear cannot change it';

  test('not loaded, and the rc file does not have it', async () => {
    const expected = [`warn     integration  not loaded in this bash: ${cannot}`, add];
    expect(await said('integration', { env: { AWSMFA_INTEGRATION: undefined } })).toEqual(expected);
    expect(await said('integration', { env: { AWSMFA_INTEGRATION: 'nonsense' } })).toEqual(expected);
  });

  test('the words of another shell, which has started this one', async () => {
    expect(await said('integration', { ancestors: ['-zsh', 'bash'], env: { SHELL: '/bin/bash' } })).toEqual([
      `warn     integration  not loaded in this zsh: ${cannot}`,
      "                      Run awsmfa setup, or add to ~/.zshrc: [ ! -f '/opt/awsmfa/shell/awsmfa.zsh' ] || source '/opt/awsmfa/shell/awsmfa.zsh'",
    ]);
  });

  test('not loaded in this shell, and the rc file has it', async () => {
    at.home.write('.bashrc', "source '/opt/awsmfa/shell/awsmfa.bash'\n");
    expect(await said('integration', { env: { AWSMFA_INTEGRATION: '' } })).toEqual([
      `warn     integration  not loaded in this bash: ${cannot}; ~/.bashrc has the line`,
      "                      Open a new shell, or in this one: source '/opt/awsmfa/shell/awsmfa.bash' (and call awsmfa by its name, without a path)",
    ]);
  });

  test.for([
    ['C:\\Users\\ada\\Documents\\WindowsPowerShell\\Modules', 'Windows PowerShell 5'],
    ['C:\\Program Files\\PowerShell\\7\\Modules;C:\\x\\WindowsPowerShell\\v1.0\\Modules', 'PowerShell 7'],
  ] as const)('PowerShell with the modules of %s', async ([PSModulePath, title]) => {
    const env = { AWSMFA_INTEGRATION: '', PSModulePath };
    const [first] = await said('integration', { env, ancestors: ['pwsh'] });
    expect(first).toContain(`not loaded in this ${title}: ${cannot}`);
  });

  test('WSL, which shares a machine with Windows and not a home', async () => {
    const setting = healthy(at);
    const doctor = async (env = {}) =>
      (await at.run(['doctor'], { ...setting, platform: 'linux', env: { ...setting.env, ...env } })).stdout;
    expect(await doctor({ WSL_DISTRO_NAME: 'Ubuntu' })).toMatch(
      / on linux \w+ in WSL, whose home is not that of Windows\n/,
    );
    expect(await doctor()).not.toContain('WSL');
  });

  test('an rc file of another place, and one that is a pipe', async () => {
    const zdotdir = join(at.home.path, 'dots');
    at.home.write('dots/.zshrc', '. /opt/awsmfa/shell/awsmfa.zsh\n');
    const env = { AWSMFA_INTEGRATION: '', ZDOTDIR: zdotdir };
    expect((await said('integration', { env, ancestors: ['zsh'] }))[0]).toBe(
      `warn     integration  not loaded in this zsh: ${cannot}; ~/dots/.zshrc has the line`,
    );
    execFileSync('mkfifo', [join(at.home.path, '.bashrc')]);
    expect(await said('integration', { env })).toEqual([
      `warn     integration  not loaded in this bash: ${cannot}`,
      add,
    ]);
  });

  test('a shell that has none', async () => {
    expect(await said('integration', { ancestors: ['dash'] })).toEqual([
      'ok       integration  there is none for sh; eval "$(awsmfa env)" does without',
    ]);
  });

  test('of another version, of another file, a copy, code that was evaluated', async () => {
    const shellDirectory = join(at.home.path, 'pkg/shell');
    const own = at.home.write('pkg/shell/awsmfa.bash', '  AWSMFA_INTEGRATION="bash:1.2.3:x" x\n');
    const copy = at.home.write('plugins/awsmfa.bash', '');
    const link = join(at.home.path, 'link.bash');
    symlinkSync(own, link);
    const of = (stamp: string) =>
      said('integration', { shellDirectory, env: { AWSMFA_INTEGRATION: `bash:${stamp}` } });
    const isOk = ['ok       integration  loaded in this bash, version 1.2.3'];
    expect(await of(`1.2.3:${own}`)).toEqual(isOk);
    expect(await of(`1.2.3:${link}`)).toEqual(isOk);
    expect(await of('1.2.3:shell/awsmfa.bash')).toEqual(isOk);
    expect(await of('1.2.3:environment')).toEqual(isOk);
    expect(await of(`1.2.3:${copy}`)).toEqual([
      'ok       integration  loaded in this bash, version 1.2.3, from HOME/plugins/awsmfa.bash',
    ]);
    expect(await of(`1.1.0:${copy}`)).toEqual([
      'warn     integration  bash has the integration of version 1.1.0, from HOME/plugins/awsmfa.bash; this is 1.2.3',
      "                      Load this version's own file in its place: source 'HOME/pkg/shell/awsmfa.bash'",
    ]);
    expect(await of(`1.1.0:${own}`)).toEqual([
      'warn     integration  bash has the integration of version 1.1.0; this is 1.2.3',
      "                      Open a new shell, or in this one: source 'HOME/pkg/shell/awsmfa.bash'",
    ]);
  });
});

describe('program', () => {
  const stub = (name: string, says: string) => {
    const path = at.home.write(`${name}/awsmfa`, `#!/bin/sh\n${says}\n`);
    chmodSync(path, 0o755);
    return join(at.home.path, name);
  };

  test('another version before this one', async () => {
    const old = stub('old', 'echo 0.9.0');
    expect(await said('program', { env: { PATH: `${old}:${old}/:/usr/bin` } })).toEqual([
      'warn     program      PATH finds HOME/old/awsmfa (0.9.0); this is 1.2.3, /opt/awsmfa/dist/awsmfa.cjs',
      '                      Remove one of them, or put the directory of this one before it in PATH.',
    ]);
  });

  test('another program of the name, which prints what no terminal should see', async () => {
    const other = stub('other', "printf '\\033[31m9 lives\\n'");
    expect(await said('program', { env: { PATH: other } })).toEqual([
      'warn     program      PATH finds HOME/other/awsmfa (it does not say its version); this is 1.2.3, /opt/awsmfa/dist/awsmfa.cjs',
      '                      Remove one of them, or put the directory of this one before it in PATH.',
    ]);
  });

  test('several, this one first', async () => {
    const [own, old, same] = [
      stub('own', 'echo 1.2.3'),
      stub('old', 'echo 0.9.0'),
      join(at.home.path, 'same'),
    ];
    symlinkSync(own, same);
    mkdirSync(join(at.home.path, 'directory/awsmfa'), { recursive: true });
    const shim = stub('shim', 'echo 1.2.3');
    const PATH = `${at.home.path}/directory:${own}:${same}:/nowhere:${old}:${shim}`;
    expect(await said('program', { env: { PATH } })).toEqual([
      'warn     program      1.2.3, HOME/own/awsmfa, and further on in PATH HOME/old/awsmfa (0.9.0)',
      '                      Remove those that you do not use.',
    ]);
  });

  test('this very program, by a link: it is not started again', async () => {
    const program = at.home.write(
      'pkg/dist/awsmfa.cjs',
      '#!/bin/sh\necho started >"$HOME/started"\necho 1.2.3\n',
    );
    chmodSync(program, 0o755);
    mkdirSync(join(at.home.path, 'links'));
    symlinkSync(program, join(at.home.path, 'links/awsmfa'));
    const env = { PATH: join(at.home.path, 'links') };
    expect(await said('program', { env, shellDirectory: join(at.home.path, 'pkg/shell') })).toEqual([
      'ok       program      1.2.3, HOME/links/awsmfa',
    ]);
    expect(readdirSync(at.home.path)).not.toContain('started');
  });

  test('one that never answers is not waited for', async () => {
    const started = join(at.home.path, 'started');
    timerUntil(10_000, () => existsSync(started));
    const [line] = await said('program', {
      env: { PATH: stub('slow', `>'${started}'; exec /bin/sleep 120`) },
    });
    expect(line).toContain('(it does not say its version)');
  });
});

describe('node', () => {
  test.for([
    ['20.19.0', 'ok', 'Node 20.19.0 on linux x64'],
    ['26.0.0', 'ok', 'Node 26.0.0 on linux x64'],
    ['20.18.9', 'warning', 'Node 20.18.9 on linux x64 is too old: awsmfa needs 20.19 or later'],
    ['18.20.1', 'warning', 'Node 18.20.1 on linux x64 is too old: awsmfa needs 20.19 or later'],
    ['23.5.0', 'warning', 'Node 23.5.0 on linux x64: awsmfa is made for even versions'],
  ] as const)('%s: %s', ([version, state, message]) => {
    expect(nodeFinding(version, {}, 'linux x64')).toMatchObject({ state, message });
  });

  test('a bundle of certificates costs Node 20 time at each start, and later ones not', () => {
    const env = { NODE_EXTRA_CA_CERTS: '/x.pem' };
    expect(nodeFinding('20.19.0', env, 'm').message).toMatch(/NODE_EXTRA_CA_CERTS/);
    expect(nodeFinding('22.1.0', env, 'm').message).toBe('Node 22.1.0 on m');
  });

  test('the oldest is that of package.json', async () => {
    const { engines } = await import(join(project, 'package.json'), { with: { type: 'json' } }).then(
      (it) => it.default,
    );
    expect(engines).toEqual({ node: '>=20.19' });
  });
});

describe('profiles', () => {
  test('those that lead nowhere, each with its reason, three of them', async () => {
    at.home.write(
      '.aws/config',
      `[profile work]
[default]
region = eu-west-1
[profile lost]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = wrok
[profile a]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = b
[profile b]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = a
[profile u2f]
source_profile = work
role_arn = arn:aws:iam::123456789012:role/x
mfa_serial = arn:aws:iam::123456789012:u2f/user/alice/key
`,
    );
    expect(await said('profiles')).toEqual([
      'warn     profiles     Profile "lost" has source_profile "wrok", and there is no such profile',
      '                      Did you mean work?',
      'warn     profiles     "a": The source profiles go round in a circle: a → b → a',
      '                      One of them must name a profile that has keys of its own.',
      'warn     profiles     "b": The source profiles go round in a circle: b → a → b',
      '                      One of them must name a profile that has keys of its own.',
      'warn     profiles     1 more profile leads nowhere',
      '                      See: awsmfa list',
    ]);
  });

  test('2,000 of them, all wrong', async () => {
    const section = (_: unknown, index: number) =>
      `[profile p${index}]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = q${index}\n`;
    at.home.write('.aws/config', Array.from({ length: 2000 }, section).join(''));
    const before = process.cpuUsage();
    const lines = await said('profiles');
    const { user, system } = process.cpuUsage(before);
    expect(lines).toHaveLength(8);
    expect(lines[6]).toBe('warn     profiles     1997 more profiles lead nowhere');
    // Some 0.3 s; one by one with the closest names it would be minutes.
    expect((user + system) / 1e6).toBeLessThan(30);
  });

  test('a session that awsmfa or aws-mfa has written is no fault', async () => {
    at.home.write(
      '.aws/credentials',
      `${keysSection('work', alice)}${keysSection('x-long-term', alice)}[work-mfa]
aws_access_key_id = ASIAIOSFODNN7EXAMPLE
aws_secret_access_key = secret-of-a-session
aws_session_token = token-of-a-session
`,
    );
    expect(await said('profiles')).toEqual(['ok       profiles     3 of 3 profiles lead to credentials']);
  });
});

describe('profile', () => {
  const chosen = (AWS_PROFILE: string) => said('profile', { env: { AWS_PROFILE } });

  test('what it is', async () => {
    at.home.write(
      '.aws/config',
      `[profile work]
region = eu-central-1
[profile admin]
role_arn = arn:aws:iam::123456789012:role/open
source_profile = work
[profile tool]
credential_process = /bin/true
`,
    );
    expect(await chosen('work')).toEqual([
      'ok       profile      "work" (from AWS_PROFILE): long-term keys, eu-central-1',
    ]);
    expect(await chosen('admin')).toEqual([
      'ok       profile      "admin" (from AWS_PROFILE): role arn:aws:iam::123456789012:role/open from long-term keys of "work"',
    ]);
    expect(await chosen('tool')).toEqual([
      'ok       profile      "tool" (from AWS_PROFILE): a credential_process',
    ]);
  });

  test('one that is not there, and one that a session cannot come of', async () => {
    at.home.write('.aws/config', '[profile work]\nduration_seconds = 1\n');
    expect((await chosen('wrok'))[0]).toBe(
      'broken   profile      No profile "wrok" (from AWS_PROFILE) in HOME/.aws/config and HOME/.aws/credentials',
    );
    expect(await said('profile', { env: { AWSMFA_MIN_TTL: 'soon' } })).toEqual([
      'broken   profile      AWSMFA_MIN_TTL: "soon" is no duration',
      '                      Write seconds or units: 300, 5m.',
    ]);
    expect((await chosen('work'))[0]).toMatch(/^broken {3}profile {6}duration_seconds of profile "work"/);
  });
});

describe('code', () => {
  const code = (env: Record<string, string>, terminal?: Setting['terminal']) =>
    said('code', { env, ...(terminal === undefined ? { terminal: undefined } : { terminal }) } as Setting);

  test('a program is found, and not run', async () => {
    const program = at.home.write('bin/codes', '#!/bin/sh\ntouch "$HOME/touched"\n');
    expect((await code({ AWSMFA_MFA_PROCESS: 'codes --now' }))[0]).toBe(
      'broken   code         AWSMFA_MFA_PROCESS: there is no program codes',
    );
    chmodSync(program, 0o755);
    expect(await code({ AWSMFA_MFA_PROCESS: 'codes --now' })).toEqual([
      'ok       code         made by HOME/bin/codes (AWSMFA_MFA_PROCESS), not run here',
    ]);
    expect(await code({ AWSMFA_MFA_PROCESS: 'codes | tail -1' })).toEqual([
      'ok       code         made by a shell command (AWSMFA_MFA_PROCESS), not run here',
    ]);
    expect(readdirSync(at.home.path)).not.toContain('touched');
    at.home.write('.aws/config', `[profile work]\nmfa_process = '${program}\n`);
    expect((await code({}))[0]).toBe(
      'broken   code         mfa_process of profile "work" has a quote that is not closed',
    );
  });

  test('a code in the environment is good for once', async () => {
    expect((await code({ AWSMFA_TOKEN_CODE: '123456' }))[0]).toBe(
      'warn     code         AWSMFA_TOKEN_CODE is set, and a code is good for one session: the next one will be refused',
    );
  });

  test('a dialog, and a display without a program that could show one', async () => {
    const PATH = join(at.home.path, 'dialogs');
    const program = at.home.write('dialogs/kdialog', '');
    const env = { DISPLAY: ':0', PATH };
    const linux = (env: Record<string, string>) =>
      said('code', { env, platform: 'linux', terminal: undefined } as unknown as Setting);
    expect((await linux(env))[0]).toBe(
      'warn     code         there is no terminal to ask on, and no program that could show a dialog',
    );
    chmodSync(program, 0o755);
    expect(await linux(env)).toEqual(['ok       code         asked for in a dialog of kdialog']);
    expect((await linux({}))[0]).toBe(
      'warn     code         An MFA code is needed, and there is no terminal to ask on',
    );
  });
});

describe('cache', () => {
  test('that belongs to somebody else, as after a run with sudo', async (context) => {
    const root = asRoot(context);
    mkdirSync(at.home.cache, { mode: 0o700 });
    root.give(at.home.cache, 65_534);
    expect(await said('cache')).toEqual([
      'broken   cache        HOME/.aws/awsmfa belongs to another user (65534)',
      '                      Take it over: sudo chown -R "$(id -un)" HOME/.aws/awsmfa',
    ]);
    root.give(at.home.cache, process.getuid?.() ?? 0);
  });

  test('it is there, and how many sessions are alive', async () => {
    await at.runWithCode(['login', 'work', '--duration', '15m']);
    const bob = [
      '--serial-number',
      'arn:aws:iam::123456789012:mfa/bob',
      '--token-code',
      at.sts.nextCode('bob'),
    ];
    await at.run(['login', 'play', ...bob]);
    expect(await said('cache')).toEqual(['ok       cache        HOME/.aws/awsmfa, 2 sessions alive']);
    expect(await said('cache', { now: () => Date.now() + 3_600_000 })).toEqual([
      'ok       cache        HOME/.aws/awsmfa, 1 session alive',
    ]);
  });

  test('damaged files', async () => {
    mkdirSync(at.home.cache, { mode: 0o700 });
    writeFileSync(join(at.home.cache, 'session-AKIA-0.json'), '{"version":1');
    expect(await said('cache')).toEqual([
      'warn     cache        HOME/.aws/awsmfa: session-AKIA-0.json cannot be read, and counts as not there',
      '                      Nothing is lost but a code; to begin anew: awsmfa logout --all',
    ]);
    writeFileSync(join(at.home.cache, 'device-AKIA-.json'), '');
    expect((await said('cache'))[0]).toMatch(/ and 1 more cannot be read, and count as not there$/);
  });

  test('modes: for others to see, and not for us to write', async () => {
    mkdirSync(at.home.cache);
    chmodSync(at.home.cache, 0o750);
    expect(await said('cache')).toEqual([
      'warn     cache        HOME/.aws/awsmfa has mode 750: it is for nobody else',
      '                      chmod 700 HOME/.aws/awsmfa',
    ]);
  });

  test('a file in its place, and nowhere to make it', async () => {
    const file = at.home.write('file', '');
    expect(await said('cache', { env: { AWSMFA_CACHE_DIR: file } })).toEqual([
      'broken   cache        HOME/file is no directory',
      '                      Remove it, or set AWSMFA_CACHE_DIR.',
    ]);
    expect(await said('cache', { env: { AWSMFA_CACHE_DIR: `${file}/a/b` } })).toEqual([
      'broken   cache        HOME/file/a/b cannot be made: HOME/file is no directory that we may write',
      '                      Make it one, or set AWSMFA_CACHE_DIR.',
    ]);
  });
});
