import { pathOf } from '../config/files.ts';
import { type ShellName, shellCalled } from '../export/dialects.ts';
import { askedVariables, isAsked, keepers } from '../export/kept-answer.ts';
import { beginAnswer } from '../files/answers.ts';
import { cacheDirectory } from '../session/cache.ts';
import type { Held } from '../session/get-session.ts';
import type { Ui } from '../ui.ts';
import type { World } from '../world.ts';

declare const VERSION: string;

/** The answer to a shell's question, for the next time it asks the same. */
export interface Answer {
  readonly shell: ShellName;
  /**
   * @param code what the shell evaluates, or prints for `env`
   * @param words the line for people, before and behind the time left; nothing is said without them
   */
  keep(held: Held, minTtl: number, code: string, words?: readonly [before: string, after: string]): void;
  drop(): void;
}

/**
 * The shell functions put their question into a variable, in three lines: the name of a file; the shell, the version,
 * and in bash and zsh the names of the variables of AWS and awsmfa; the words. What is kept in that file is code that looks whether
 * everything is as it was. To be called before the shared files are read.
 *
 * @returns undefined where there is no question, one from the integration of another version, or one whose answer
 *   depends on what the shell cannot see
 */
export function beginToAnswer({ question = '', env, home, now, shellDirectory }: World): Answer | undefined {
  const [, name = '', called = '', version, names = ''] =
    /^(answer-[\w.-]+)\n([a-z]+):([^:\n]+):(.*)\n.*$/.exec(question) ?? [];
  const directory = cacheDirectory(env, home);
  const shell = shellCalled(called);
  const render = keepers[called];
  const variables = askedVariables(env);
  if (version !== VERSION || !shell || !render || !directory?.startsWith('/') || !variables) return undefined;
  // A variable that is not exported may be the next time.
  const isExported = names.split(' ').every((word) => env[word] !== undefined || !isAsked(word));
  const paths = [
    pathOf('AWS_CONFIG_FILE', 'config', { env, home }),
    pathOf('AWS_SHARED_CREDENTIALS_FILE', 'credentials', { env, home }),
    shellDirectory,
  ];
  // `$NAME` in a path is any variable.
  const isPlain = !`${env.AWS_CONFIG_FILE}${env.AWS_SHARED_CREDENTIALS_FILE}`.includes('$');
  const isOneLine = [...variables.values()].every((value) => !value.includes('\n'));
  if (!isExported || !isPlain || !isOneLine || !paths.every((path) => path.startsWith('/'))) return undefined;
  const since = Math.floor(now() / 1000);
  const file = beginAnswer(directory, name, paths);
  return (
    file && {
      shell,
      drop: file.drop,
      keep: ({ session: { expiration }, isCurrent }, minTtl, code, words) => {
        const until = expiration - Math.floor(minTtl);
        const { begun } = file;
        file.keep(
          (files) => render({ question, variables, files, since, until, expiration, begun, code, words }),
          isCurrent,
        );
      },
    }
  );
}

/** A ui that knows whether anything was said: what depends on more than the question is not answered again. */
export function listening(ui: Ui): { readonly ui: Ui; readonly any: () => boolean } {
  let said = false;
  const hear =
    (write: (line: string) => void) =>
    (line: string): void => {
      said = true;
      write(line);
    };
  return { ui: { ...ui, say: hear(ui.say), warn: hear(ui.warn) }, any: () => said };
}
