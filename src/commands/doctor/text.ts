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
import { type Fault, malformed } from '../../config/faults.ts';
import { kindOf, profileHeader } from '../../config/headers.ts';
import { printable } from '../../printable.ts';
import { cutCommand, mendCommand } from '../../profile/profile.ts';
import { broken, type Finding, failed, warning } from './finding.ts';

export type FileKind = 'config' | 'credentials';

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
  // With no other section in the file, nobody has read it yet.
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
    `${place(document, at)}: ${what} is there twice, and the AWS CLI and boto3 refuse the whole file`,
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

/** Values that no AWS tool can use as they stand, though every one of them reads the line. They are not shown. */
function valueFindings(document: Document): readonly Finding[] {
  return document.sections.flatMap((section) =>
    entriesOf(document, section).flatMap((entry) => {
      const wrong = fault(entry, document);
      if (!wrong) return [];
      const [what, mend] = wrong;
      const place = `${printable(document.path)}:${lineAt(document, entry.start)}`;
      return [warning(`${place}: ${printable(entry.key, 60)} ${what}`, mend)];
    }),
  );
}

function fault(entry: Entry, document: Document): readonly [what: string, mend: string] | undefined {
  if (isQuoted(entry)) return ['has quotes, which are a part of the value', 'Remove them.'];
  if (isNoKey(entry)) return ['is no access key: one has 16 letters and digits or more', 'Copy it again.'];
  if (hasComment(entry, document.text)) {
    const isCommand = entry.key === 'credential_process';
    return isCommand
      ? [`is cut ${cutCommand}`, mendCommand]
      : [
          'has a comment behind it, which the AWS CLI and boto3 take for a part of the value',
          'Put the comment on a line of its own.',
        ];
  }
  return undefined;
}

/** Shells and .env files take quotes away, the readers of these files do not; a command keeps them for its words. */
function isQuoted({ key, value }: Entry): boolean {
  return !key.endsWith('_process') && /^(["']).*\1$/.test(value);
}

/** API reference of `AccessKey`: 16 to 128 characters of `\w`. */
function isNoKey({ key, value }: Entry): boolean {
  return key === 'aws_access_key_id' && value !== '' && !/^\w{16,128}$/.test(value);
}
