import { type ChildProcess, spawn } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { programFile } from './support/desk.ts';
import { noDialog } from './support/home.ts';
import { runs } from './support/matrix.ts';
import { stage } from './support/stage.ts';

const at = stage();

type Result = { status: number | null; stdout: string; stderr: string };

/** The program itself, against the local STS, with no terminal; nothing else of this environment. */
function start(
  argv: readonly string[],
  env: Record<string, string> = {},
  stdin: 'ignore' | 'pipe' = 'ignore',
) {
  const child: ChildProcess = spawn(process.execPath, [programFile, ...argv], {
    env: { HOME: at.home.path, AWS_ENDPOINT_URL_STS: at.sts.url, SHELL: '/bin/sh', ...noDialog, ...env },
    stdio: [stdin, 'pipe', 'pipe'],
    detached: true,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const result = new Promise<Result>((resolve) =>
    child.on('close', (status) => resolve({ status, stdout, stderr })),
  );
  return { child, result, said: () => stderr };
}

const until = async (condition: () => boolean) => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

const env = ['env', 'work', '--shell', 'bash'];
const waiting =
  /^Waiting for (awsmfa env \(process \d+\)|another awsmfa), which is getting a session for work\n/;

describe('at once', () => {
  const crowd = runs(12, 200);
  test(`${crowd} that need the same session: one call, one session`, { timeout: 300_000 }, async () => {
    at.sts.fault({ slow: 2000 });
    const code = { AWSMFA_TOKEN_CODE: at.code() };
    const results = await Promise.all(Array.from({ length: crowd }, () => start(env, code).result));
    expect(at.calls().map(({ action, status }) => [action, status])).toEqual([['GetSessionToken', 200]]);
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set([0]));
    const [first] = results;
    expect(first?.stdout).toContain("AWSMFA_PROFILE='work';\n");
    expect(results.filter(({ stdout }) => stdout !== first?.stdout)).toEqual([]);
    expect(at.home.cached('').map((path) => path.replace(/^.*\/(\w+)-.*$/, '$1'))).toEqual([
      'session',
      'spent',
    ]);
  });

  test('the holder’s failure is that of those who wait: no second call with a spent code', async () => {
    const code = { AWSMFA_TOKEN_CODE: '000000' };
    at.sts.fault({ slow: 1500 });
    const holder = start(env, code);
    const others = Array.from({ length: 5 }, () => start(env, code));
    await until(() => [holder, ...others].filter(({ said }) => said().includes('Waiting')).length === 5);
    const results = await Promise.all([holder, ...others].map(({ result }) => result));
    expect(at.calls().map(({ status }) => status)).toEqual([403]);
    expect(
      new Set(
        results.map(({ status, stdout, stderr }) => [status, stdout, stderr.replace(waiting, '')].join()),
      ),
    ).toEqual(new Set([[5, 'false\n', results[0]?.stderr.replace(waiting, '')].join()]));
  });

  test('the holder is killed: another goes on at once', async () => {
    const code = { AWSMFA_TOKEN_CODE: at.code() };
    // It waits for a code that never comes.
    const holder = start([...env, '--token-code', '-'], {}, 'pipe');
    await until(() => at.home.cached('lock-').length > 0);
    const others = Array.from({ length: 3 }, () => start(env, code));
    await until(() => others.every(({ said }) => said().includes('Waiting')));
    holder.child.kill('SIGKILL');
    const results = await Promise.all(others.map(({ result }) => result));
    expect(results.map(({ status }) => status)).toEqual([0, 0, 0]);
    expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(1);
  });
});

test('one is stopped, one is killed: the rest share one call', { timeout: 300_000 }, async () => {
  const [stopped, killed] = [1, 2].map(() => start([...env, '--token-code', '-'], {}, 'pipe'));
  await until(() => at.home.cached('lock-').some((name) => name.endsWith('.holder')));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  stopped?.child.kill('SIGSTOP');
  const code = { AWSMFA_TOKEN_CODE: at.code() };
  const others = Array.from({ length: runs(10, 40) }, () => start(env, code));
  setTimeout(() => killed?.child.kill('SIGKILL'), 3000);
  const results = await Promise.all(others.map(({ result }) => result));
  stopped?.child.kill('SIGKILL');
  expect(new Set(results.map(({ status }) => status))).toEqual(new Set([0]));
  expect(new Set(results.map(({ stdout }) => stdout)).size).toBe(1);
  expect(at.calls().map(({ status }) => status)).toEqual([200]);
});

describe('what the SDK would find by itself', () => {
  const own = {
    AWS_PROFILE: '',
    AWS_MAX_ATTEMPTS: '5',
    AWS_DEFAULTS_MODE: 'nonsense',
    AWS_SIGV4A_SIGNING_REGION_SET: '*',
    AWS_AUTH_SCHEME_PREFERENCE: 'sigv4a',
    AWS_ACCOUNT_ID_ENDPOINT_MODE: 'required',
    AWS_SDK_UA_APP_ID: 'somebody-else',
    AWS_ACCESS_KEY_ID: 'ASIASTALESTALESTALE1',
    AWS_SECRET_ACCESS_KEY: 'stale',
    AWS_SESSION_TOKEN: 'stale',
    AWS_WEB_IDENTITY_TOKEN_FILE: '/nowhere',
    AWS_ROLE_ARN: 'arn:aws:iam::1:role/x',
  };

  test('neither its variables nor its settings of another profile disturb a call', async () => {
    const other =
      'retry_mode = nonsense\ndefaults_mode = nonsense\nregion = mars\nsigv4a_signing_region_set = *\n';
    at.home.write(
      '.aws/config',
      `[default]\n${other}[profile work]\nmfa_serial = arn:aws:iam::123456789012:mfa/alice\n`,
    );
    const { status, stderr } = await start(env, { ...own, AWSMFA_TOKEN_CODE: at.code() }).result;
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'work: new session, 12h left\n' });
    expect(at.calls()).toMatchObject([{ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', region: 'us-east-1' }]);
  });

  test('not even a retry, with a code', async () => {
    at.sts.fault('internal', { times: Number.POSITIVE_INFINITY });
    const { status } = await start(env, { ...own, AWSMFA_TOKEN_CODE: at.code() }).result;
    expect({ status, calls: at.calls().length }).toEqual({ status: 6, calls: 1 });
  });
});

describe('the process', () => {
  test('with neither a terminal nor a code ends with status 4', async () => {
    const { status, stdout } = await start(env).result;
    expect({ status, stdout }).toEqual({ status: 4, stdout: 'false\n' });
  });

  test('writes stdout once, and its version', async () => {
    const { status, stdout, stderr } = await start(['--version']).result;
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: '',
    });
  });

  test('on a disk that takes no byte still delivers', async () => {
    const argv = ['-c', 'ulimit -f 0; exec "$@"', 'sh', process.execPath, programFile, ...env];
    const more = { HOME: at.home.path, AWS_ENDPOINT_URL_STS: at.sts.url, AWSMFA_TOKEN_CODE: at.code() };
    const child = spawn('sh', argv, { env: more, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect({ status, lines: stderr.split('\n') }).toEqual({
      status: 0,
      lines: [
        expect.stringMatching(/^The session could not be kept for the next time: /),
        'work: new session, 12h left',
        '',
      ],
    });
    expect(stdout).toContain("AWSMFA_PROFILE='work';\n");
  });
});
