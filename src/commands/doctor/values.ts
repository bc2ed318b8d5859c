import { type Document, entriesOf, lineAt } from '../../config/document.ts';
import type { Entry } from '../../config/entries.ts';
import { printable } from '../../printable.ts';
import { type Finding, warning } from './finding.ts';

/** Values that no AWS tool can use as they stand, though every one of them reads the line. They are not shown. */
export function valueFindings(document: Document): readonly Finding[] {
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
  if (hasComment(entry, document))
    return [
      'has a comment behind it, which the AWS CLI and boto3 take for a part of the value',
      'Put the comment on a line of its own.',
    ];
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

/** Python's RawConfigParser knows none (`inline_comment_prefixes`); the SDK for JavaScript and awsmfa do. */
function hasComment({ value, block, delimiter, end }: Entry, { text }: Document): boolean {
  if (block || value.includes('\n')) return false;
  const [line = ''] = text.slice(delimiter + 1, end).split(/[\r\n]/, 1);
  return line.trim() !== value && /[ \t][#;]/.test(line);
}
