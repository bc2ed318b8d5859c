import { checkedCode } from '../code.ts';
import type { Asking, TokenSource } from '../source.ts';

/** `--token-code CODE`. */
export function fromOption({ flags }: Asking): TokenSource | undefined {
  const code = flags['token-code'];
  if (code === undefined) return undefined;
  const name = '--token-code';
  return { name, kind: 'fixed', read: async () => checkedCode(code.trim(), name) };
}
