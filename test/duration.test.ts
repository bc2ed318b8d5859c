import { describe, expect, test } from 'vitest';
import {
  parseDuration,
  parsedDuration,
  sayDuration,
  sayTime,
  sayTimeAndZone,
  sessionSeconds,
} from '../src/duration.ts';

describe('reads', () => {
  test.for([
    ['43200', 43_200],
    ['12h', 43_200],
    ['12H', 43_200],
    ['90m', 5400],
    ['45s', 45],
    ['1d12h', 129_600],
    ['1d2h3m4s', 93_784],
    ['1h1s', 3601],
    [' 12h ', 43_200],
    ['0', 0],
    ['0900', 900],
    ['999999999', 999_999_999],
  ] as const)('%s', ([text, seconds]) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  const none = [
    '',
    ' ',
    '12 h',
    'h',
    '1.5h',
    '-1h',
    '+900',
    '1h2d',
    '12hh',
    '1e3',
    '0x10',
    '１２h',
    '٩٠m',
    'P1D',
  ];
  test.for([...none, '9999999999', 'Infinity', '12h\n;x', '$(id)'])('nothing in %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

test('says what it reads', () => {
  const seconds = [0, 59.9, 60, 899, 3600, 11_520, 43_199.4, 86_400, 129_600, -5];
  expect(seconds.map(sayDuration)).toEqual([
    '0s',
    '59s',
    '1m',
    '15m',
    '1h',
    '3h12m',
    '12h',
    '1d',
    '1d12h',
    '0s',
  ]);
});

/** What is thrown, with everything a person or a program sees of it. */
function refusal(text: string, by = '--duration') {
  try {
    return sessionSeconds(parsedDuration({ value: text, by }));
  } catch (error) {
    const { exit, code, message, hint } = error as Record<string, unknown>;
    return { exit, code, message, hint };
  }
}

describe('a session lives', () => {
  test('12 hours unless somebody says otherwise', () => {
    expect(sessionSeconds(undefined)).toBe(43_200);
  });

  test('from 15 minutes to 36 hours', () => {
    expect(['900', '15m', '129600', '36h', '1d12h'].map((text) => refusal(text))).toEqual([
      900, 900, 129_600, 129_600, 129_600,
    ]);
  });

  test.for([
    ['899', 'too short'],
    ['14m59s', 'too short'],
    ['0', 'too short'],
    ['129601', 'too long'],
    ['36h1s', 'too long'],
    ['2d', 'too long'],
  ] as const)('not %s', ([text, why]) => {
    expect(refusal(text)).toEqual({
      exit: 2,
      code: 'duration-out-of-range',
      message: expect.stringMatching(
        new RegExp(`^--duration: .+ is ${why}: AWS issues session tokens for 15m to 36h$`),
      ),
      hint: 'Ask for 900 to 129600 seconds; the default is 12h.',
    });
  });

  test('a refusal does not name a length that is allowed', () => {
    expect(refusal('899')).not.toMatchObject({ message: expect.stringContaining(' 15m is too short') });
    expect(refusal('129601')).not.toMatchObject({ message: expect.stringContaining(' 1d12h is too long') });
  });

  test('what is no duration is named, with where it stands', () => {
    expect(refusal('an\u001b[31m hour', 'AWSMFA_DURATION')).toEqual({
      exit: 2,
      code: 'bad-duration',
      message: 'AWSMFA_DURATION: "an?[31m hour" is no duration',
      hint: 'Write seconds or units: 43200, 12h, 90m, 1d12h.',
    });
    const inFile = 'duration_seconds of profile "work"';
    expect([refusal('x', inFile), refusal('1', inFile)]).toMatchObject([{ exit: 3 }, { exit: 3 }]);
  });
});

describe('an instant is said in local time', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  const at = (time: string) => Date.parse(time) / 1000;
  test.for([
    ['UTC', '13:05', '13:05 UTC', '2026-11-22 00:05'],
    ['Asia/Tokyo', '22:05', '22:05 +09:00', '2026-11-22 09:05'],
    ['America/St_Johns', '09:35', '09:35 -03:30', '20:35'],
  ])('%s', ([zone, time, withZone, later]) => {
    process.env.TZ = zone;
    try {
      expect(sayTime(at('2026-11-21T13:05:00Z'), now)).toBe(time);
      expect(sayTimeAndZone(at('2026-11-21T13:05:00Z'), now)).toBe(withZone);
      expect(sayTime(at('2026-11-22T00:05:00Z'), now)).toBe(later);
    } finally {
      process.env.TZ = 'UTC';
    }
  });
});
