import { printable } from './text.ts';
import type { Terminal, World } from './world.ts';

/** How a command talks to people. Only this knows `--quiet`, `--debug` and `--no-prompt`. */
export interface Ui {
  /** Writes one line to stderr; nothing with `--quiet`. */
  say(line: string): void;
  /** Writes one line to stderr, also with `--quiet`: the context of a question, an error that does not end the command. */
  warn(line: string): void;
  /**
   * Like `say`, and on the terminal too if stderr is none: the AWS CLI and boto3 swallow the stderr of a credential
   * process.
   */
  announce(line: string): void;
  /**
   * Waits for the work, and writes the line to the terminal if the work takes longer than a second. A log gets no such
   * line. Under the AWS CLI, which swallows stderr, the terminal gets it.
   */
  sayIfSlow<T>(line: string, work: Promise<T>): Promise<T>;
  /** Writes a line of `--debug`. Callers never pass a secret. */
  debug(line: string): void;
  /** The controlling terminal, or undefined if awsmfa may not ask. The caller closes it. */
  terminal(): Terminal | undefined;
  /** False with `--no-prompt`: not even a dialog may ask. */
  readonly mayAsk: boolean;
  /** Whether awsmfa can ask on the terminal. */
  canAsk(): boolean;
  /** The same for optional questions, which `--quiet` leaves out. */
  canOffer(): boolean;
  /** Why awsmfa cannot ask on the terminal, for the middle of a sentence. */
  readonly whyNot: string;
}

export interface UiOptions {
  readonly quiet?: boolean | undefined;
  readonly debug?: boolean | undefined;
  readonly noPrompt?: boolean | undefined;
}

export function createUi({ quiet, debug, noPrompt }: UiOptions, world: World): Ui {
  const terminal = () => (noPrompt ? undefined : world.openTerminal());
  const canAsk = () => {
    const opened = terminal();
    opened?.close();
    return opened !== undefined;
  };
  const onTerminal = (line: string) => {
    const opened = world.openTerminal();
    opened?.output.write(`awsmfa: ${line}\n`);
    opened?.close();
  };
  return {
    say: (line) => quiet || world.say(line),
    warn: world.say,
    announce: (line) => {
      if (quiet) return;
      world.say(line);
      if (!world.stderrIsTerminal()) onTerminal(line);
    },
    sayIfSlow: (line, work) => {
      if (quiet) return work;
      const slow = setTimeout(() => (world.stderrIsTerminal() ? world.say(line) : onTerminal(line)), 1000);
      return work.finally(() => clearTimeout(slow));
    },
    debug: (line) => debug && world.say(`debug: ${printable(line, 1000)}`),
    terminal,
    mayAsk: !noPrompt,
    canAsk,
    canOffer: () => !quiet && canAsk(),
    whyNot: noPrompt ? '--no-prompt forbids asking' : 'there is no terminal to ask on',
  };
}

/** Says nothing and asks nothing: for work in the background. */
export function silent(ui: Ui): Ui {
  return {
    ...ui,
    say: () => {},
    announce: () => {},
    sayIfSlow: (_line, work) => work,
    mayAsk: false,
    terminal: () => undefined,
    canAsk: () => false,
    canOffer: () => false,
  };
}
