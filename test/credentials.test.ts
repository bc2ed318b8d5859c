import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from '../src/credentials.ts';
import { UserError } from '../src/errors.ts';

test('a secret shows its value to nobody who does not ask for it', () => {
  const secret = new Secret('canary');
  const shown = [
    String(secret),
    `${secret}`,
    '' + secret,
    [secret].join(),
    JSON.stringify({ secret }),
    JSON.stringify([secret]),
    inspect(secret, { showHidden: true, depth: Number.POSITIVE_INFINITY }),
    inspect({ deep: { er: [secret] } }, { depth: Number.POSITIVE_INFINITY }),
    inspect(new Error('x', { cause: secret })),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify({ ...secret }),
    String(new UserError(1, 'x', `with ${secret}`)),
    JSON.stringify(structuredClone({ ...secret })),
  ];
  expect(shown.filter((text) => text.includes('canary'))).toEqual([]);
  expect(shown.slice(0, 6)).toEqual([
    '[secret]',
    '[secret]',
    '[secret]',
    '[secret]',
    '{"secret":"[secret]"}',
    '["[secret]"]',
  ]);
  expect(secret.reveal()).toBe('canary');
});
