import { checkedCode } from '../code.ts';
import type { Asking, TokenSource } from '../source.ts';

/** `AWSMFA_TOKEN_CODE`; empty counts as unset. */
export function fromEnvironment({ world }: Asking): TokenSource | undefined {
  const name = 'AWSMFA_TOKEN_CODE';
  const code = world.env[name];
  if (!code) return undefined;
  return { name, kind: 'fixed', read: async () => checkedCode(code.trim(), name) };
}
