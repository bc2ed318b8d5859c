import { afterEach, describe, expect, test } from 'vitest';
// Loaded before a clock runs: the first use would take a part of the last second.
import '../../src/mfa/prompt.ts';
import { late } from '../support/codes.ts';
import { stage, timeless } from '../support/stage.ts';
import { fakeTerminal } from '../support/world.ts';

const at = stage();
afterEach(() => {
  at.sts.clockOffsetMs = 0;
});

/** Uses the code that the device shows; then the next comes in so many milliseconds. */
async function spend(left?: number): Promise<{ code: string; next: string; now: () => number }> {
  const before = late(at.sts, left);
  const code = at.sts.code('alice');
  const { exit } = await at.run(['login', 'work', '--token-code', code], { now: before });
  expect(exit).toBe(0);
  const now = late(at.sts, left);
  return { code, next: at.sts.code('alice', now() + 30_000), now };
}

const again = ['login', 'work', '--refresh'];
const statuses = () => at.calls().map(({ status }) => status);

describe('a code that was used already is not sent', () => {
  test.for([
    ['--token-code', (code: string) => [['--token-code', code], {}] as const],
    ['AWSMFA_TOKEN_CODE', (code: string) => [[], { env: { AWSMFA_TOKEN_CODE: code } }] as const],
    ['stdin', (code: string) => [['--token-code', '-'], { stdin: code }] as const],
  ] as const)('from %s: 5, and the seconds', async ([name, give]) => {
    const { code, now } = await spend(17_200);
    const [argv, more] = give(code);
    expect(await at.run([...again, ...argv], { now, ...more })).toEqual({
      exit: 5,
      stdout: '',
      stderr: [
        expect.stringMatching(
          new RegExp(`^awsmfa: The MFA code from ${name} was used already; the next one comes in 1[5-8]s$`),
        ),
        '  Nothing was sent. Each code works once; take the next one.',
      ],
    });
    expect(statuses()).toEqual([200]);
  });

  test('a given one, but there is a terminal: counts down and asks for the next', async () => {
    const { code, next, now } = await spend();
    const terminal = fakeTerminal('', `${next}\r`);
    const { exit, stderr } = await at.run([...again, '--token-code', code], { now, terminal });
    expect({ exit, stderr: timeless(stderr), statuses: statuses() }).toEqual({
      exit: 0,
      stderr: ['work: new session, 12h left (until TIME)'],
      statuses: [200, 200],
    });
    expect(terminal.shown()).toContain('work: that code was used already; waiting 1s for the next');
    expect(terminal.shown()).toContain('MFA code for work (alice):');
  });

  test('--no-prompt asks nobody', async () => {
    const { code, now } = await spend();
    const terminal = fakeTerminal();
    const argv = [...again, '--no-prompt', '--token-code', code];
    expect(await at.run(argv, { now, terminal })).toMatchObject({ exit: 5 });
    expect(terminal.shown()).toBe('');
  });

  test('typed on the terminal: counts down, asks again, and it costs no try', async () => {
    const { code, next, now } = await spend();
    const wrongs = ['000000', '111111'].map((wrong) => `${wrong}\r`);
    const terminal = fakeTerminal(`${code}\r`, '123', ...wrongs, `${next}\r`);
    const { exit } = await at.run(again, { now, terminal });
    expect({ exit, statuses: statuses(), left: terminal.left() }).toEqual({
      exit: 0,
      statuses: [200, 403, 403, 200],
      left: [],
    });
    expect(terminal.shown()).not.toContain('123');
  });

  test('a code that was refused is not sent again either', async () => {
    const now = late(at.sts);
    const terminal = fakeTerminal('000000\r', '000000\r', '', `${at.sts.code('alice')}\r`);
    const { exit } = await at.run(['login', 'work'], { now, terminal });
    expect({ exit, statuses: statuses() }).toEqual({ exit: 0, statuses: [403, 200] });
  });

  test('Ctrl-C while the seconds count down: 130', async () => {
    const { code, now } = await spend(20_000);
    const terminal = fakeTerminal(`${code}\r`, '\u0003');
    expect(await at.run(again, { now, terminal })).toEqual({
      exit: 130,
      stdout: '',
      stderr: ['awsmfa: Cancelled'],
    });
  });
});

describe('a code is as good as before', () => {
  test('when it has not left this machine', async () => {
    const code = at.code();
    const env = { AWSMFA_TOKEN_CODE: code, AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' };
    expect(await at.run(['login', 'work'], { env })).toMatchObject({ exit: 6 });
    expect(await at.run(['login', 'work', '--token-code', code])).toMatchObject({ exit: 0 });
  });

  test('but not when nobody knows whether it arrived', async () => {
    const code = at.code();
    at.sts.fault('reset');
    expect(await at.run(['login', 'work', '--token-code', code])).toMatchObject({ exit: 6 });
    const { exit, stderr } = await at.run(['login', 'work', '--token-code', code]);
    expect([exit, stderr[0]]).toEqual([5, expect.stringContaining('was used already')]);
  });
});

test('another code of the same device waits for nothing', async () => {
  // The next one would never come.
  const time = Date.now();
  // A third would be that of the window before, which may be over by the time it arrives.
  for (const _ of ['first', 'second']) {
    expect(await at.runWithCode(again, { now: () => time })).toMatchObject({ exit: 0 });
  }
});

test('the memory is of no use to who reads it, and outlives logout', async () => {
  const { code, now } = await spend(17_200);
  expect(await at.run(['logout', '--all'], { now })).toMatchObject({ exit: 0 });
  expect(await at.run(['login', 'work', '--token-code', code], { now })).toMatchObject({ exit: 5 });
});
