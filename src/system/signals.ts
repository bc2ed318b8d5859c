import { Exit, UserError } from '../errors.ts';
import { isForeground } from './processes.ts';

/**
 * Listens for a signal that ends awsmfa, and for the end of its parent process. For work that must clean up before awsmfa
 * ends.
 *
 * @param stop is called once
 * @returns a function that stops listening
 */
export function onInterruption(stop: (why: UserError) => void): () => void {
  inCharge += 1;
  const end = (why: UserError) => {
    clearInterval(timer);
    stop(why);
  };
  const listeners = Object.entries(reasons).map(([signal, why]) => [signal, () => end(why())] as const);
  const caller = process.ppid;
  const timer = setInterval(() => {
    // The parent has ended: an orphan gets another one.
    if (process.ppid !== caller) end(hungUp());
  }, 500);
  timer.unref();
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return () => {
    inCharge -= 1;
    clearInterval(timer);
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}

/** How many parts of awsmfa handle signals now (`onInterruption`). */
let inCharge = 0;

/**
 * The result of the work; undefined if the user presses Ctrl-C first and no part of awsmfa handles it (`onInterruption`), as
 * during a call to STS or while waiting for another process.
 */
export async function untilCtrlC<T>(work: Promise<T>): Promise<T | undefined> {
  let stop = () => {};
  const pressed = new Promise<undefined>((resolve) => {
    const listener = () => inCharge === 0 && resolve(undefined);
    process.on('SIGINT', listener);
    stop = () => process.off('SIGINT', listener);
  });
  try {
    return await Promise.race([work, pressed]);
  } finally {
    stop();
  }
}

/** The user cancelled. */
export function cancelled(): UserError {
  return new UserError(Exit.interrupted, 'interrupted', 'Cancelled');
}

/** The terminal or the parent process is gone. */
export function hungUp(): UserError {
  return new UserError(Exit.hungUp, 'hung-up', 'The terminal, or what started awsmfa, went away');
}

const reasons = {
  SIGINT: cancelled,
  SIGTERM: () => new UserError(Exit.terminated, 'terminated', 'Terminated'),
  SIGHUP: hungUp,
} as const;

/** Signals for the command that awsmfa runs, which would end awsmfa itself. */
const passed = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** The terminal sends these for a key, to every process of the foreground group. */
const keys: readonly string[] = ['SIGINT', 'SIGQUIT'];

/**
 * Passes signals on to a child from now until `stop`, and survives them. The child already got the ones from the keyboard:
 * terraform would take a second one for "give up at once".
 */
export function passSignals(): { to(child: Child): void; stop(): void } {
  let child: Child | undefined;
  const pass = (signal: NodeJS.Signals) => {
    if (keys.includes(signal) && isForeground()) return;
    child?.kill(signal);
  };
  for (const signal of passed) process.on(signal, pass);
  return {
    to: (started) => {
      child = started;
    },
    stop: () => {
      for (const signal of passed) process.off(signal, pass);
    },
  };
}

interface Child {
  kill(signal: NodeJS.Signals): boolean;
}
