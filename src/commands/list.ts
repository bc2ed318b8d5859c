import { loadSharedFiles } from '../config/files.ts';
import { rfc3339 } from '../credentials.ts';
import { sayDuration } from '../duration.ts';
import { callableNames } from '../profile/long-term.ts';
import type { SessionRequest } from '../request.ts';
import { type Column, type Paints, screen, table } from '../screen.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { accountIn, overview, type Row, roleName, shownKey, wordsIn } from './overview.ts';

export interface ListOptions {
  readonly request: SessionRequest;
  /** Only profiles that have all of them, in any case of letters. */
  readonly words: readonly string[];
  readonly json: boolean;
  /** Only the names, one a line, for completion and scripts. */
  readonly names: boolean;
}

/** `awsmfa list`: profiles, and what is left of their sessions. Offline, and nothing is asked. */
export async function list(options: ListOptions, ui: Ui, world: World): Promise<Outcome> {
  const { request, words, json: isJson, names } = options;
  if (names && words.length === 0) return lines(callableNames(loadSharedFiles(world)));
  const { files, rows: all } = overview(request, world);
  const rows = words.length === 0 ? all : all.filter((row) => hasWords(row, words));
  if (names) return lines(rows.map(({ profile }) => profile));
  const now = world.now() / 1000;
  if (isJson) return { stdout: `${json(rows, now)}\n`, exit: 0 };
  if (rows.length === 0) {
    const that =
      all.length === 0 ? '' : ` has ${words.map((word) => `"${printable(word, 60)}"`).join(' and ')}`;
    ui.say(`No profile${that} in ${printable(files.configPath)} or ${printable(files.credentialsPath)}`);
    return { stdout: '', exit: 0 };
  }
  return lines(people(rows, now, world));
}

function hasWords(row: Row, words: readonly string[]): boolean {
  const more = [row.kind, row.sourceProfile, row.region].filter(Boolean).join('\n');
  const text = `${wordsIn(row)}\n${more.toLowerCase()}`;
  return words.every((word) => text.includes(word.toLowerCase()));
}

function lines(texts: readonly string[]): Outcome {
  return { stdout: texts.length === 0 ? '' : `${texts.join('\n')}\n`, exit: 0 };
}

/** A profile on each line, so that it can be looked at. No string in JSON has a quotation mark that is not escaped. */
function json(rows: readonly Row[], now: number): string {
  const text = JSON.stringify(rows.map((row) => object(row, now)));
  return text.replaceAll('},{"profile":', '},\n {"profile":');
}

function object(row: Row, now: number) {
  const left = row.cached ? Math.floor(row.cached.expiration - now) : 0;
  return {
    profile: row.profile,
    kind: row.kind,
    source_profile: row.sourceProfile ?? null,
    role_arn: row.roleArn ?? null,
    mfa_serial: row.mfaSerial ?? null,
    region: row.region ?? null,
    duration_seconds: row.durationSeconds ?? null,
    ...(row.keyStore === undefined ? {} : { key_store: row.keyStore }),
    ...(row.keyCreated === undefined ? {} : { key_created: rfc3339(row.keyCreated) }),
    session: row.cached && left > 0 ? { expiration: rfc3339(row.cached.expiration), expires_in: left } : null,
  };
}

/** A name is never cut, or two could look alike. Columns go from the last to the first that may. */
const columns: readonly Column[] = [
  { title: '  PROFILE', least: Infinity },
  { title: 'ACCOUNT', least: 12, mayGo: true },
  { title: 'ROLE', least: 12, mayGo: true },
  { title: 'SOURCE', least: 8, mayGo: true },
  { title: 'REGION', least: 14, mayGo: true },
  { title: 'MFA DEVICE', least: 10, mayGo: true },
  { title: 'SESSION', least: 7 },
];

function people(rows: readonly Row[], now: number, world: World): readonly string[] {
  const { width, paint } = screen(world);
  const held = world.env.AWSMFA_PROFILE;
  const left = rows.map(({ cached }) => (cached ? cached.expiration - now : 0));
  const cells = rows.map((row, index) => {
    const seconds = left[index] ?? 0;
    const texts = [
      row.profile,
      accountIn(row) ?? '',
      roleName(row) ?? kindAndKey(row, now),
      row.sourceProfile ?? row.credentialSource ?? '',
      row.region ?? '',
      row.mfaSerial?.replace(/^arn:[^:]*:iam::\d*:mfa\//, '') ?? '',
      seconds > 0 ? sayDuration(seconds) : '',
    ];
    // One look is enough for nearly every row.
    const cells = /^[\x20-\x7e]{0,200}$/.test(texts.join('')) ? texts : texts.map(shown);
    cells[0] = `${row.profile === held ? '*' : ' '} ${cells[0]}`;
    return cells;
  });
  return table(columns, cells, width, paint && painter(paint, rows, held, left));
}

function kindAndKey(row: Row, now: number): string {
  const key = shownKey(row, now);
  return key === undefined ? row.kind : `${row.kind}, ${key}`;
}

function painter(paint: Paints, rows: readonly Row[], held: string | undefined, left: readonly number[]) {
  return (text: string, row: number, column: number) => {
    if (row < 0) return paint.dim(text);
    if (column === 0 && rows[row]?.profile === held) return paint.bold(text);
    const seconds = left[row] ?? 0;
    if (column < columns.length - 1 || seconds <= 0) return text;
    return seconds < 600 ? paint.yellow(text) : paint.green(text);
  };
}

function shown(text: string): string {
  return printable(text, 200);
}
