import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { clockAhead } from './support/clock.ts';
import { runs } from './support/matrix.ts';
import { isRunning, type Result, type Started, start, until } from './support/processes.ts';
import { aliceSerial, stage } from './support/stage.ts';

const at = stage();

// `mfa_process` notes who runs it, and says the code when it may: so nobody comes too late to wait.
beforeEach(() => {
  const script = at.home.write(
    'code.sh',
    'echo "$PPID" >>runs; echo "$$" >program\nwhile ! test -e go; do sleep 0.1; done\nif test -e wrong; then rm wrong; echo 000000; else cat code; fi\n',
  );
  at.home.write('.aws/config', `[profile work]\nmfa_serial = ${aliceSerial}\nmfa_process = sh ${script}\n`);
});

const run = (count: number, env = {}) =>
  Array.from({ length: count }, () => start(['process', 'work'], at, { env: { SHELL: '/bin/sh', ...env } }));
const asked = () => {
  try {
    return readFileSync(join(at.home.path, 'runs'), 'utf8').split('\n').slice(0, -1).map(Number);
  } catch {
    return [];
  }
};
/** The code of now: however long it took until all of them waited, it is valid. */
const go = () => {
  at.home.write('code', at.code());
  at.home.write('go', '');
};
/** One of them runs `mfa_process`, and all others wait for it. */
const allWait = (all: readonly Started[]) =>
  until(
    () =>
      asked().length === 1 && all.filter(({ said }) => said().includes('Waiting')).length === all.length - 1,
  );
const results = (all: readonly Started[]) => Promise.all(all.map(({ result }) => result));

/** What they wrote, each different answer once; who waited says for whom, and nothing else. */
function answers(all: readonly Result[]) {
  const waiting = new RegExp(
    `^Waiting for (awsmfa process \\(process (${asked().join('|')})\\)|another awsmfa), which is getting a session for work\n`,
  );
  const each = all.map(({ status, stdout, stderr }) =>
    [status, stdout, stderr.replace(waiting, '')].join('|'),
  );
  return [...new Set(each)];
}

/** In a matrix 200, as the contract of the cache says. */
const crowd = runs(10, 200);

