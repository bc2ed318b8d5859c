import { quote } from '../../text.ts';
import { plain, type ShellDialect } from '../dialect.ts';

export { quote } from '../../text.ts';

interface Words {
  readonly unset: string;
  /** With its trailing blank; empty for assignments that are not exported. */
  readonly export: string;
}

/**
 * bash and zsh. `\builtin` because an alias or a function of the user's that is called `unset` or `export`
 * would take over inside `eval`.
 */
export const bash: ShellDialect = posix({ unset: '\\builtin unset', export: '\\builtin export ' });

export const zsh: ShellDialect = bash;

/** dash, busybox ash, ksh: no `builtin` there; the backslash keeps aliases out, and POSIX keeps functions out. */
export const sh: ShellDialect = posix({ unset: '\\unset', export: '\\export ' });

/** For people, and for any POSIX shell: the words without backslashes. */
export const env: ShellDialect = posix({ unset: 'unset', export: 'export ' });

export const envNoExport: ShellDialect = posix({ unset: 'unset', export: '' });

function posix(words: Words): ShellDialect {
  return {
    kind: 'code',
    render: (change) =>
      change
        .map((step) =>
          'unset' in step
            ? `${words.unset} ${step.unset.join(' ')};\n`
            : `${words.export}${step.set}=${quote(plain(step.value))};\n`,
        )
        .join(''),
    failure: 'false\n',
    apply: (command) => `eval "$(${command})"`,
  };
}
