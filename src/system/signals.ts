import { Exit, UserError } from '../errors.ts';
import { isForeground } from './processes.ts';

/**
 * Listens for a signal that ends awsmfa, and for the end of the process that started it: who asked is gone then. For
 * as long as something must be put in order before awsmfa ends.
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
    // An orphan gets another parent.
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

/** How many parts of awsmfa put something in order at a signal, and end awsmfa then. */
let inCharge = 0;

/**
 * What work answers; undefined if Ctrl-C is pressed first while no part of awsmfa is in charge of it (`onInterruption`):
 * STS is called then, or another process is waited for.
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

/** The user does not want it any more. */
export function cancelled(): UserError {
  return new UserError(Exit.interrupted, 'interrupted', 'Cancelled');
}

/** Nobody is there any more. */
export function hungUp(): UserError {
  return new UserError(Exit.hungUp, 'hung-up', 'The terminal, or what started awsmfa, went away');
}

const reasons = {
  SIGINT: cancelled,
  SIGTERM: () => new UserError(Exit.terminated, 'terminated', 'Terminated'),
  SIGHUP: hungUp,
} as const;

/** Signals that are meant for the command that awsmfa runs, and by which awsmfa itself would end. */
const passed = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** Keys send these, to every process of the group that has the terminal. */
const keys: readonly string[] = ['SIGINT', 'SIGQUIT'];

/**
 * Passes signals on to a child from now until `stop`, and survives them. One from the keyboard has reached the child
 * already: terraform takes a second one for "give up at once".
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
