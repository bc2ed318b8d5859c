/**
 * The names that a user may have meant by `name`, the likeliest first: names that differ by a few typing slips
 * (a letter missing, added, changed, or swapped with its neighbour; at most a third of the name), and names of which
 * it is a part. Case does not count.
 */
export function closestNames(name: string, names: readonly string[], limit = 3): readonly string[] {
  const wanted = name.toLowerCase();
  const ranked = [...new Set(names)].map((each) => ({
    name: each,
    rank: rankOf(wanted, each.toLowerCase()),
  }));
  const found = ranked.filter(({ rank }) => rank < Infinity).sort((a, b) => a.rank - b.rank);
  return found.slice(0, limit).map(({ name }) => name);
}

/** The number of slips. A part of a name comes after a single slip and before two. */
function rankOf(wanted: string, candidate: string): number {
  const most = Math.min(3, Math.max(1, Math.floor(wanted.length / 3)));
  const isPart =
    Math.min(wanted.length, candidate.length) >= 2 &&
    (candidate.includes(wanted) || wanted.includes(candidate));
  const slips = Math.abs(wanted.length - candidate.length) > most ? Infinity : distanceOf(wanted, candidate);
  return Math.min(slips <= most ? slips : Infinity, isPart ? 1.5 : Infinity);
}

/** Optimal string alignment: Levenshtein's distance, with a swap of neighbours as one step. */
function distanceOf(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Infinity;
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= b.length; j++) {
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + change,
          isSwap ? at(i - 2, j - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(a.length, b.length);
}
