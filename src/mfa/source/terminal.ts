import type { Asking, TokenSource } from '../source.ts';

/** The controlling terminal, where there is one. It is opened for the question only. */
export function fromTerminal({ flags, world }: Asking): TokenSource | undefined {
  const probe = flags['no-prompt'] ? undefined : world.openTerminal();
  if (!probe) return undefined;
  probe.close();
  return {
    name: 'the terminal',
    kind: 'person',
    read: async (question) => (await import('../prompt.ts')).askCode(world, question),
  };
}