describe(`${crowd} credential processes at once, nothing cached`, { timeout: 300_000 }, () => {
  test('one run of mfa_process, one call, one answer', async () => {
    const all = run(crowd);
    await allWait(all);
    go();
    const done = await results(all);
    expect(answers(done)).toEqual([
      expect.stringMatching(/^0\|\{"Version":1,"AccessKeyId":"ASIA\w+",.*\}\n\|$/),
    ]);
    expect({ runs: asked().length, calls: at.calls().map(({ action, status }) => [action, status]) }).toEqual(
      {
        runs: 1,
        calls: [['GetSessionToken', 200]],
      },
    );
  });

  test('the code is wrong: one of them waits for the next, one run and one call more, one answer', async () => {
    at.home.write('wrong', '');
    const clock = clockAhead(at.home.path);
    const all = run(crowd, clock.env);
    await allWait(all);
    go();
    // The thirty seconds until the next code pass at once.
    await until(() => all.some(({ said }) => said().includes('for the next')));
    clock.set(30_000);
    const done = await results(all);
    const said = done
      .map(({ stderr }) => /^work: .*$/m.exec(stderr)?.[0])
      .filter((line) => line !== undefined);
    expect(said).toEqual([
      expect.stringMatching(/^work: AWS refused the MFA code: .*; waiting \d+s for the next$/),
    ]);
    expect(
      answers(done.map((each) => ({ ...each, stderr: each.stderr.replace(/^work: .*\n/m, '') }))),
    ).toEqual([expect.stringMatching(/^0\|\{"Version":1,.*\}\n\|$/)]);
    expect({ runs: asked().length, calls: at.calls().map(({ status }) => status) }).toEqual({
      runs: 2,
      calls: [403, 200],
    });
  });

  test('the holder is killed while the code is awaited: one of the others goes on', async () => {
    const all = run(crowd);
    await allWait(all);
    process.kill(asked()[0] ?? 0, 'SIGKILL');
    await until(() => asked().length === 2);
    go();
    const done = await results(all);
    expect(done.filter(({ status }) => status === 137)).toHaveLength(1);
    const alive = done.filter(({ status }) => status !== 137);
    expect(new Set(alive.map(({ status, stdout }) => `${status} ${stdout.replace(/,.*/s, '')}`))).toEqual(
      new Set(['0 {"Version":1']),
    );
    expect(new Set(alive.map(({ stdout }) => stdout)).size).toBe(1);
    expect({ runs: asked().length, calls: at.calls().map(({ status }) => status) }).toEqual({
      runs: 2,
      calls: [200],
    });
  });

  test('holders are killed and stopped in turn, and so are some that wait: one call, and no two minutes', async () => {
    const all = run(crowd);
    await allWait(all);
    const [lost, stopped] = [new Set<number>(), new Set<number>()];
    const end = (pid: number | undefined, signal: 'SIGKILL' | 'SIGSTOP') => {
      process.kill(pid ?? 0, signal);
      (signal === 'SIGKILL' ? lost : stopped).add(pid ?? 0);
    };
    for (let round = 0; round < runs(4, 6); round++) {
      end(asked().at(-1), round % 2 ? 'SIGSTOP' : 'SIGKILL');
      await until(() => asked().length === round + 2);
    }
    const waiting = all.filter(({ child }) => !asked().includes(child.pid ?? 0));
    for (const [index, { child }] of waiting.slice(0, runs(4, 40)).entries()) {
      end(child.pid, index % 2 ? 'SIGSTOP' : 'SIGKILL');
    }
    go();
    const rest = all.filter(({ child }) => !lost.has(child.pid ?? 0) && !stopped.has(child.pid ?? 0));
    const done = await results(rest);
    expect(new Set(done.map(({ status, stdout }) => `${status} ${stdout}`)).size).toBe(1);
    expect(done[0]).toMatchObject({ status: 0, stdout: expect.stringContaining('"Version":1') });
    expect(at.calls().map(({ status }) => status)).toEqual([200]);
    // Whoever waited, and is continued, finds the session; those that asked do not matter any more.
    for (const { child } of all.filter(({ child }) => stopped.has(child.pid ?? 0))) {
      child.kill(asked().includes(child.pid ?? 0) ? 'SIGKILL' : 'SIGCONT');
    }
    const others = all.filter(
      ({ child }) => stopped.has(child.pid ?? 0) && !asked().includes(child.pid ?? 0),
    );
    expect(others.length).toBeGreaterThan(1);
    for (const { status, stdout } of await results(others)) {
      expect({ status, stdout }).toEqual({ status: 0, stdout: done[0]?.stdout });
    }
    expect(at.calls()).toHaveLength(1);
  });

  test('STS fails: the failure is everybody’s, in one line, and the next one gets a session', async () => {
    at.sts.fault('reset');
    const all = run(crowd);
    await allWait(all);
    go();
    expect(answers(await results(all))).toEqual([expect.stringMatching(/^6\|\|awsmfa: [^\n]+\n$/)]);
    expect({ runs: asked().length, calls: at.calls().length }).toEqual({ runs: 1, calls: 1 });
    // Nobody knows whether that code has arrived.
    at.home.write('code', at.sts.code('alice', at.sts.now() + 30_000));
    expect((await start(['process', 'work'], at).result).status).toBe(0);
  });

  test('the caller gives up: neither an orphan nor a lock in the way of the next', async () => {
    const [given] = run(1);
    await until(() => asked().length === 1);
    given?.child.kill('SIGTERM');
    expect(await given?.result).toEqual({
      status: 143,
      stdout: '',
      stderr: expect.stringMatching(/^awsmfa: [^\n]+\n$/),
    });
    expect(isRunning(readFileSync(join(at.home.path, 'program'), 'utf8').trim())).toBe(false);
    go();
    const [next] = await results(run(1));
    expect(next).toMatchObject({ status: 0, stderr: '' });
  });
});
