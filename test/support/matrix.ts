/** Whether this is `npm run test:matrix`, which takes its time; `npm test` tries a part of each matrix. */
export const isMatrix = process.env.AWSMFA_TEST_MATRIX !== undefined;

/** How often a property is tried. */
export function runs(few: number, many: number): number {
  return isMatrix ? many : few;
}

/** Every case in the matrix; in `npm test` one of so many, from `first` on. */
export function some<T>(cases: readonly T[], every: number, first = 0): readonly T[] {
  return isMatrix ? cases : cases.filter((_, index) => index % every === first % every);
}
