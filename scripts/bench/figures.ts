/** What was measured of one thing, in milliseconds. */
export interface Figures {
  readonly median: number;
  /** A tenth was quicker than the first, a tenth slower than the second. */
  readonly spread: readonly [number, number];
}

export function figures(samples: readonly number[]): Figures {
  const sorted = [...samples].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), spread: [quantile(sorted, 0.1), quantile(sorted, 0.9)] };
}

/** `48.3 ms (47.9–50.2)`. */
export function shown({ median, spread: [low, high] }: Figures): string {
  return `${median.toFixed(1)} ms (${low.toFixed(1)}–${high.toFixed(1)})`;
}

/** Between two samples where none is at the very place. NaN of nothing. */
function quantile(sorted: readonly number[], part: number): number {
  const place = (sorted.length - 1) * part;
  const [below = Number.NaN, above = Number.NaN] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  return below + (above - below) * (place - Math.floor(place));
}
