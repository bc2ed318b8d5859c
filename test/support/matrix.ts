/** Whether this is `npm run test:matrix`, which takes its time; `npm test` tries a part of each matrix. */
export const isMatrix = process.env.AWSMFA_TEST_MATRIX !== undefined;

/** How often a property is tried. */
export function runs(few: number, many: number): number {
  return isMatrix ? many : few;
}

/** Every case in the matrix; in `npm test` the first, and every so many after it. */
export function some<T>(cases: readonly T[], every: number): readonly T[] {
  return isMatrix ? cases : cases.filter((_, index) => index % every === 0);
}
