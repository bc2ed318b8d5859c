import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Exit, UserError } from '../errors.ts';
import { inTurn } from '../files/lock.ts';
import {
  checkReplaceable,
  makeHome,
  ourFiles,
  type Place,
  placeOf,
  replaceFile,
  sweep,
} from '../files/replace.ts';
import { checkedText, type FileContent, readSharedBytes } from '../files/shared-file.ts';
import { printable } from '../text.ts';
import { type Document, parseDocument } from './document.ts';

export interface EditOptions {
  /** Called once when another awsmfa has been writing the file for a second. */
  readonly onWait?: () => void;
}

/**
 * Edits a shared file on the disk. A reader sees the whole old file or the whole new one. No byte changes but those that
 * the edit means. A missing file is made, mode 0600, and `~/.aws` with it, mode 0700; the mode of an existing
 * one gets no wider than 0600 and no wider than it was. A symbolic link stays, and the file behind it is replaced.
 *
 * One awsmfa writes at a time. Other tools take no lock (`aws configure` reads the file and writes it in place), so
 * a file that has changed since it was read is read and edited again. So is a file that another program overwrites right
 * after us with older content.
 *
 * @param edit may be called several times, also with its own result, which it must leave unchanged
 * @throws UserError (configuration): `unreadable-file`, `cannot-edit`, `cannot-write`; then nothing was changed
 */
export async function editSharedFile(
  path: string,
  edit: (document: Document) => Document,
  options: EditOptions = {},
): Promise<'written' | 'unchanged'> {
  const place = placeOf(path);
  if (!place.hasDirectory) {
    if (edit(parseDocument('', path)).text === '') return 'unchanged';
    makeHome(place);
    return editSharedFile(path, edit, options);
  }
  let slow: NodeJS.Timeout | undefined;
  try {
    return await inTurn(
      dirname(place.target),
      `${ourFiles(place)}lock-`,
      (isLocked) => {
        clearTimeout(slow);
        return editUntilDone(place, edit, isLocked);
      },
      () => {
        slow = setTimeout(() => options.onWait?.(), 1000);
      },
    );
  } finally {
    clearTimeout(slow);
  }
}

/**
 * Changes nothing, and throws the errors that `editSharedFile` would throw for the file and its directory as they are now.
 *
 * @throws UserError (configuration): `unreadable-file`, `cannot-edit`, `cannot-write`
 */
export function rehearseEdit(path: string, edit: (document: Document) => Document): void {
  const place = placeOf(path);
  const old = place.hasDirectory ? read(place) : undefined;
  const document = parseDocument(textOf(old, place), path);
  if (edit(document).text !== document.text && place.hasDirectory) checkReplaceable(place, old?.stats);
}

async function editUntilDone(
  place: Place,
  edit: (document: Document) => Document,
  isLocked: boolean,
): Promise<'written' | 'unchanged'> {
  sweep(place, isLocked);
  let written: Buffer | undefined;
  for (let attempt = 0; attempt < 20; attempt++) {
    const before = await settled(place);
    if (written && before?.bytes.equals(written)) return 'written';
    const document = parseDocument(textOf(before, place), place.path);
    const { text } = edit(document);
    if (text === document.text) return written ? 'written' : 'unchanged';
    const bytes = bytesOf(text);
    const isReplaced = await replaceFile(place, bytes, before?.stats, () => same(before, read(place)));
    if (!isReplaced) continue;
    written = bytes;
    await pause(SETTLING);
  }
  throw new UserError(
    Exit.configuration,
    'cannot-write',
    `Cannot write ${printable(place.path)}: another program keeps changing it`,
    'Try again when that has ended.',
  );
}

function read({ target }: Place): FileContent | undefined {
  return readSharedBytes(target);
}

/**
 * How long, in milliseconds, a file that is written in place may be incomplete: `open` with `w` empties it, and the
 * text follows in pieces. It is also the time that another program may take from reading it to writing it. Python needs
 * less than one for both, but more on a busy machine.
 */
const SETTLING = 50;

/** The file, once no program has changed it for a moment. An editor may be about to replace it. */
async function settled(place: Place): Promise<FileContent | undefined> {
  let content = read(place);
  for (let round = 0; round < 50; round++) {
    if (content && Math.abs(Date.now() - content.stats.mtimeMs) > SETTLING) break;
    await pause(SETTLING);
    const later = read(place);
    if (same(content, later)) break;
    content = later;
  }
  return content;
}

function same(a: FileContent | undefined, b: FileContent | undefined): boolean {
  if (!a || !b) return a === b;
  return a.stats.ino === b.stats.ino && a.stats.dev === b.stats.dev && a.bytes.equals(b.bytes);
}

function textOf(content: FileContent | undefined, { path }: Place): string {
  return content ? editableText(content.bytes, path) : '';
}

/**
 * The text of a file to edit. A line that is not UTF-8, such as a comment in Shift_JIS or Latin-1, keeps its
 * bytes: each one above 0x7f becomes half of a surrogate pair, as with Python's `surrogateescape`. `bytesOf` reverses it.
 *
 * @throws UserError (configuration) for UTF-16
 */
export function editableText(bytes: Buffer, path: string): string {
  const text = checkedText(bytes.toString('utf8'), path);
  if (Buffer.from(text).equals(bytes)) return text;
  // In UTF-8 and in older encodings of files, no character contains a line feed.
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start) + 1 || bytes.length;
    const line = bytes.subarray(start, end);
    const decoded = line.toString('utf8');
    lines.push(Buffer.from(decoded).equals(line) ? decoded : escaped(line));
    start = end;
  }
  return lines.join('');
}

function escaped(line: Buffer): string {
  return line
    .toString('latin1')
    .replace(/[\x80-\xff]/g, (char) => String.fromCharCode(0xdc00 + char.charCodeAt(0)));
}

/** The bytes of a text that `editableText` may have read. */
export function bytesOf(text: string): Buffer {
  const parts = text.split(/((?<![\ud800-\udbff])[\udc80-\udcff]+)/);
  // `latin1` keeps the low byte of each character.
  return Buffer.concat(parts.map((part, index) => Buffer.from(part, index % 2 === 0 ? 'utf8' : 'latin1')));
}
