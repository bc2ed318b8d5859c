import type { Session } from '../credentials.ts';
import { UserError } from '../errors.ts';

/** A session with its answer, which is built once. */
export interface Kept {
  readonly session: Session;
  /** The answer of the container credentials protocol. */
  readonly body: string;
}

/** What a keeper needs from outside, as functions. */
export interface Keeping {
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Renewed when less than this many seconds are left, or half of its life where that is less. */
  readonly minTtl: number;
  /** Gets the session anew, asking nobody. */
  readonly renew: () => Promise<Kept>;
  /** Called for each new kind of error, not for every attempt. */
  readonly onError: (error: unknown, secondsLeft: number) => void;
  /** Called when a renewal succeeds again. */
  readonly onMended: (kept: Kept) => void;
}

export interface Keeper {
  /**
   * The valid session. It waits for a renewal only when the session has ended.
   *
   * @throws the error of the renewal, when the session has ended
   */
  current(): Promise<Kept>;
  /** Ends the renewals. */
  stop(): void;
}

const minute = 60_000;

/** Milliseconds after an attempt that did not help. Without it every request would make one. */
const pause = 2_000;

/**
 * Renews a session before it ends, in the background, else at the next request. A failed renewal does not stop it from
 * giving out a session that is still valid.
 *
 * @param mayPass true for an error that may go away by itself
 */
export function keep(first: Kept, keeping: Keeping, mayPass: (error: unknown) => boolean): Keeper {
  const { now } = keeping;
  let kept = first;
  let since = now();
  let lastError: unknown;
  let notBefore = 0;
  let renewal: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const left = () => kept.session.expiration - now() / 1000;
  const whenDue = () => {
    const end = kept.session.expiration * 1000;
    return end - Math.min(keeping.minTtl * 1000, (end - since) / 2);
  };
  const isDue = () => now() >= whenDue();

  async function attempt(): Promise<void> {
    try {
      const next = await keeping.renew();
      if (next.session.accessKeyId !== kept.session.accessKeyId) since = now();
      kept = next;
      if (lastError !== undefined) keeping.onMended(kept);
      lastError = undefined;
    } catch (error) {
      if (kindOf(error) !== kindOf(lastError)) keeping.onError(error, left());
      lastError = error;
    }
    // A source may give the same session again, with as little left.
    notBefore = isDue() ? now() + pause : 0;
  }

  /** Only one renewal runs at a time. */
  function renew(): Promise<void> {
    renewal ??= attempt().finally(() => {
      renewal = undefined;
      plan();
    });
    return renewal;
  }

  /**
   * Looks every minute, since timers stand still while a laptop sleeps. After an error that needs a person it stops: the
   * next request tries again.
   */
  function plan(): void {
    clearTimeout(timer);
    if (stopped || (lastError !== undefined && !mayPass(lastError))) return;
    const wait = isDue() ? minute : Math.min(minute, whenDue() - now());
    timer = setTimeout(() => (isDue() ? renew() : plan()), wait).unref();
  }

  plan();
  return {
    async current() {
      if (isDue() && now() >= notBefore) renew();
      if (left() <= 0) await renewal;
      if (left() <= 0) throw lastError ?? new Error('renewed with a session that has ended');
      return kept;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

function kindOf(error: unknown): string | undefined {
  if (error === undefined) return undefined;
  return error instanceof UserError ? error.code : 'unexpected';
}
