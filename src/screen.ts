import type { Environment, World } from './world.ts';

/** How stdout is drawn on: on a terminal within its width and in colours, else as it comes. */
export interface Screen {
  /** Undefined: no limit. */
  readonly width: number | undefined;
  readonly paint: Paints | undefined;
}

export type Paints = Readonly<
  Record<'bold' | 'dim' | 'cyan' | 'green' | 'yellow' | 'red', (text: string) => string>
>;

export function screen(world: World): Screen {
  if (!world.stdoutIsTerminal()) return { width: undefined, paint: undefined };
  const { COLUMNS = '' } = world.env;
  return {
    width: /^[1-9]\d{0,4}$/.test(COLUMNS) ? Number(COLUMNS) : terminalWidth(world),
    paint: paints(world.env),
  };
}

/** For a terminal; `NO_COLOR` takes the colours away, and so does a terminal that has none. */
export function paints({ NO_COLOR, TERM }: Environment): Paints | undefined {
  return NO_COLOR || TERM === 'dumb' ? undefined : coloured;
}

/** The width of the controlling terminal, which is most likely stdout. */
function terminalWidth(world: World): number {
  const terminal = world.openTerminal();
  try {
    const { columns } = (terminal?.output ?? {}) as { columns?: number };
    return columns || 80;
  } finally {
    terminal?.close();
  }
}

const coloured: Paints = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  cyan: sgr(36, 39),
  green: sgr(32, 39),
  yellow: sgr(33, 39),
  red: sgr(31, 39),
};

const same = (text: string) => text;

/** Paints nothing, for callers that paint in any case. */
export const plain: Paints = { bold: same, dim: same, cyan: same, green: same, yellow: same, red: same };

function sgr(on: number, off: number): (text: string) => string {
  return (text) => `\u001b[${on}m${text}\u001b[${off}m`;
}

/** A column of a table, and how it gives way on a narrow terminal. */
export interface Column {
  readonly title: string;
  /** The width that it is cut down to, and no further. */
  readonly least: number;
  /** Whether it may be left out; of several the last one goes first. */
  readonly mayGo?: boolean;
}

/** Colours a cell, after it was cut. Row -1 has the titles. */
export type Paint = (text: string, row: number, column: number) => string;

/**
 * Aligned lines, the titles first, without blanks at their ends; an empty cell is `-`.
 *
 * @param width of the lines at most; undefined for no limit
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width?: number,
  paint?: Paint,
): readonly string[] {
  const all = [columns.map(({ title }) => title), ...rows];
  // A text of visible ASCII is as wide as it is long, and one look at all of them is much cheaper than one at each.
  const isPlain = all.every((cells) => ascii.test(cells.join('')));
  const wanted = columns.map(() => 0);
  for (const cells of all) {
    for (let column = 0; column < wanted.length; column++) {
      const text = cells[column] || '-';
      const size = isPlain ? text.length : widthOf(text);
      if (size > (wanted[column] as number)) wanted[column] = size;
    }
  }
  const widths = width === undefined ? wanted : fitted(columns, wanted, width);
  return all.map((cells, index) => line(cells, index - 1, widths, isPlain, paint));
}

type Widths = readonly (number | undefined)[];

const gap = 2;

function line(
  cells: readonly string[],
  row: number,
  widths: Widths,
  isPlain: boolean,
  paint: Paint | undefined,
): string {
  let written = '';
  let blanks = 0;
  for (let column = 0; column < widths.length; column++) {
    const width = widths[column];
    if (width === undefined) continue;
    let text = cells[column] || '-';
    let size = isPlain ? text.length : widthOf(text);
    if (size > width) {
      text = cut(text, width);
      size = widthOf(text);
    }
    if (blanks > 0) written += ' '.repeat(blanks);
    written += paint ? paint(text, row, column) : text;
    blanks = width - size + gap;
  }
  return written;
}

/** The widest column gives way first. A column that is left out has no width. */
function fitted(columns: readonly Column[], wanted: readonly number[], room: number): Widths {
  const widths: (number | undefined)[] = [...wanted];
  while (total(widths) > room) {
    const spare = columns.map(({ least }, column) => {
      const width = widths[column] ?? 0;
      return width > least ? width : 0;
    });
    const most = Math.max(...spare);
    if (most > 0) {
      widths[spare.indexOf(most)] = most - 1;
      continue;
    }
    const last = columns.findLastIndex(({ mayGo }, column) => mayGo && widths[column] !== undefined);
    if (last < 0) return widths;
    widths[last] = undefined;
    // The other columns get the width back that they lost for it.
    columns.forEach((_, column) => {
      if (widths[column] !== undefined) widths[column] = wanted[column];
    });
  }
  return widths;
}

function total(widths: Widths): number {
  const shown = widths.filter((width) => width !== undefined);
  return shown.reduce((sum, width) => sum + width, 0) + gap * (shown.length - 1);
}

/** A text that is too long, in this width, with an `…` at its end. */
function cut(text: string, width: number): string {
  let kept = '';
  let room = width - 1;
  for (const char of text) {
    room -= widthOf(char);
    if (room < 0) break;
    kept += char;
  }
  return `${kept}…`;
}

/** The number of columns a text takes on a terminal: East Asian wide characters and emoji take two, marks none. */
export function widthOf(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += /[\p{Mn}\p{Me}\p{Cf}]/u.test(char) ? 0 : wide.test(char) ? 2 : 1;
  return width;
}

const ascii = /^[\x20-\x7e]*$/;

/** Unicode Standard Annex #11, in blocks. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
