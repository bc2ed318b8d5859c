import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { lineNumber } from './lines.ts';

/**
 * A line that no reader of shared files takes: botocore (`RawConfigParser._read`, `_parse_nested`) and the AWS SDKs
 * refuse the whole file for it. awsmfa refuses as little as it can without guessing whose the line is:
 *
 * - a header that names nobody, and what stands before the first one, belongs to nobody or to anybody: the file;
 * - a line below a header: the section, when a profile is made of it. Another profile's is no obstacle.
 *
 * What only one of the two refuses (sections and keys that are twice there, a byte order mark, `:` for `=`, names with
 * blanks) is accepted.
 */
export interface Fault {
  readonly kind: FaultKind;
  /** The start of the line. */
  readonly at: number;
}

export type FaultKind = keyof typeof reasons;

/** Each: what is wrong with the line, how to fix it. The line itself is not shown: it may be a secret. */
const reasons = {
  'before-header': [
    'the line stands above the first [section]',
    'Put it below the header of its profile, or make it a comment with # in front.',
  ],
  'open-header': [
    'the header has no closing ]',
    'A header is [profile NAME] in the config file, [NAME] in the credentials file.',
  ],
  'no-name': [
    'the header [] has no name',
    'A header is [profile NAME] in the config file, [NAME] in the credentials file.',
  ],
  'no-key': [
    'there is no key in front of the = or :',
    'Write KEY = VALUE, or make the line a comment with # in front.',
  ],
  'no-delimiter': [
    'the line has no = and continues nothing',
    'Write KEY = VALUE, or indent the line to continue the value above it.',
  ],
  'continues-nothing': [
    'the line is indented, and there is no key above it to continue',
    'Write KEY = VALUE, or put the line below the key that it belongs to.',
  ],
  'nested-without-equals': [
    'a line in an indented block has no =',
    'Write KEY = VALUE, or put the value on the same line as the key above.',
  ],
} as const;

/** The error for a line; counting up to it takes time, so ask only when it is to be thrown. */
export function malformed({ path, text }: { path: string; text: string }, { kind, at }: Fault): UserError {
  const [what, fix] = reasons[kind];
  return new UserError(
    Exit.configuration,
    'malformed-file',
    `${printable(path)}:${lineNumber(text, at)}: ${what}`,
    fix,
  );
}
