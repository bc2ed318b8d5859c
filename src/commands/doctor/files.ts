import { readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  appearances,
  DEFAULTS,
  type Document,
  entriesOf,
  lineAt,
  parseDocument,
  readSection,
} from '../../config/document.ts';
import { type Entry, hasComment } from '../../config/entries.ts';
import { pathOf } from '../../config/files.ts';
import { kindOf, profileHeader } from '../../config/headers.ts';
import { type Fault, malformed } from '../../config/lines.ts';
import { expected, orUndefined } from '../../errors.ts';
import { realPath } from '../../files/disk.ts';
import { readSharedFile } from '../../files/shared-file.ts';
import { cutCommand, mendCommand } from '../../profile/profile.ts';
import { printable, shellWord } from '../../text.ts';
import type { World } from '../../world.ts';
import { broken, type Check, type Finding, failed, ok, warning } from './patient.ts';

/** The shared config file: where it is, who may read and write it, and what is wrong in it. */
export const configFile: Check = ({ world }) => look('config', world);

/** The shared credentials file, likewise. */
export const credentialsFile: Check = ({ world }) => look('credentials', world);

function look(kind: FileKind, world: World): readonly Finding[] {
  const variable = kind === 'config' ? 'AWS_CONFIG_FILE' : 'AWS_SHARED_CREDENTIALS_FILE';
  const path = pathOf(variable, kind, world);
  const named = world.env[variable] ? ` (${variable})` : '';
  try {
    const text = path.startsWith('~') ? undefined : readSharedFile(path);
    if (text === undefined) return [missing(path, named)];
    const found = [...owner(path), ...access(path, text), ...textFindings(kind, path, text)];
    return found.length > 0 ? found : [ok(`${printable(path)}${leadsTo(path)}${named}`)];
  } catch (error) {
    // Why it cannot be read, perhaps; what stands in its place may be anything.
    return [failed(expected(error)), ...(orUndefined(() => owner(path)) ?? [])];
  }
}

/** A file that a variable names, or a link leads to, was meant to be there. */
function missing(path: string, named: string): Finding {
  const message = `${printable(path)}${named} does not exist`;
  const target = orUndefined(() => readlinkSync(path));
  if (target !== undefined) {
    return warning(
      `${printable(path)}${named} is a link to ${printable(target)}, which does not exist`,
      'Fix the link, or remove it.',
    );
  }
  return named && path !== '/dev/null'
    ? warning(message, `Correct or unset${named.replace(/[()]/g, '')}.`)
    : ok(message);
}

function leadsTo(path: string): string {
  const real = realPath(path);
  return real === path ? '' : ` → ${printable(real)}`;
}

/** `sudo aws configure` leaves a file behind that is root's. */
function owner(path: string): readonly Finding[] {
  const real = realPath(path);
  const { uid } = statSync(real);
  if (!process.getuid || uid === process.getuid()) return [];
  return [
    warning(
      `${printable(path)}${leadsTo(path)} belongs to another user (${uid}): awsmfa and the AWS CLI cannot change it`,
      `Take it over: sudo chown "$(id -un)" ${shellWord(real)}`,
    ),
  ];
}

/** Other users who can read the file have the keys. Those who can write it, or its directory, can make programs run. */
function access(path: string, text: string): readonly Finding[] {
  if (!process.getuid) return [];
  const shown = `${printable(path)}${leadsTo(path)}`;
  const real = realPath(path);
  const file = statSync(real);
  const directory = statSync(dirname(real));
  const found: Finding[] = [];
  const holdsKeys = /^\s*aws_secret_access_key\s*[=:]\s*\S/im.test(text);
  const readable = holdsKeys && (file.mode & 0o044) !== 0;
  const writable = (file.mode & 0o022) !== 0;
  if (readable || writable) {
    const [may, mode] = readable ? ['read', '600'] : ['change', 'go-w'];
    found.push(
      warning(
        `${shown} has mode ${octal(file)}: other users may ${may} it`,
        `chmod ${mode} ${shellWord(real)}`,
      ),
    );
  }
  // In a directory with the sticky bit, such as /tmp, nobody can replace another's file.
  if ((directory.mode & 0o022) !== 0 && (directory.mode & 0o1000) === 0) {
    found.push(
      warning(
        `${printable(dirname(real))} has mode ${octal(directory)}: other users may replace the files in it`,
        `chmod go-w ${shellWord(dirname(real))}`,
      ),
    );
  }
  return found;
}

