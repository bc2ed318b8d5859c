import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, withoutUser } from '../src/text.ts';

test.for([
  ['work', 'work'],
  ['ключ 日本 é', 'ключ 日本 é'],
  ['a\u001b[2Jb', 'a?[2Jb'],
  ['a\r\nb\tc', 'a??b?c'],
  ['\u0000\u007f\u009b', '???'],
  ['\u202egnp.exe\u2069', '?gnp.exe?'],
  ['a\u2028b\u2029c', 'a?b?c'],
])('%j is shown as %s', ([text, shown]) => {
  expect(printable(text as string)).toBe(shown);
});

test('what is too long is cut', () => {
  expect([printable('abcde', 5), printable('abcdef', 5)]).toEqual(['abcde', 'abcd…']);
});

test('whatever comes in, nothing that moves a cursor comes out', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (text, limit) => {
      const shown = printable(text, limit);
      expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
      expect(shown.length).toBeLessThanOrEqual(limit);
    }),
  );
});

test.for([
  ['https://sts.example.com/a@b', 'https://sts.example.com/a@b'],
  ['https://user@host', 'https://host'],
  ['https://user:pass@host:8443/x?y@z', 'https://host:8443/x?y@z'],
  ['https://u:p@ss@host', 'https://host'],
  ['https://u:p@ss@host/@', 'https://host/@'],
  ['', ''],
])('%j without a user is %s', ([url, shown]) => {
  expect(withoutUser(url as string)).toBe(shown);
});
