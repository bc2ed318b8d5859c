import { readFileSync } from 'node:fs';
import net from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { Secret } from '../../src/credentials.ts';
import { UserError } from '../../src/errors.ts';
import { openCache } from '../../src/session/cache.ts';
import type { Step } from '../../src/session/plan.ts';
import { getSharedSession } from '../../src/session/shared-session.ts';
import { createUi } from '../../src/ui.ts';
import { alice } from '../../tools/local-sts/sample.ts';
import { heldCall } from '../support/calls.ts';
import { keysSection, makeHome } from '../support/home.ts';
import { aliceSerial, stage } from '../support/stage.ts';
import { fakeTerminal, fakeWorld } from '../support/world.ts';

const at = stage();

const step: Step = {
  step: 'session',
  profile: 'work',
  source: {
    step: 'keys',
    profile: 'work',
    keys: { accessKeyId: 'AKIAX', secretAccessKey: new Secret('long-term'), sessionToken: undefined },
  },
  serialNumber: aliceSerial,
  durationSeconds: 43_200,
  endpoint: {
    region: 'us-east-1',
    url: undefined,
    fips: false,
    dualStack: false,
    caBundle: undefined,
    attempts: 3,
  },
};

/** Something that happens once, when it is told to. */
function event(): { happens: () => void; happened: Promise<void> } {
  let happens = () => {};
  const happened = new Promise<void>((resolve) => {
    happens = resolve;
  });
  return { happens, happened };
}

/** Calls back once so many have said that they wait for another one. */
function whenWaiting(count: number, then: () => void): (line: string) => void {
  let waiting = 0;
  return (line) => {
    if (/^Waiting for /.test(line) && ++waiting === count) then();
  };
}

/** STS answers its next call once so many wait. */
function answersWhenWaiting(count: number): (line: string) => void {
  return whenWaiting(count, heldCall(at.sts).answer);
}

/** A terminal that is asked, and on which nobody types before `type` is called. */
function slowTerminal(code: string) {
  const terminal = fakeTerminal(`${code}\r`);
  const { happens: asked, happened: isAsked } = event();
  const { happens: type, happened: isTyped } = event();
  let opened = 0;
  const open = () => {
    const real = terminal.open();
    opened += 1;
    // The first time it is only looked whether there is one.
    if (opened === 1) return real;
    asked();
    const output = Object.create(real.output, {
      write: {
        writable: true,
        value: (chunk: string) => {
          isTyped.then(() => real.output.write(chunk));
          return true;
        },
      },
    });
    return { ...real, output };
  };
  return { terminal: { ...terminal, open }, isAsked, type };
}

