import { formatPatch, OMIT_HEADERS, structuredPatch } from 'diff';
import { shown } from './block.ts';

/** How lines that come and go are painted. */
export interface DiffPaints {
  readonly dim: (text: string) => string;
  readonly green: (text: string) => string;
  readonly red: (text: string) => string;
}

/** The lines of a small unified diff, for people. */
export function diffLines(before: string, after: string, paint: DiffPaints): string[] {
  const patch = structuredPatch('', '', before, after, undefined, undefined, { context: 2 });
  const lines = formatPatch(patch, OMIT_HEADERS).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('\\')).map((line) => painted(line, paint));
}

function painted(line: string, { dim, green, red }: DiffPaints): string {
  if (line.startsWith('@@')) return dim(line);
  const text = line.charAt(0) + shown(line.slice(1));
  return line.startsWith('+') ? green(text) : line.startsWith('-') ? red(text) : dim(text);
}
