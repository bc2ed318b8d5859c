import { expect, test } from 'vitest';
import { Secret } from '../../src/secret.ts';
import { redirectOnce } from '../../src/sts/sign-in.ts';

const get = (url: string, method = 'GET') => fetch(url, { method, redirect: 'manual' });

test('leads to the secret address, once', async () => {
  const redirect = await redirectOnce(new Secret('https://example.com/?SigninToken=canary'), 10);
  expect(redirect.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}$/);
  const other = redirect.url.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  expect((await get(other)).status).toBe(404);
  expect((await get(redirect.url, 'HEAD')).status).toBe(404);
  const first = get(redirect.url);
  const second = get(redirect.url);
  const answers = await Promise.allSettled([first, second]);
  const locations = answers.map((answer) =>
    answer.status === 'fulfilled' ? answer.value.headers.get('location') : null,
  );
  expect(locations.filter((location) => location !== null)).toEqual([
    'https://example.com/?SigninToken=canary',
  ]);
  expect(await redirect.followed).toBe(true);
});

test('does not wait for ever', async () => {
  const redirect = await redirectOnce(new Secret('https://example.com/'), 0.05);
  expect(await redirect.followed).toBe(false);
  await expect(get(redirect.url)).rejects.toThrow();
});
