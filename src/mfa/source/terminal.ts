import type { World } from '../../world.ts';
import type { Question, TokenSource } from '../code.ts';

/** The controlling terminal, where there is one. It is opened for the question only. */
export function fromTerminal(world: World): TokenSource | undefined {
  const probe = world.openTerminal();
  if (!probe) return undefined;
  probe.close();
  return {
    name: 'the terminal',
    again: true,
    read: async (question: Question) => {
      const { askCode } = await import('../prompt.ts');
      return askCode(world, question);
    },
  };
}
