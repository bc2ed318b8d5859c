import { type ShellName, shellCalled } from '../export/dialects.ts';
import { type AnswerFile, beginAnswer } from '../files/answers.ts';
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
 * The shell functions put their question into a variable: the name of a file, and in the lines below it all that the
 * answer depends on, but for the shared files. It is kept as it is and never read: the shell compares it to the letter.
 * To be called before those files are read.
 *
 * @returns undefined where there is no question, or one from the integration of another version
 */
export function beginToAnswer({ question = '', env, home, now }: World): Answer | undefined {
  const [, name = '', called = '', version, text = ''] =
    /^(answer-([a-z]+)-[\w.-]+)\n(\S+) (.*)$/s.exec(question) ?? [];
  const directory = cacheDirectory(env, home);
  const shell = shellCalled(called);
  if (version !== VERSION || shell === undefined || directory === undefined) return undefined;
  const since = Math.floor(now() / 1000);
  const file: AnswerFile | undefined = beginAnswer(directory, name);
  return (
    file && {
      shell,
      drop: file.drop,
      keep: ({ session, isCurrent }, minTtl, code, [before, after] = ['', '']) => {
        const most = session.expiration - since;
        const times = `${session.expiration} ${Math.floor(minTtl)} ${most}`;
        file.keep(`${times}\n${version} ${text}\n${before}\n${after}\n${code}# end\n`, isCurrent);
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
