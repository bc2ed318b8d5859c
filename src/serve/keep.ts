import type { Session } from '../credentials.ts';
import { UserError } from '../errors.ts';

/** A session with what goes over the wire, written once. */
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
  /** Called for a new kind of error, not for every attempt that meets it. */
  readonly onError: (error: unknown, secondsLeft: number) => void;
  /** Called when a renewal succeeds again. */
  readonly onMended: (kept: Kept) => void;
}

export interface Keeper {
  /**
   * The session that is valid now. It waits for a renewal only when there is none.
   *
   * @throws what the renewal met, when the session has ended
   */
  current(): Promise<Kept>;
  /** Ends the renewals. */
  stop(): void;
}

const minute = 60_000;

/** After an attempt that did not help; without it every request would make one. */
const pause = 2_000;

/**
 * Keeps a session from ending: in the background before it ends, else when somebody asks for it. Whatever happens on
 * the way, what is valid is given out.
 *
 * @param mayPass true for error that may pass by itself
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

  /** One at a time, whoever wants it. */
  function renew(): Promise<void> {
    renewal ??= attempt().finally(() => {
      renewal = undefined;
      plan();
    });
    return renewal;
  }

  /**
   * Looked at every minute: timers stand still while a laptop sleeps, and the clock goes on. Where a person is needed
   * nobody is bothered in the background; the next request looks whether he has been there.
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
