import type { Invocation } from '../cli/invocation.ts';
import { sayDuration } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { previousProfile } from '../export/environment.ts';
import { printable } from '../printable.ts';
import { unnamedProfile } from '../profile/resolve.ts';

import { cacheDirectory } from '../session/cache.ts';
import { keepPicked, picked } from '../session/recent.ts';
import { type Column, table } from '../table.ts';
import type { World } from '../world.ts';
import { overview, type Row } from './overview.ts';

/**
 * The profile that `use` means when the command line and the environment leave it open: the one before for `use -`,
 * else what is chosen from a list. Where nobody can choose, the invocation as it was, which then is about `default`.
 */
export async function pick(invocation: Invocation, world: World): Promise<Invocation> {
  const { argument, flags } = invocation;
  if (argument === '-') return { ...invocation, argument: previous(world) };
  if (flags.pick && (argument || flags.profile)) {
    throw new UserError(Exit.usage, 'usage', '--pick and the name of a profile exclude each other');
  }
  const { files, rows: all } = overview(flags, world);
  if (!flags.pick && unnamedProfile(files, world.env)) return invocation;
  // What no session can come from is no choice.
  const rows = all.filter(({ kind }) => kind !== 'none');
  if (rows.length < 2) return flags.pick ? { ...invocation, argument: rows[0]?.profile } : invocation;
  const chosen = flags['no-prompt'] ? undefined : await chosenFrom(rows, world);
  if (chosen !== undefined) return { ...invocation, argument: chosen };
  if (!flags.pick) return invocation;
  throw new UserError(
    Exit.cannotAsk,
    'cannot-ask',
    `There ${flags['no-prompt'] ? 'is nothing to pick with: --no-prompt forbids asking' : 'is no terminal to pick a profile on'}`,
    'Name the profile: awsmfa use NAME',
  );
}

function previous({ env }: World): string {
  const name = previousProfile(env);
  if (name !== undefined) return name;
  throw new UserError(
    Exit.failed,
    'no-previous',
    `This shell has held ${env.AWSMFA_PROFILE ? 'no profile but this one' : 'no profile yet'}: there is none to go back to`,
    'Name one: awsmfa use NAME, or choose: awsmfa use --pick',
  );
}

/** Undefined where there is no terminal. */
async function chosenFrom(rows: readonly Row[], world: World): Promise<string | undefined> {
  const terminal = world.openTerminal();
  if (!terminal) return undefined;
  terminal.close();
  const { columns = 80, rows: height = 24 } = terminal.output as { columns?: number; rows?: number };
  const directory = cacheDirectory(world.env, world.home);
  const now = world.now() / 1000;
  const sorted = latestFirst(rows, picked(directory));
  const shown = table(
    pickerColumns,
    sorted.map((row) => cells(row, now)),
    columns - 3,
  ).slice(1);
  const choices = sorted.map((row, index) => ({ line: shown[index] ?? '', words: wordsOf(row) }));
  const { choose } = await import('./choose.ts');
  const name = sorted[await choose(choices, height, world)]?.profile;
  if (name !== undefined) keepPicked(directory, name, Math.floor(now));
  return name;
}

/**
 * By when they were picked or their role was assumed, then by when their keys got a session: that is got on the way to
 * a role as well. The others as in the files.
 */
function latestFirst(rows: readonly Row[], times: ReadonlyMap<string, number>): readonly Row[] {
  const used = rows.map((row) => {
    const issued = row.cached?.issued ?? 0;
    const picked = times.get(row.profile) ?? 0;
    return { row, used: row.kind === 'long-term' ? picked : Math.max(picked, issued), issued };
  });
  return used.sort((a, b) => b.used - a.used || b.issued - a.issued).map(({ row }) => row);
}

const pickerColumns: readonly Column[] = [
  { title: '', least: 20 },
  { title: '', least: 8, mayGo: true },
  { title: '', least: 12, mayGo: true },
  { title: '', least: 5 },
];

function cells(row: Row, now: number) {
  const left = row.cached ? row.cached.expiration - now : 0;
  return [
    printable(row.profile, 100),
    printable(roleOf(row) ?? row.kind, 60),
    printable(accountOf(row) ?? ' ', 20),
    left > 0 ? `${sayDuration(left)} left` : ' ',
  ];
}

/** What can be typed to find it. */
function wordsOf(row: Row): string {
  return [row.profile, roleOf(row) ?? '', accountOf(row) ?? ''].join('\n').toLowerCase();
}

function roleOf({ roleArn }: Row): string | undefined {
  return roleArn?.replace(/^.*:role\//, '');
}

function accountOf({ roleArn, mfaSerial, ssoAccount }: Row): string | undefined {
  return ssoAccount ?? /^arn:[^:]*:iam::(\d+):/.exec(roleArn ?? mfaSerial ?? '')?.[1];
}
