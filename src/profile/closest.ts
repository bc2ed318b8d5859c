/**
 * The names that somebody may have meant by `name`, the likeliest first: names that differ by a few typing slips
 * (a letter missing, added, changed, or swapped with its neighbour; at most a third of the name), and names of which
 * it is a part. Case does not count.
 */
export function closestNames(name: string, names: readonly string[], limit = 3): string[] {
  const wanted = name.toLowerCase();
  const slips = Math.min(3, Math.max(1, Math.floor(wanted.length / 3)));
  const ranked: { readonly name: string; readonly rank: number }[] = [];
  for (const candidate of new Set(names)) {
    const rank = rankOf(wanted, candidate.toLowerCase(), slips);
    if (rank !== undefined) ranked.push({ name: candidate, rank });
  }
  ranked.sort((a, b) => a.rank - b.rank);
  return ranked.slice(0, limit).map((candidate) => candidate.name);
}

/** The number of slips; a part of a name comes after a single slip and before two. */
function rankOf(wanted: string, candidate: string, slips: number): number | undefined {
  const isPart = wanted.length >= 2 && candidate.length >= 2;
  const part = isPart && (candidate.includes(wanted) || wanted.includes(candidate)) ? 1.5 : undefined;
  const distance =
    Math.abs(wanted.length - candidate.length) > slips ? Infinity : distanceOf(wanted, candidate);
  return distance <= slips ? Math.min(distance, part ?? distance) : part;
}

/** Optimal string alignment: Levenshtein's distance, with a swap of neighbours as one step. */
function distanceOf(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const steps = [cell(row, j) + 1, cell(next, j - 1) + 1, cell(row, j - 1) + (same ? 0 : 1)];
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        steps.push(cell(before, j - 2) + 1);
      next.push(Math.min(...steps));
    }
    before = row;
    row = next;
  }
  return cell(row, b.length);
}

function cell(row: readonly number[], column: number): number {
  return row[column] ?? 0;
}
