import { spawn as spawnPty } from '@lydell/node-pty';

/** A program on a terminal of its own, and the few words a test needs to talk with it. */
export type Terminal = {
  /** Waits until the pattern shows up behind what was already waited for; answers with what matched. */
  waitFor(pattern: string | RegExp, timeout?: number): Promise<string>;
  /** Types text as it is; a line is sent with `\r` at its end, as the Enter key does. */
  type(text: string): void;
  /** Presses one key. */
  key(name: Key): void;
  /** All that was shown so far: plain text, without escape sequences. */
  screen(): string;
  /** The window gets another size. */
  resize(columns: number, rows: number): void;
  /** The window is closed: the other side of the terminal is gone. */
  hangUp(): void;
  /** Waits for the program to end by itself. */
  ended(timeout?: number): Promise<Ending>;
  /** Ends the program if it still runs, and waits until it is gone. */
  close(): Promise<void>;
};

export type Ending = { status: number; signal: number };

export type TerminalOptions = {
  env: Readonly<Record<string, string>>;
  cwd?: string;
  columns?: number;
  rows?: number;
};

const keys = {
  enter: '\r',
  escape: '\x1b',
  backspace: '\x7f',
  up: '\x1b[A',
  down: '\x1b[B',
  'ctrl-c': '\x03',
  'ctrl-d': '\x04',
  'ctrl-z': '\x1a',
} as const;

export type Key = keyof typeof keys;

/**
 * Starts a program on a pseudo-terminal. Wide by default, so that no line of a test is folded. On a busy machine
 * node-pty may drop the last words of a program that has ended: wait for text while the program still runs.
 */
export function spawn(file: string, args: readonly string[], options: TerminalOptions): Terminal {
  const pty = spawnPty(file, [...args], {
    name: options.env.TERM ?? 'xterm',
    cols: options.columns ?? 200,
    rows: options.rows ?? 50,
    cwd: options.cwd ?? process.cwd(),
    env: { ...options.env },
  });
  let raw = '';
  let seen = 0;
  let ending: Ending | undefined;
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  pty.onData((data) => {
    raw += data;
    changed();
  });
  pty.onExit(({ exitCode, signal }) => {
    ending = { status: exitCode, signal: signal ?? 0 };
    changed();
  });

  /** Resolves with the first answer that is not undefined, asked again after each change. */
  function until<T>(what: string, timeout: number, answer: () => T | undefined, hopeless: () => boolean) {
    return new Promise<T>((resolve, reject) => {
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        listeners.delete(look);
        settle();
      };
      const look = () => {
        const found = answer();
        if (found !== undefined) finish(() => resolve(found));
        else if (hopeless())
          finish(() => reject(new Error(`the program ended before ${what}:\n${plain(raw)}`)));
      };
      const timer = setTimeout(
        () => finish(() => reject(new Error(`${timeout} ms without ${what}:\n${plain(raw)}`))),
        timeout,
      );
      listeners.add(look);
      look();
    });
  }

  const ended = (timeout = 50_000) =>
    until(
      'the end',
      timeout,
      () => ending,
      () => false,
    );

  return {
    waitFor: (pattern, timeout = 50_000) =>
      until(
        String(pattern),
        timeout,
        () => {
          const found = find(plain(raw).slice(seen), pattern);
          if (!found) return undefined;
          seen += found.end;
          return found.text;
        },
        () => ending !== undefined,
      ),
    type: (text) => pty.write(text),
    key: (name) => pty.write(keys[name]),
    screen: () => plain(raw),
    resize: (columns, rows) => pty.resize(columns, rows),
    hangUp: () => (pty as unknown as { destroy(): void }).destroy(),
    ended,
    close: async () => {
      if (ending) return;
      pty.kill('SIGKILL');
      await ended();
    },
  };
}

function find(text: string, pattern: string | RegExp): { text: string; end: number } | undefined {
  if (typeof pattern === 'string') {
    const at = text.indexOf(pattern);
    return at < 0 ? undefined : { text: pattern, end: at + pattern.length };
  }
  const match = pattern.exec(text);
  return match ? { text: match[0], end: match.index + match[0].length } : undefined;
}

/** Text without the escape sequences of a terminal; an unfinished one at the end stays away too. */
function plain(raw: string): string {
  return raw
    .replace(/\x1b\][^\x07\x1b]*(?:\x07|\x1b\\|$)/g, '')
    .replace(/\x1b[P_^][^\x1b]*(?:\x1b\\|$)/g, '')
    .replace(/\x1b\[[0-?]*[ -/]*(?:[@-~]|$)/g, '')
    .replace(/\x1b[ -/]*(?:[0-~]|$)/g, '')
    .replace(/\r+\n/g, '\n');
}