describe('while another one is getting the session', () => {
  test('the rest waits for it, says so, and gets the same', async () => {
    const code = { env: { AWSMFA_TOKEN_CODE: at.code() }, heard: answersWhenWaiting(2) };
    const runs = await Promise.all([1, 2, 3].map(() => at.run(['env', 'work'], code)));
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(1);
    expect(runs.map(({ stderr }) => stderr).sort((a, b) => a.length - b.length)).toEqual([
      ['work: new session, 12h left'],
      ...Array(2).fill([
        expect.stringMatching(
          /^Waiting for awsmfa env \(process \d+(, on \S+)?\), which is getting a session for work$/,
        ),
        'work: new session, 12h left',
      ]),
    ]);
    expect(at.calls()).toHaveLength(1);
  });

  test.for([[], ['--refresh']])('also where there are no sockets, with %j', async (more) => {
    vi.spyOn(net.Server.prototype, 'listen').mockImplementation(function (this: net.Server) {
      setImmediate(() => this.emit('error', Object.assign(new Error('EPERM'), { code: 'EPERM' })));
      return this;
    });
    const code = { env: { AWSMFA_TOKEN_CODE: at.code() }, heard: answersWhenWaiting(2) };
    const runs = await Promise.all([1, 2, 3].map(() => at.run(['env', 'work', ...more], code)));
    vi.restoreAllMocks();
    expect(new Set(runs.map(({ exit, stdout }) => `${exit}${stdout}`)).size).toBe(1);
    expect(runs[0]?.exit).toBe(0);
    expect(at.calls()).toHaveLength(1);
  });

  test('its failure is everybody’s', async () => {
    const code = { env: { AWSMFA_TOKEN_CODE: '000000' }, heard: answersWhenWaiting(2) };
    const runs = await Promise.all([1, 2, 3].map(() => at.run(['env', 'work'], code)));
    const errors = runs.map(({ stderr, ...run }) => ({ ...run, error: stderr.slice(-2) }));
    expect(errors).toEqual(Array(3).fill({ exit: 5, stdout: 'false\n', error: errors[0]?.error }));
    expect(at.calls()).toHaveLength(1);
  });

  test('a question that was cancelled is cancelled for them too, and they are told where', async () => {
    const { terminal, isAsked, type } = slowTerminal('\u0003');
    const asking = at.run(['login', 'work'], { terminal });
    await isAsked;
    const { exit, stderr } = await at.run(['process', 'work'], { heard: whenWaiting(1, type) });
    expect([(await asking).exit, exit, stderr]).toEqual([
      130,
      130,
      [
        expect.stringMatching(/^Waiting for awsmfa login \(process \d+/),
        expect.stringMatching(
          /^awsmfa: awsmfa login \(process \d+.*\) was getting the session for work, and was cancelled there\. Run it again to be asked here\.$/,
        ),
      ],
    ]);
    expect(at.calls()).toEqual([]);
  });

  test('a program gives a wrong code first: it runs twice, and all get what the second one brings', async () => {
    const next = at.sts.code('alice', at.sts.now() + 30_000);
    const script = `if test -e run; then echo ${next}; else echo 000000; fi; echo x >>run; until test -e go; do sleep 0.1; done\n`;
    const path = at.home.write('code.sh', `cd '${at.home.path}'; ${script}`);
    const env = { AWSMFA_MFA_PROCESS: `sh ${path}`, PATH: '/usr/bin:/bin' };
    // The clock stands still until somebody waits for the next code.
    let time = Date.now();
    const go = whenWaiting(39, () => at.home.write('go', ''));
    const heard = (line: string) => {
      go(line);
      if (line.includes('for the next')) time += 30_000;
    };
    const runs = await Promise.all(
      Array.from({ length: 40 }, () => at.run(['process', 'work'], { env, now: () => time, heard })),
    );
    expect(new Set(runs.map(({ exit }) => exit))).toEqual(new Set([0]));
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(1);
    expect(readFileSync(`${at.home.path}/run`, 'utf8')).toBe('x\nx\n');
    expect(at.calls().map(({ status }) => status)).toEqual([403, 200]);
  });

  test('a hostile name does not reach the terminal in the line about it', async () => {
    const name = 'a\u001b[2Jb';
    const home = makeHome({ credentials: `${keysSection(name, alice)}mfa_serial = ${aliceSerial}\n` });
    const setting = { home, env: { AWSMFA_TOKEN_CODE: at.code() }, heard: answersWhenWaiting(1) };
    const runs = await Promise.all([1, 2].map(() => at.run(['login', name], setting)));
    expect(runs.flatMap(({ stderr }) => stderr).filter((line) => line.includes('\u001b'))).toEqual([]);
  });

  test('that it may not ask is its own failure, and not that of one who can', async () => {
    const cache = openCache(makeHome().cache);
    const { happens: begins, happened: begun } = event();
    const { happens: waits, happened: isWaiting } = event();
    const sharing = {
      cache,
      now: Date.now,
      minTtl: 300,
      refresh: false,
      mayWait: true,
      command: 'login',
      hasCode: false,
      ui: createUi({}, fakeWorld([], {}, whenWaiting(1, waits))),
    };
    const cannot = async () => {
      begins();
      await isWaiting;
      throw new UserError(4, 'cannot-ask', '--no-prompt forbids asking');
    };
    const session = {
      accessKeyId: 'ASIAX',
      secretAccessKey: new Secret('secret'),
      sessionToken: new Secret('token'),
      expiration: Math.floor(Date.now() / 1000) + 3600,
    };
    const first = getSharedSession(step, { ...sharing, create: cannot }).catch(({ exit }) => exit);
    await begun;
    const second = await getSharedSession(step, { ...sharing, create: async () => session }).catch(
      ({ exit }) => exit,
    );
    expect([await first, second]).toEqual([4, { session, from: 'sts' }]);
  });

  test('--no-prompt does not wait for somebody who types', async () => {
    const { terminal, isAsked, type } = slowTerminal(at.code());
    const typing = at.run(['login', 'work'], { terminal });
    await isAsked;
    expect(await at.run(['env', 'work', '--no-prompt'])).toMatchObject({ exit: 4 });
    type();
    expect(await typing).toMatchObject({ exit: 0 });
  });
});

describe('--debug', () => {
  test('shows no user and no password of an endpoint', async () => {
    const url = at.sts.url.replace('//', '//someone:p@ssword@');
    const { exit, stderr } = await at.runWithCode(['env', 'work', '--debug'], {
      env: { AWS_ENDPOINT_URL_STS: url },
    });
    expect({ exit, shown: /someone|p@ss|ssword/.test(stderr.join()) }).toEqual({ exit: 0, shown: false });
  });

  test('shows no secret, whatever happens', async () => {
    const { exit, stderr } = await at.runWithCode(['env', 'work', '--debug']);
    expect({ exit, more: stderr.length > 1 }).toEqual({ exit: 0, more: true });
    at.sts.fault('internal');
    expect(await at.runWithCode(['env', 'work', '--debug', '--refresh'])).toMatchObject({ exit: 6 });
    expect(await at.run(['env', 'work', '--debug'])).toMatchObject({ exit: 0 });
    const temporary = {
      AWS_ACCESS_KEY_ID: 'ASIAX',
      AWS_SECRET_ACCESS_KEY: 'secret-x',
      AWS_SESSION_TOKEN: 'token-x',
    };
    expect(await at.run(['env', 'nobody', '--debug'], { env: temporary })).toMatchObject({ exit: 3 });
  });
});
