/** A device of AWS's shows a new code every 30 seconds (RFC 6238, by epoch time). */
const windowMs = 30_000;

/** The number of the window that holds this instant, in epoch milliseconds. */
export function windowAt(now: number): number {
  return Math.floor(now / windowMs);
}

/** When the next code comes, in epoch milliseconds. */
export function nextWindow(now: number): number {
  return (windowAt(now) + 1) * windowMs;
}

/** Whole seconds, and never 0 before it is over. */
export function secondsUntil(end: number, now: number): number {
  return Math.max(0, Math.ceil((end - now) / 1000));
}
