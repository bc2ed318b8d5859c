/** Exit statuses of awsmfa, by meaning. `exec` adds the status of its command. */
export const Exit = {
  ok: 0,
  failed: 1,
  usage: 2,
  configuration: 3,
  cannotAsk: 4,
  refused: 5,
  unreachable: 6,
  /** Of `exec`, as of every shell: the command is there and cannot be run, or is not there. */
  cannotRun: 126,
  notFound: 127,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitStatus = (typeof Exit)[keyof typeof Exit];

/**
 * What a person can act on: one line that says what failed and why, one that says what to do.
 * Every other thrown value is a bug of ours.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  /**
   * @param code a short stable word for programs (`--json`), e.g. `no-such-profile`
   * @param message what failed and why, without a final full stop, without secrets
   * @param hint what to do next
   */
  constructor(
    readonly exit: ExitStatus,
    readonly code: string,
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }

  /** The same error in other words. */
  with({ message = this.message, hint = this.hint }: { message?: string; hint?: string | undefined }) {
    return new UserError(this.exit, this.code, message, hint);
  }
}

/** The error for a command line that asks for what cannot be. */
export function usage(message: string, hint?: string): UserError {
  return new UserError(Exit.usage, 'usage', message, hint);
}

/** What a person can act on. Every other thrown value is an error of ours, and is thrown on. */
export function expected(error: unknown): UserError {
  if (error instanceof UserError) return error;
  throw error;
}

export function attempt<T>(find: () => T): T | UserError {
  try {
    return find();
  } catch (error) {
    return expected(error);
  }
}

/** Undefined where it fails, in whatever way: for what people can do without. */
export function orUndefined<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
