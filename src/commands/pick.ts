import { sayDuration } from '../duration.ts';
import { Exit, orUndefined, UserError } from '../errors.ts';
import { previousProfile } from '../export/memory.ts';
import { readEntry, writeEntry } from '../files/entries.ts';
import { unnamedProfile } from '../profile/choice.ts';
import type { SessionRequest } from '../request.ts';
import { type Column, table, widthOf } from '../screen.ts';
import { cacheDirectory } from '../session/cache.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { World } from '../world.ts';
import { accountIn, overview, type Row, roleName, wordsIn } from './overview.ts';

interface PickOptions {
  /** The request with no profile named. */
  readonly request: SessionRequest;
  /** The profile that the shell held before is wanted: `use -`. */
  readonly isPrevious: boolean;
  /** A list is wanted even if the environment names a profile: `use --pick`. */
  readonly isForced: boolean;
}

/**
 * The profile that `use` means if the command line and the environment name none: the previous one for `use -`, else the one
 * that the user chooses from a list. Undefined if nobody can choose: then it is `default`.
 */
export async function pick(
  { request, isPrevious, isForced }: PickOptions,
  ui: Ui,
  world: World,
): Promise<string | undefined> {
  if (isPrevious) return previous(world);
  const { files, rows: all } = overview(request, world);
  if (!isForced && unnamedProfile(files, world.env)) return undefined;
  // What no session can come from is no choice.
  const rows = all.filter(({ kind }) => kind !== 'none');
  if (rows.length < 2) return isForced ? rows[0]?.profile : undefined;
  const chosen = await chosenFrom(rows, ui, world);
  if (chosen !== undefined || !isForced) return chosen;
  throw new UserError(
    Exit.cannotAsk,
    'cannot-ask',
    `There ${ui.mayAsk ? 'is no terminal to pick a profile on' : 'is nothing to pick with: --no-prompt forbids asking'}`,
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
async function chosenFrom(rows: readonly Row[], ui: Ui, world: World): Promise<string | undefined> {
  const terminal = ui.terminal();
  if (!terminal) return undefined;
  terminal.close();
  const { columns = 80, rows: height = 24 } = terminal.output as { columns?: number; rows?: number };
  const directory = cacheDirectory(world.env, world.home);
  const now = world.now() / 1000;
  const sorted = latestFirst(rows, picked(directory));
  const shown = table(
    pickerColumns(sorted, columns - 3),
    sorted.map((row) => cells(row, now)),
    columns - 3,
  ).slice(1);
  const choices = sorted.map((row, index) => ({ line: shown[index] ?? '', words: wordsIn(row) }));
  const { choose } = await import('./choose.ts');
  const name = sorted[await choose(choices, height, ui, world.env)]?.profile;
  if (name !== undefined) keepPicked(directory, name, Math.floor(now));
  return name;
}

/**
 * Sorts by the time at which a profile was picked or its role was assumed, then by the time at which its keys got a session,
 * which a role needs too. The others keep the order of the files.
 */
function latestFirst(rows: readonly Row[], times: ReadonlyMap<string, number>): readonly Row[] {
  const used = rows.map((row) => {
    const issued = row.cached?.issued ?? 0;
    const picked = times.get(row.profile) ?? 0;
    return { row, used: row.kind === 'long-term' ? picked : Math.max(picked, issued), issued };
  });
  return used.sort((a, b) => b.used - a.used || b.issued - a.issued).map(({ row }) => row);
}

/** A name is whole where it fits on a line at all: two that begin alike must not look alike. */
function pickerColumns(rows: readonly Row[], width: number): readonly Column[] {
  const longest = Math.max(...rows.map(({ profile }) => widthOf(printable(profile, 200))));
  return [
    { title: '', least: Math.min(longest, width) },
    { title: '', least: 8, mayGo: true },
    { title: '', least: 12, mayGo: true },
    { title: '', least: 5, mayGo: true },
  ];
}

function cells(row: Row, now: number) {
  const left = row.cached ? row.cached.expiration - now : 0;
  return [
    printable(row.profile, 200),
    printable(roleName(row) ?? row.kind, 60),
    printable(accountIn(row) ?? ' ', 20),
    left > 0 ? `${sayDuration(left)} left` : ' ',
  ];
}

/** When profiles were picked, in epoch seconds. */
function picked(directory: string | undefined): ReadonlyMap<string, number> {
  const times = directory && readEntry(pathIn(directory))?.picked;
  if (typeof times !== 'object' || times === null) return new Map();
  return new Map(Object.entries(times).filter((entry): entry is [string, number] => isTime(entry[1])));
}

/** Remembers the last 100. If they cannot be written, only the order of a list changes. */
function keepPicked(directory: string | undefined, profile: string, now: number): void {
  if (directory === undefined) return;
  const times = new Map(picked(directory)).set(profile, now);
  const latest = [...times].sort((a, b) => b[1] - a[1]).slice(0, 100);
  orUndefined(() => writeEntry(pathIn(directory), { picked: Object.fromEntries(latest) }));
}

function pathIn(directory: string): string {
  return `${directory}/picked.json`;
}

function isTime(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= 8.64e12;
}
