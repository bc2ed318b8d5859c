import { expect, test } from 'vitest';
import { base32Decode, totp, windowAt } from '../../tools/local-sts/totp.ts';

test.each([
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
])('RFC 6238, appendix B: at %i s the code is %s', (seconds, code) => {
  const secret = Buffer.from('12345678901234567890');
  expect(totp(secret, windowAt(seconds * 1000), 8)).toBe(code);
  expect(totp(secret, windowAt(seconds * 1000))).toBe(code.slice(2));
});

test('a window begins on the full and the half minute', () => {
  const minute = Date.parse('2026-11-21T10:00:00Z');
  expect([-1, 0, 29_999, 30_000].map((ms) => windowAt(minute + ms) - windowAt(minute))).toEqual([
    -1, 0, 0, 1,
  ]);
});

test.each([
  ['', ''],
  ['f', 'MY======'],
  ['fo', 'MZXQ===='],
  ['foo', 'MZXW6==='],
  ['foob', 'MZXW6YQ='],
  ['fooba', 'MZXW6YTB'],
  ['foobar', 'MZXW6YTBOI======'],
  ['foobar', 'mzxw 6ytb oi'],
])('RFC 4648, section 10: %o is %o', (bytes, text) => {
  expect(Buffer.from(base32Decode(text)).toString()).toBe(bytes);
});

test('what is not base32 is refused', () => {
  expect(() => base32Decode('MZXW1')).toThrow('not base32: "1"');
});
