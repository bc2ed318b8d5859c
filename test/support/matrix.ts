/** Whether this is `npm run test:matrix`, which takes its time; `npm test` tries a part of each matrix. */
export const isMatrix = process.env.AWSMFA_TEST_MATRIX !== undefined;

/** How often a property is tried. */
export function runs(few: number, many: number): number {
  return isMatrix ? many : few;
}

/**
 * Whether the test with this number runs in the shell at this place of a list of three. All do in the matrix; in `npm test`
 * one of the shells stands for all, where the behaviour is hardly theirs.
 */
export function isTurn(number: number, shell: number): boolean {
  return isMatrix || number % 3 === shell % 3;
}

/** Every case in the matrix; in `npm test` one of so many, from `first` on. */
export function some<T>(cases: readonly T[], every: number, first = 0): readonly T[] {
  return isMatrix ? cases : cases.filter((_, index) => index % every === first % every);
}
