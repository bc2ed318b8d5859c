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

/** The same as a page: the table in Markdown, and how it was measured. */
export function page(rows: readonly Row[], notes: readonly string[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const body = rows.map(({ what, measured, atMost, ok, from }) =>
    line([what, measured, atMost, ok === undefined ? '' : ok ? 'pass' : '**miss**', from]),
  );
  return `# Benchmark

\`npm run bench\` wrote this page. Run it to measure on your machine.

${[line(['what', 'measured', 'at most', 'result', 'median (p10–p90)']), line(['---', '---:', '---:', '---', '---']), ...body].join('\n')}

## Method

- Everything is measured in one run, in turns (A B C A B C …), so that what slows the machine for a while slows all of it.
- A ratio compares two medians of that run. \`node -e 0\` is Node that starts and does nothing.
- STS is a local one on loopback. NODE_EXTRA_CA_CERTS is not set: it alone adds 40 ms to Node 20.
- CPU is user and system time of the program and its children, from \`times\` of \`sh\`.

${notes.map((note) => `- ${note}`).join('\n')}
`;
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
