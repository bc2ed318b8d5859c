import { Exit, UserError } from '../errors.ts';

/**
 * Listens for a signal that ends awsmfa, and for the end of the process that started it: who asked is gone then. For
 * as long as something must be put in order before awsmfa ends.
 *
 * @param stop is called once
 * @returns a function that stops listening
 */
export function onInterruption(stop: (why: UserError) => void): () => void {
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
    clearInterval(timer);
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
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
