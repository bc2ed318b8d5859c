import { Exit, type ExitStatus, UserError } from './errors.ts';
import type { AskedDuration, Setting } from './request.ts';
import { printable } from './text.ts';

/**
 * Seconds out of `43200`, `12h`, `90m`, `45s`, `1d12h`, in any order of size from large to small; undefined for
 * anything else.
 */
export function parseDuration(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d{1,9}$/.test(trimmed)) return Number(trimmed);
  const match = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?$/i.exec(trimmed);
  if (!match || trimmed === '') return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/**
 * A duration as Go writes it (`time.ParseDuration`), for the variables of aws-vault: `1h30m`, `1.5h`, `90s`. A number alone
 * is none.
 *
 * @throws UserError usage
 */
export function goDuration({ value, by }: Setting): AskedDuration {
  const parts = [...value.matchAll(/(\d+(?:\.\d*)?|\.\d+)(h|ms?|s|[uµμn]s)/g)];
  if (value !== '' && parts.map(([part]) => part).join('') === value) {
    const seconds = parts.reduce(
      (sum, [, count, unit = '']) => sum + Number(count) * (goUnits[unit] ?? 0),
      0,
    );
    return { seconds: Math.floor(seconds), by };
  }
  throw badDuration({ value, by }, 'Write it as aws-vault reads it: 1h, 30m, 1h30m.');
}

/** In seconds. Smaller units count as nothing. */
const goUnits: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };

/** The duration, cut to what AWS allows. */
export function cutTo(most: number, asked: AskedDuration | undefined): AskedDuration | undefined {
  return asked && { ...asked, seconds: Math.max(900, Math.min(most, asked.seconds)) };
}

/** A number of seconds as a person says it: `12h`, `3h12m`, `45s`. */
export function sayDuration(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.floor(seconds))}s`;
  const minutes = Math.round(seconds / 60);
  return (
    some(Math.floor(minutes / 1440), 'd') + some(Math.floor(minutes / 60) % 24, 'h') + some(minutes % 60, 'm')
  );
}

function some(count: number, unit: string): string {
  return count > 0 ? `${count}${unit}` : '';
}

/** An instant as a person says it, in local time: `21:47`, or with the day when it is not today. */
export function sayTime(epochSeconds: number, nowMilliseconds: number): string {
  const date = new Date(epochSeconds * 1000);
  const time = `${two(date.getHours())}:${two(date.getMinutes())}`;
  if (date.toDateString() === new Date(nowMilliseconds).toDateString()) return time;
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

/** `sayTime` with the zone, for where the reader compares it with a time in UTC: `21:47 +09:00`. */
export function sayTimeAndZone(epochSeconds: number, nowMilliseconds: number): string {
  const minutes = -new Date(epochSeconds * 1000).getTimezoneOffset();
  const ahead = Math.abs(minutes);
  const zone = `${minutes < 0 ? '-' : '+'}${two(Math.floor(ahead / 60))}:${two(ahead % 60)}`;
  return `${sayTime(epochSeconds, nowMilliseconds)} ${minutes === 0 ? 'UTC' : zone}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/**
 * How many seconds a session must have left, by `--min-ttl`, else by `AWSMFA_MIN_TTL`; 5 minutes, so that nothing
 * expires in the middle of a command.
 *
 * @throws UserError usage
 */
export function leastTimeLeft(option: string | undefined, variable: string | undefined): number {
  const by = option === undefined ? 'AWSMFA_MIN_TTL' : '--min-ttl';
  const value = option ?? (variable || undefined);
  return value === undefined
    ? 300
    : parsedDuration({ value, by }, 'Write seconds or units: 300, 5m.').seconds;
}

/**
 * A duration in a setting, in seconds.
 *
 * @throws UserError usage for an option or a variable, configuration for a file
 */
export function parsedDuration(
  { value, by }: Setting,
  hint = 'Write seconds or units: 43200, 12h, 90m, 1d12h.',
): AskedDuration {
  const seconds = parseDuration(value);
  if (seconds !== undefined) return { seconds, by };
  throw badDuration({ value, by }, hint);
}

function badDuration({ value, by }: Setting, hint: string): UserError {
  return new UserError(statusOf(by), 'bad-duration', `${by}: "${printable(value, 40)}" is no duration`, hint);
}

/**
 * STS refuses a GetSessionToken of less than 15 minutes or more than 36 hours (API reference of GetSessionToken,
 * `DurationSeconds`); saying so before the code is asked for saves the code.
 *
 * @throws UserError usage for an option or a variable, configuration for a file
 */
export function sessionSeconds(asked: AskedDuration | undefined): number {
  return within(asked, 43_200, 129_600, 'AWS issues session tokens for 15m to 36h');
}

/**
 * A role lives 15 minutes to 12 hours (API reference of AssumeRole), and an hour at most when it is assumed with
 * credentials that are a session already (IAM user guide, "role chaining").
 */
export function roleSeconds(asked: AskedDuration | undefined, chained: boolean): number {
  return chained
    ? within(asked, 3600, 3600, 'a role assumed from another session lives 15m to 1h')
    : within(asked, 3600, 43_200, 'AWS issues role sessions for 15m to 12h');
}

function within(asked: AskedDuration | undefined, usual: number, most: number, rule: string): number {
  if (asked === undefined) return usual;
  const { seconds } = asked;
  if (seconds >= 900 && seconds <= most) return seconds;
  throw new UserError(
    statusOf(asked.by),
    'duration-out-of-range',
    `${asked.by}: ${seconds} seconds is too ${seconds < 900 ? 'short' : 'long'}: ${rule}`,
    `Ask for 900 to ${most} seconds; the default is ${sayDuration(usual)}.`,
  );
}

function statusOf(by: string): ExitStatus {
  return by.startsWith('duration_seconds') ? Exit.configuration : Exit.usage;
}

/** The age of something in days: `1 day old`. Both times in epoch seconds. */
export function sayAge(created: number, now: number): string {
  const days = daysSince(created, now);
  return days === 1 ? '1 day old' : `${days} days old`;
}

/** Whole days. Both times in epoch seconds. */
export function daysSince(created: number, now: number): number {
  return Math.max(0, Math.floor((now - created) / 86_400));
}
