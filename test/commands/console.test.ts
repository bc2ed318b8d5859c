import { expect, test } from 'vitest';
import { stage } from '../support/stage.ts';

// The browser and the sign-in: test/end-to-end/console.test.ts.
const at = stage();

/** `console` of a profile with keys and no role. */
const run = (options: readonly string[], more = {}) =>
  at.run(['console', 'work', '--print', ...options], {
    env: { AWS_ENDPOINT_URL_SIGNIN: at.sts.url, ...more },
  });

test('--policy limits what GetFederationToken gives', async () => {
  const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
  at.home.write('policy.json', JSON.stringify(policy, null, 2));
  const { exit, stdout } = await run(['--policy', `${at.home.path}/policy.json`, '--duration', '1h']);
  expect({ exit, stdout }).toEqual({ exit: 0, stdout: expect.stringMatching(/^http\S+\n$/) });
  expect(at.calls().find(({ action }) => action === 'GetFederationToken')?.params).toMatchObject({
    DurationSeconds: '3600',
    Policy: JSON.stringify(policy),
  });
});

test.each([
  [
    ['--policy-arn', 'arn:aws:iam::aws:policy/ReadOnlyAccess'],
    /--policy-arn can have no effect: profile "work" has no role/,
  ],
  [['--duration', '37h'], /GetFederationToken takes 15m to 36h, and 1d13h was asked for/],
])('%j is wrong usage, and nothing is sent', async (options, error) => {
  const { exit, stderr } = await run(options);
  expect({ exit, error: stderr.join('\n') }).toEqual({ exit: 2, error: expect.stringMatching(error) });
  expect(at.calls()).toEqual([]);
});

test('a sign-in address that is none', async () => {
  const { exit, stderr } = await run([], { AWS_ENDPOINT_URL_SIGNIN: 'nowhere' });
  expect({ exit, error: stderr.join('\n') }).toEqual({
    exit: 3,
    error: expect.stringMatching(/AWS_ENDPOINT_URL_SIGNIN .* is not a URL/),
  });
});
