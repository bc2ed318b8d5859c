/** One line of the report. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  /** Empty for what is only told. */
  readonly atMost: string;
  /** Undefined where there is nothing to keep to. */
  readonly ok: boolean | undefined;
  /** What the figure was made of. */
  readonly from: string;
}

/** A figure that may have at most a given size. */
export function limited(what: string, value: number, most: number, unit: string, from: string): Row {
  const digits = unit === '' ? 0 : 2;
  const say = (number: number) => `${number.toFixed(digits).replace(/^-(?=[0.]+$)/, '')} ${unit}`.trim();
  return { what, measured: say(value), atMost: say(most), ok: value <= most, from };
}

/** A figure without a limit. */
export function told(what: string, measured: string, from: string): Row {
  return { what, measured, atMost: '', ok: undefined, from };
}

/** Aligned; a miss stands out without colours too. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ what, measured, atMost, ok, from }) => [
    what,
    measured,
    atMost,
    ok === undefined ? '' : ok ? 'yes' : 'MISS',
    from,
  ]);
  const all = [['what', 'measured', 'at most', 'ok', 'median (p10–p90)'], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 1 || column === 2 ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
}
