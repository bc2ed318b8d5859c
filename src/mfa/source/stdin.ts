import { checkedCode } from '../code.ts';
import type { Asking, TokenSource } from '../source.ts';

/** `--token-code -`: the first line of stdin. */
export function fromStdin({ flags, world }: Asking): TokenSource | undefined {
  if (flags['token-code'] !== '-') return undefined;
  const name = 'stdin';
  return { name, kind: 'fixed', read: async () => checkedCode(firstLine(world.readStdin()), name) };
}

/** `yes CODE` says it more than once. */
function firstLine(text: string): string {
  return text.trim().split(/\r?\n/)[0]?.trim() ?? '';
}
