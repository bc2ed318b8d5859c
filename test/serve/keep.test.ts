import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Secret } from '../../src/credentials.ts';
import { Exit, UserError } from '../../src/errors.ts';
import { type Keeper, type Kept, keep } from '../../src/serve/keep.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

const hour = 3600;

function sessionOf(name: string, expiration: number): Kept {
  const [secretAccessKey, sessionToken] = [new Secret('s'), new Secret('t')];
  return { session: { accessKeyId: name, secretAccessKey, sessionToken, expiration }, body: name };
}

const seconds = () => Date.now() / 1000;
const unreachable = new UserError(Exit.unreachable, 'unreachable', 'STS is away');
const code = new UserError(Exit.cannotAsk, 'cannot-ask', 'A code is needed');

/** A keeper whose source gives sessions of an hour, or fails, and what it had to say. */
function kept(first = sessionOf('first', hour), minTtl = 300) {
  const said: string[] = [];
  const state = { fault: undefined as unknown, life: hour, renewals: 0, slow: 0 };
  const keeper: Keeper = keep(
    first,
    {
      now: Date.now,
      minTtl,
      renew: async () => {
        state.renewals++;
        const { fault, renewals } = state;
        if (state.slow) await new Promise((resolve) => setTimeout(resolve, state.slow));
        if (fault) throw fault;
        return sessionOf(`renewal ${renewals}`, seconds() + state.life);
      },
      onError: (error, left) => said.push(`${(error as UserError).code}, ${left} s left`),
      onMended: ({ body }) => said.push(`mended: ${body}`),
    },
    (error) => error === unreachable,
  );
  return { keeper, state, said, current: async () => (await keeper.current()).body };
}

const pass = (time: number) => vi.advanceTimersByTimeAsync(time * 1000);

test('in the background, five minutes before the end', async () => {
  const { state, current, said } = kept();
  await pass(hour - 301);
  expect([await current(), state.renewals]).toEqual(['first', 0]);
  await pass(1);
  expect(state.renewals).toBe(1);
  expect(await current()).toBe('renewal 1');
  await pass(24 * hour);
  expect(state.renewals).toBe(27);
  expect(said).toEqual([]);
});

test('a session that lives shorter than that, at half of its life', async () => {
  const { state } = kept(sessionOf('first', 10));
  await pass(4.9);
  expect(state.renewals).toBe(0);
  await pass(0.2);
  expect(state.renewals).toBe(1);
});

test('nobody waits while there is a session, and one renewal is at work for all', async () => {
  const { state, current } = kept();
  state.slow = 2000;
  await pass(hour - 300);
  expect(await Promise.all([current(), current(), current()])).toEqual(['first', 'first', 'first']);
  await pass(2);
  expect([await current(), state.renewals]).toEqual(['renewal 1', 1]);
});

test('after a sleep of the machine, in which timers stood still, who asks waits for the renewal', async () => {
  const { state, current } = kept();
  state.slow = 1000;
  vi.setSystemTime(5 * hour * 1000);
  const answers = [current(), current()];
  await pass(1);
  expect(await Promise.all(answers)).toEqual(['renewal 1', 'renewal 1']);
  expect(state.renewals).toBe(1);
});

describe('when it cannot be renewed', () => {
  test('what is valid is given out; it is said once; every minute it is tried again', async () => {
    const { state, current, said } = kept();
    state.fault = unreachable;
    await pass(hour - 300);
    expect([await current(), said]).toEqual(['first', ['unreachable, 300 s left']]);
    await pass(180);
    expect(state.renewals).toBe(4);
    state.fault = undefined;
    await pass(60);
    expect([await current(), said]).toEqual(['renewal 5', ['unreachable, 300 s left', 'mended: renewal 5']]);
  });

  test('for want of a code nobody is bothered in the background; who asks later finds what was got', async () => {
    const { state, current, said } = kept();
    state.fault = code;
    await pass(2 * hour);
    expect(state.renewals).toBe(1);
    await expect(current()).rejects.toBe(code);
    state.fault = undefined;
    await pass(3);
    expect(await current()).toBe('renewal 3');
    expect(said).toEqual(['cannot-ask, 300 s left', 'mended: renewal 3']);
  });

  test('however many ask, there is an attempt every two seconds at most', async () => {
    const { state, current } = kept();
    state.fault = code;
    await pass(2 * hour);
    for (let time = 0; time < 100; time++) {
      await expect(current()).rejects.toBe(code);
      await pass(0.1);
    }
    expect(state.renewals).toBe(1 + 5);
  });

  test('another error is said as well', async () => {
    const { state, current, said } = kept();
    state.fault = code;
    await pass(hour - 300);
    state.fault = unreachable;
    await pass(10);
    await current();
    await pass(0);
    expect(said).toEqual(['cannot-ask, 300 s left', 'unreachable, 290 s left']);
  });

  test('a source that gives what has ended is refused, and not asked by every request', async () => {
    const { state, current } = kept();
    state.life = -1;
    await pass(2 * hour);
    const before = state.renewals;
    for (let n = 0; n < 10; n++) await expect(current()).rejects.toThrow('has ended');
    expect(state.renewals - before).toBeLessThanOrEqual(1);
  });
});

test('stopped, it renews no more', async () => {
  const { keeper, state } = kept();
  keeper.stop();
  await pass(hour - 1);
  expect(state.renewals).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
