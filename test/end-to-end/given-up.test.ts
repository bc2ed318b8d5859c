import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { programFile } from '../support/desk.ts';
import { isRunning, start, until } from '../support/processes.ts';
import { aliceSerial, stage } from '../support/stage.ts';

const at = stage();

const awsmfa = () => `'${process.execPath}' '${programFile}'`;
const env = () => ({ HOME: at.home.path, AWS_ENDPOINT_URL_STS: at.sts.url, PATH: '/usr/bin:/bin' });
const written = (name: string) => {
  try {
    return readFileSync(join(at.home.path, name), 'utf8');
  } catch {
    return '';
  }
};

/** A program for codes that takes its time, and says who it is. */
beforeEach(() => {
  const script = at.home.write('code.sh', `echo "$PPID $$" >'${at.home.path}/pids'; sleep 60; cat code\n`);
  at.home.write('.aws/config', `[profile work]\nmfa_serial = ${aliceSerial}\nmfa_process = sh ${script}\n`);
});

/** Nothing is left of awsmfa and its program, and the next one gets a session. */
async function checkGone(): Promise<void> {
  const pids = written('pids').trim().split(' ');
  await until(() => !pids.some(isRunning));
  const next = start(['process', 'work'], at, { env: { AWSMFA_TOKEN_CODE: at.code() } });
  expect(await next.result).toMatchObject({ status: 0, stderr: '' });
  expect(at.home.cached('').filter((path) => path.endsWith('.tmp'))).toEqual([]);
}

describe('a caller that gives up on process', () => {
  test.for(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('with %s', async (signal) => {
    const { child, result } = start(['process', 'work'], at);
    await until(() => written('pids').endsWith('\n'));
    child.kill(signal);
    expect(await result).toMatchObject({ stdout: '' });
    await checkGone();
  });

  test('by its own end', async () => {
    const caller = spawn('sh', ['-c', `${awsmfa()} process work; true`], {
      env: env(),
      stdio: 'ignore',
      detached: true,
    });
    await until(() => written('pids').endsWith('\n'));
    caller.kill('SIGKILL');
    await checkGone();
  });

  test('by closing the pipe: the session is kept for the next one', async () => {
    at.sts.fault({ slow: 500 });
    const { child } = start(['process', 'work'], at, { env: { AWSMFA_TOKEN_CODE: at.code() } });
    child.stdout?.destroy();
    expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
    expect(await start(['process', 'work'], at).result).toMatchObject({ status: 0, stderr: '' });
    expect(at.calls()).toHaveLength(1);
  });
});

describe('a circle of credential processes', () => {
  const awsmfa = () => `${process.execPath} ${programFile}`;
  const line = (words: string) => `credential_process = ${awsmfa()} ${words}\n`;
  const ends = async (name: string, config: string) => {
    at.home.write('.aws/config', config);
    const { status, stdout, stderr } = await start(['process', '--profile', name], at).result;
    expect({ stdout, lines: stderr.split('\n').length }).toEqual({ stdout: '', lines: 2 });
    return { status, circle: /itself: (.*?)\./.exec(stderr)?.[1] };
  };
  const role = (source: string) =>
    `[profile role]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = ${source}\n`;

  test.for([
    ['of one', 'one', 'one → one', () => `[profile one]\n${line('process --profile one')}`],
    [
      'through the source of a role',
      'role',
      'far → far',
      () => `${role('far')}[profile far]\n${line('process --profile role')}`,
    ],
    [
      'of two',
      'a',
      'a → b → a',
      () => `[profile a]\n${line('process --profile b')}[profile b]\n${line('process a')}`,
    ],
    ['through exec', 'one', 'one → one', () => `[profile one]\n${line('exec one -- true')}`],
  ] as const)('%s is refused at once, and shown', async ([, name, circle, config]) => {
    expect(await ends(name, config())).toEqual({ status: 3, circle });
  });

  test('through another program ends at once: what the second awsmfa says is lost without a terminal', async () => {
    const config = `[profile one]\ncredential_process = sh -c "${awsmfa()} process one"\n`;
    expect(await ends('one', config)).toEqual({ status: 5, circle: undefined });
  });
});
