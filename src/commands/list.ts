import { rfc3339 } from '../credentials.ts';
import { sayDuration } from '../duration.ts';
import { printable } from '../printable.ts';
import type { SessionRequest } from '../request.ts';
import { type Column, table } from '../table.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { overview, type Row } from './overview.ts';
import { type Paints, screen } from './screen.ts';

export interface ListOptions {
  readonly request: SessionRequest;
  readonly json: boolean;
}

/** `awsmfa list`: every profile, and what is left of its session. Offline, and nothing is asked. */
export async function list({ request, json: isJson }: ListOptions, ui: Ui, world: World): Promise<Outcome> {
  const { files, rows } = overview(request, world);
  const now = world.now() / 1000;
  if (isJson) {
    return { stdout: `${json(rows, now)}\n`, exit: 0 };
  }
  if (rows.length === 0) {
    ui.say(`No profile in ${printable(files.configPath)} or ${printable(files.credentialsPath)}`);
    return { stdout: '', exit: 0 };
  }
  return { stdout: `${people(rows, now, world).join('\n')}\n`, exit: 0 };
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
    session: row.cached && left > 0 ? { expiration: rfc3339(row.cached.expiration), expires_in: left } : null,
  };
}

const columns: readonly Column[] = [
  { title: '  PROFILE', least: 18 },
  { title: 'KIND', least: 12, mayGo: true },
  { title: 'SOURCE', least: 8, mayGo: true },
  { title: 'MFA DEVICE', least: 10, mayGo: true },
  { title: 'REGION', least: 14, mayGo: true },
  { title: 'SESSION', least: 7 },
];

function people(rows: readonly Row[], now: number, world: World): readonly string[] {
  const { width, paint } = screen(world);
  const held = world.env.AWSMFA_PROFILE;
  const left = rows.map(({ cached }) => (cached ? cached.expiration - now : 0));
  // What 2,000 rows say alike is worked out once.
  const devices = new Map<string, string>();
  const times = new Map<number, string>();
  const cells = rows.map((row, index) => {
    const { mfaSerial = '' } = row;
    const device = devices.get(mfaSerial) ?? deviceName(mfaSerial);
    devices.set(mfaSerial, device);
    const seconds = left[index] ?? 0;
    const time = times.get(seconds) ?? (seconds > 0 ? sayDuration(seconds) : '');
    times.set(seconds, time);
    return [
      `${row.profile === held ? '*' : ' '} ${shown(row.profile)}`,
      row.kind,
      shown(row.sourceProfile ?? row.credentialSource ?? ''),
      device,
      shown(row.region ?? ''),
      time,
    ];
  });
  return table(columns, cells, width, paint && painter(paint, rows, held, left));
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

/** `ada (111122223333)` for an ARN, since its name tells more than its first half, which is all that may be seen. */
function deviceName(serial: string): string {
  const [, account, name] = /^arn:[^:]*:iam::(\d*):mfa\/(.+)$/.exec(serial) ?? [];
  return shown(name === undefined ? serial : `${name} (${account})`);
}

function shown(text: string): string {
  return /^[\x20-\x7e]{0,100}$/.test(text) ? text : printable(text, 100);
}
