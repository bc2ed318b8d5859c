import { setTimeout as delay } from 'node:timers/promises';
import { spawn } from '@lydell/node-pty';
import { Terminal } from '@xterm/headless';

/** A run of characters that look the same. */
export interface Run {
  readonly text: string;
  /** A number of the 16 colours of a terminal; undefined for the default colour. */
  readonly colour: number | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
}

export type Line = readonly Run[];

/** A program on a pseudo-terminal, and what its screen shows. */
export interface Screen {
  /** Lines that are not part of the picture. */
  run(lines: readonly string[]): Promise<void>;
  /** A line as a person types it, with Enter. */
  type(line: string): Promise<void>;
  waitFor(pattern: RegExp): Promise<void>;
  lines(): Promise<readonly Line[]>;
  close(): void;
}

const size = { columns: 78, rows: 24 };

/** Starts the program; colours are those of an xterm with 16 colours. */
export function screenOf(
  file: string,
  args: readonly string[],
  options: { readonly env: Readonly<Record<string, string>>; readonly cwd: string },
): Screen {
  const terminal = new Terminal({ cols: size.columns, rows: size.rows, allowProposedApi: true });
  const pty = spawn(file, [...args], {
    name: 'xterm-256color',
    cols: size.columns,
    rows: size.rows,
    cwd: options.cwd,
    env: { ...options.env },
  });
  let written = Promise.resolve();
  pty.onData((data) => {
    written = written.then(() => new Promise((resolve) => terminal.write(data, resolve)));
  });
  const text = async () => {
    await written;
    return linesOf(terminal)
      .map((line) => line.map((run) => run.text).join(''))
      .join('\n');
  };
  const waitFor = async (pattern: RegExp) => {
    for (let waited = 0; waited < 20_000; waited += 50) {
      if (pattern.test(await text())) return delay(150);
      await delay(50);
    }
    throw new Error(`${pattern} did not show up:\n${await text()}`);
  };
  return {
    waitFor,
    async run(lines) {
      for (const line of lines) {
        pty.write(`${line}\r`);
        await delay(300);
      }
    },
    async type(line) {
      for (const key of line) {
        pty.write(key);
        await delay(10);
      }
      pty.write('\r');
      await delay(100);
    },
    async lines() {
      await written;
      return linesOf(terminal);
    },
    close: () => pty.kill(),
  };
}

/** The screen up to its last line with text. */
function linesOf(terminal: Terminal): readonly Line[] {
  const buffer = terminal.buffer.active;
  const lines: Line[] = [];
  for (let row = 0; row < size.rows; row++) {
    const cells = buffer.getLine(buffer.baseY + row);
    const runs: Run[] = [];
    for (let column = 0; column < size.columns; column++) {
      const cell = cells?.getCell(column);
      if (!cell) continue;
      const look = {
        colour: cell.isFgPalette() ? cell.getFgColor() : undefined,
        bold: cell.isBold() !== 0,
        dim: cell.isDim() !== 0,
      };
      const last = runs.at(-1);
      const text = cell.getChars() || ' ';
      if (last && last.colour === look.colour && last.bold === look.bold && last.dim === look.dim) {
        runs[runs.length - 1] = { ...last, text: last.text + text };
      } else runs.push({ text, ...look });
    }
    lines.push(trimmed(runs));
  }
  const end = lines.findLastIndex((line) => line.length > 0);
  return lines.slice(0, end + 1);
}

function trimmed(runs: readonly Run[]): Line {
  const last = runs.at(-1);
  if (!last) return runs;
  const text = last.text.trimEnd();
  return text === '' ? trimmed(runs.slice(0, -1)) : [...runs.slice(0, -1), { ...last, text }];
}
