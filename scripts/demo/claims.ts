/** A step of the demo did not do what the demo tells. */
export class NotAsTold extends Error {
  override readonly name = 'NotAsTold';
}

/** Every claim of the demo goes through here before it is shown. `claim` says what should be, in a sentence. */
export function told(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new NotAsTold(claim);
}

/** The same for a value, so that the sentence can say what was there instead. */
export function same(actual: unknown, expected: unknown, what: string): void {
  told(actual === expected, `${what} should be ${shown(expected)} and is ${shown(actual)}`);
}

function shown(value: unknown): string {
  return value === undefined ? 'unset' : typeof value === 'string' ? JSON.stringify(value) : String(value);
}
