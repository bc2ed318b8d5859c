import { Exit, UserError } from '../../errors.ts';
import type { Integration } from '../../export/integration.ts';
import { printable } from '../../printable.ts';

/** awsmfa's own lines in an rc file stand between these two, as those of other tools do. */
const begin = '# >>> awsmfa >>>';
const end = '# <<< awsmfa <<<';

/**
 * The text of an rc file with awsmfa's block in it: in the place of one that is there, else at the end. Its lines end
 * in a line feed whatever the others end in: a shell would take a carriage return for a part of the path.
 *
 * @param text one character a byte (`latin1`), so that bytes that are no UTF-8 stay what they are
 * @throws UserError (broken-block) for a block without an end
 */
export function withBlock(text: string, line: string, path: string): string {
  const blocks = blocksIn(text, path);
  const block = `${begin}\n${bytes(line)}\n${end}\n`;
  const [first] = blocks;
  if (!first) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${block}`;
  // At the end of the file its last line may have no end.
  if (blocks.length === 1 && `${text.slice(...first)}\n`.startsWith(block)) return text;
  return text.slice(0, first[0]) + block + without(text.slice(first[1]), path);
}

/** The text without the block, and without anything else missing. */
export function withoutBlock(text: string, path: string): string {
  return without(text, path);
}

/** A line outside of the block that loads the integration, put there by hand or by `awsmfa init zsh >> ~/.zshrc`. */
export interface OwnLine {
  readonly number: number;
  /** Fit for a terminal. */
  readonly line: string;
}

/** @param shell as in `awsmfa.zsh` and `awsmfa init zsh` */
export function ownLine(
  text: string,
  shell: Pick<Integration, 'name' | 'file'>,
  path: string,
): OwnLine | undefined {
  const blocks = blocksIn(text, path);
  const loads = new RegExp(
    `^\\s*[^#\\s].*\\b(?:${shell.file.replace('.', '\\.')}|awsmfa\\s+init\\s+${shell.name})\\b|^\\s*awsmfa\\s+init\\s+${shell.name}\\b`,
  );
  let at = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const inBlock = blocks.some(([from, to]) => at >= from && at < to);
    if (!inBlock && loads.test(line)) return { number: index + 1, line: shown(line) };
    at += line.length + 1;
  }
  return undefined;
}

/** A line of the file as text, for people. */
export function shown(line: string): string {
  return printable(
    Buffer.from(line, 'latin1').toString('utf8').replace(/\r$/, '').replaceAll('\t', '  '),
    200,
  );
}

function without(text: string, path: string): string {
  const blocks = blocksIn(text, path);
  return blocks.reduceRight((rest, [from, to]) => rest.slice(0, from) + rest.slice(to), text);
}

type Span = readonly [from: number, to: number];

/** From the start of the first marker's line to the end of the last one's. */
function blocksIn(text: string, path: string): readonly Span[] {
  const blocks: Span[] = [];
  let open: number | undefined;
  let at = 0;
  for (const line of text.split(/(?<=\n)/)) {
    const words = line.trim();
    if (words === begin) {
      if (open !== undefined) throw broken(text, open, path);
      open = at;
    }
    at += line.length;
    if (words === end && open !== undefined) {
      blocks.push([open, at]);
      open = undefined;
    }
  }
  if (open !== undefined) throw broken(text, open, path);
  return blocks;
}

function broken(text: string, at: number, path: string): UserError {
  const number = text.slice(0, at).split('\n').length;
  return new UserError(
    Exit.configuration,
    'broken-block',
    `${printable(path)}:${number}: "${begin}" begins here, and "${end}" does not follow`,
    'Nothing was changed in it: correct it by hand, then try again.',
  );
}

function bytes(line: string): string {
  return Buffer.from(line, 'utf8').toString('latin1');
}
