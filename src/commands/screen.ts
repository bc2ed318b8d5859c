import type { Environment, World } from '../world.ts';

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
