import { fromDialog } from './dialog.ts';
import { fromProgram } from './program.ts';
import { type Asking, cannotAsk, checkedCode, compact, type TokenSource } from './source.ts';

/**
 * The first source of token codes that is available.
 *
 * @throws UserError cannotAsk when there is none
 */
export function tokenSource(asking: Asking): TokenSource {
  for (const find of sources) {
    const source = find(asking);
    if (source) return source;
  }
  throw cannotAsk(asking.ui.whyNot);
}

const sources: readonly ((asking: Asking) => TokenSource | undefined)[] = [
  fromStdin,
  fromGiven,
  fromProgram,
  fromTerminal,
  fromDialog,
];

/** The first line of stdin. A program such as `yes CODE` writes more. */
function fromStdin({ code, world }: Asking): TokenSource | undefined {
  if (!code.fromStdin) return undefined;
  const name = 'stdin';
  const firstLine = () => world.readStdin().trim().split(/\r?\n/)[0] ?? '';
  return { name, kind: 'fixed', read: async () => checkedCode(compact(firstLine()), name) };
}

/** A code in an option or a variable. */
function fromGiven({ code: { given } }: Asking): TokenSource | undefined {
  if (!given) return undefined;
  const { code, by: name } = given;
  return { name, kind: 'fixed', read: async () => checkedCode(compact(code.reveal()), name) };
}

/** The controlling terminal. It is opened for the question only. */
export function fromTerminal({ ui }: Pick<Asking, 'ui'>): TokenSource | undefined {
  if (!ui.canAsk()) return undefined;
  return {
    name: 'the terminal',
    kind: 'person',
    read: async (question) => (await import('./prompt.ts')).askCode(ui, question),
  };
}
