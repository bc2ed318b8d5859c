/** Everything outside the program, as one injected value. Types only: `bin.ts` makes the real one. */
export interface World {
  /** Arguments after the program's own name. */
  readonly argv: readonly string[];
  readonly env: Environment;
  /** The question of a shell function, kept with the answer (`commands/answer.ts`). */
  readonly question?: string | undefined;
  /** The user's home directory; undefined where there is neither `HOME` nor a passwd entry. */
  readonly home: string | undefined;
  readonly platform: string;
  /** Epoch milliseconds. */
  now(): number;
  /** One line to stderr, for people. */
  say(line: string): void;
  stdoutIsTerminal(): boolean;
  stderrIsTerminal(): boolean;
  /** All of stdin, at most 64 KiB, as UTF-8. */
  readStdin(): string;
  /** The names of the processes above this one, nearest first, e.g. `['zsh', 'tmux: server']`. */
  ancestors(): Iterable<string>;
  /** The controlling terminal, or undefined where there is none. The caller closes it. */
  openTerminal(): Terminal | undefined;
  /** Where the shell integration's files are installed. */
  readonly shellDirectory: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** `/dev/tty`, opened for a question: stdin and stdout may both be pipes. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  close(): void;
}

/** The result of a command. The process boundary writes stdout once, then sets the status. */
export interface Outcome {
  readonly stdout: string;
  readonly exit: number;
  /** Runs after stdout has been written and closed, and gives the exit status. */
  readonly after?: () => Promise<number>;
  /** The user gave up at Ctrl-C while the work goes on: end the process at once, by the signal if `bySignal`. */
  readonly givenUp?: { readonly bySignal: boolean };
}
