import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseDocument, readSection } from '../../src/config/document.ts';
import type { User } from '../../tools/local-sts/directory.ts';

/** A temporary home directory. All of them go when the tests of their file are done. */
export interface Home {
  readonly path: string;
  readonly config: string;
  readonly credentials: string;
  /** Where sessions are kept unless a test says otherwise. */
  readonly cache: string;
  /** A file below the home, with the directories above it. */
  write(name: string, content: string | Uint8Array): string;
  /** The files of the cache whose names begin so, with their directory. */
  cached(prefix?: string): string[];
}

/** @param files the text of `.aws/config` and `.aws/credentials`; without one there is no such file */
export function makeHome(files: { readonly config?: string; readonly credentials?: string } = {}): Home {
  const path = mkdtempSync(join(root(), 'home-'));
  const cache = join(path, '.aws/awsmfa');
  const write = (name: string, content: string | Uint8Array) => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  if (files.config !== undefined) write('.aws/config', files.config);
  if (files.credentials !== undefined) write('.aws/credentials', files.credentials);
  return {
    path,
    config: join(path, '.aws/config'),
    credentials: join(path, '.aws/credentials'),
    cache,
    write,
    cached: (prefix = 'session-') => listed(cache, prefix),
  };
}

/** A section of a credentials file with this user's access key. */
export function keysSection(name: string, { accessKeys: [key] }: User): string {
  return `[${name}]\naws_access_key_id = ${key?.id}\naws_secret_access_key = ${key?.secret}\n`;
}

/** Every value in the home that must stay out of messages: of the files, and of the sessions kept. */
export function secretsIn(home: string): string[] {
  const files = ['.aws/config', '.aws/credentials'].map((file) => read(join(home, file)));
  const sessions = listed(join(home, '.aws/awsmfa'), 'session-').map(read);
  return [
    ...files.flatMap((text) => valuesOf(text, /^\s*aws_(?:secret_access_key|se\w+_token)\s*=\s*(\S+)/gim)),
    ...sessions.flatMap((text) => valuesOf(text, /"(?:secretAccessKey|sessionToken)":"([^"]{8,})"/g)),
  ];
}

let made: string | undefined;

function root(): string {
  made ??= realpathSync(mkdtempSync(join(tmpdir(), 'awsmfa-test-')));
  return made;
}

/** After the last test of a file (`process.ts`). */
export function removeHomes(): void {
  if (made !== undefined) rmSync(made, { recursive: true, force: true });
  made = undefined;
}

function listed(directory: string, prefix: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.startsWith(prefix));
    return names.sort().map((name) => join(directory, name));
  } catch {
    return [];
  }
}

/** Tests put directories, links and pipes where a file should be, and a pipe would never end. */
function read(path: string): string {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8') : '';
}

function valuesOf(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, value = '']) => value);
}

/** For the environment of awsmfa in a test: on a Mac it would ask whoever runs the tests, in a dialog. */
export const noDialog: Readonly<Record<string, string>> =
  process.platform === 'darwin' ? { SSH_CONNECTION: '127.0.0.1 1 127.0.0.1 22' } : {};

/** The values of a section of a credentials file; empty for one that is not there. */
export function sectionOf(text: string, section: string): Record<string, string> {
  const entries = readSection(parseDocument(text, ''), section) ?? new Map();
  return Object.fromEntries([...entries.values()].map(({ key, value }) => [key, value]));
}

/** A credentials file with the values that differ from session to session taken out. */
export function plainly(text: string): string {
  return text
    .replace(/(aws_access_key_id = ASIA)\w+/g, '$1')
    .replace(/(?<=ASIA\r?\naws_secret_access_key = ).+?(?=\r?\n)/g, 'SECRET')
    .replace(/(aws_(?:session|security)_token = ).+?(?=\r?\n)/g, '$1TOKEN')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME');
}

/** The keys of a session that aws-mfa has written, as it writes them. */
export function sessionText({ expiration = '2020-01-01 00:00:00', roleArn = '' } = {}): string {
  return `assumed_role = ${roleArn === '' ? 'False' : `True\nassumed_role_arn = ${roleArn}`}
aws_access_key_id = ASIAOLDOLDOLDOLDOLD1
aws_secret_access_key = old-session-secret
aws_session_token = OLDTOKEN
aws_security_token = OLDTOKEN
expiration = ${expiration}
`;
}

const nobody = 65_534;

/** Runs a body as somebody who is bound by modes: root, who is not, becomes nobody for it, and gives him the home. */
export async function unprivileged<T>(home: Home, body: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return body();
  chmodSync(dirname(home.path), 0o711);
  for (const path of ['', ...readdirSync(home.path, { recursive: true, encoding: 'utf8' })]) {
    chownSync(join(home.path, path), nobody, nobody);
  }
  process.setegid?.(nobody);
  process.seteuid?.(nobody);
  try {
    return await body();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