function octal({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(3, '0');
}

type FileKind = 'config' | 'credentials';

/** How many of a kind are shown; a file that is none of ours would fill the screen. */
const most = 5;

/** Finds problems in the text of a shared file: for awsmfa, for the AWS CLI and boto3, or for its author. */
export function textFindings(kind: FileKind, path: string, text: string): readonly Finding[] {
  const document = parseDocument(text, path);
  return [
    ...byteOrderMark(document),
    ...limited(faultsOf(document).map((fault) => failed(malformed(document, fault)))),
    ...limited(twiceThere(document)),
    ...limited(misnamed(kind, document)),
    ...limited(valueFindings(document)),
  ];
}

/** Python's configparser takes it for a part of the first header. */
function byteOrderMark({ text, path }: Document): readonly Finding[] {
  if (!text.startsWith('\ufeff')) return [];
  return [
    broken(
      `${printable(path)}:1: the file begins with a byte order mark, and the AWS CLI refuses it`,
      'Save it as UTF-8 without BOM.',
    ),
  ];
}

function faultsOf(document: Document): readonly Fault[] {
  const faults = new Map<number, Fault>();
  const note = (fault: Fault) => faults.set(fault.at, fault);
  if (document.fault) note(document.fault);
  for (const name of document.byName.keys()) readSection(document, name, note);
  // If the file has no other section, nothing has read this one yet.
  for (const section of appearances(document, DEFAULTS)) entriesOf(document, section, note);
  return [...faults.values()].sort((a, b) => a.at - b.at);
}

/** botocore reads strictly: DuplicateSectionError, DuplicateOptionError, for the whole file. */
function twiceThere(document: Document): readonly Finding[] {
  const seen = new Set<string>();
  const ofDefaults = new Set<string>();
  return document.sections.flatMap((section) => {
    const { name, start } = section;
    // [DEFAULT] may come again, though not its keys (`RawConfigParser._read`).
    const again = name !== '' && name !== DEFAULTS && seen.has(name);
    seen.add(name);
    const keys = name === DEFAULTS ? ofDefaults : new Set<string>();
    const doubles = entriesOf(document, section).flatMap((entry) => {
      const isDouble = keys.has(entry.key);
      keys.add(entry.key);
      return isDouble
        ? [twice(document, entry.start, `${printable(entry.key, 60)} in [${printable(name, 60)}]`)]
        : [];
    });
    return again ? [twice(document, start, `[${printable(name, 60)}]`), ...doubles] : doubles;
  });
}

function twice(document: Document, at: number, what: string): Finding {
  return broken(
    `${place(document, at)}: ${what} appears twice, and the AWS CLI and boto3 refuse the whole file`,
    'Keep one of them; awsmfa and the SDK for JavaScript read the last.',
  );
}

/** `[work]` in the config file and `[profile work]` in the credentials file: no tool reads either as the profile. */
function misnamed(kind: FileKind, document: Document): readonly Finding[] {
  return document.sections.flatMap(({ name, start }) => {
    if (name === '' || name === DEFAULTS) return [];
    const at = () => place(document, start);
    const shown = printable(name, 60);
    if (kind === 'credentials') {
      if (kindOf(name)?.kind !== 'profile' || name === 'default') return [];
      return [
        warning(
          `${at()}: [${shown}] is a profile of that whole name here, where no header has the word profile`,
          `Write [${printable(kindOf(name)?.name ?? '', 60)}].`,
        ),
      ];
    }
    if (kindOf(name) || others.test(name)) return [];
    const header = printable(profileHeader(name.replace(/^profile\s+/, '')), 70);
    return [
      warning(
        `${at()}: [${shown}] is no profile for the AWS CLI, nor for awsmfa`,
        `Write [${header}], or remove it.`,
      ),
    ];
  });
}

/** What the AWS CLI keeps in the config file beside profiles. */
const others = /^(?:plugins|preview)$/;

function place(document: Document, at: number): string {
  return `${printable(document.path)}:${lineAt(document, at)}`;
}

function limited(findings: readonly Finding[]): readonly Finding[] {
  const more = findings.length - most;
  const last = findings[most - 1];
  if (more <= 0 || !last) return findings;
  const and = { ...last, message: `${last.message}; and ${more} more like that` };
  return [...findings.slice(0, most - 1), and];
}

/** Finds values that every AWS tool reads and no one can use. It does not show them. */
function valueFindings(document: Document): readonly Finding[] {
  return document.sections.flatMap((section) =>
    entriesOf(document, section).flatMap((entry) => {
      const wrong = fault(entry, document);
      if (!wrong) return [];
      const [what, mend] = wrong;
      return [warning(`${place(document, entry.start)}: ${printable(entry.key, 60)} ${what}`, mend)];
    }),
  );
}

type Fix = readonly [what: string, fix: string];

function fault(entry: Entry, { text }: Document): Fix | undefined {
  const { key, value } = entry;
  // Shells and .env files take quotes away, the readers of these files do not; a command keeps them for its words.
  if (!key.endsWith('_process') && /^(["']).*\1$/.test(value)) {
    return ['has quotes, which are a part of the value', 'Remove them.'];
  }
  // API reference of `AccessKey`: 16 to 128 characters of `\w`.
  if (key === 'aws_access_key_id' && value !== '' && !/^\w{16,128}$/.test(value)) {
    return ['is no access key: one has 16 letters and digits or more', 'Copy it again.'];
  }
  if (!hasComment(entry, text)) return undefined;
  if (key === 'credential_process') return [`is cut ${cutCommand}`, mendCommand];
  return [
    'has a comment behind it, which the AWS CLI and boto3 take for a part of the value',
    'Put the comment on a line of its own.',
  ];
}
