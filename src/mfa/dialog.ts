import { Exit, UserError } from '../errors.ts';
import { runProgram } from '../system/program.ts';
import { cancelled } from '../system/signals.ts';
import type { World } from '../world.ts';
import {
  type Asking,
  cannotAsk,
  checkedCode,
  codeQuestion,
  compact,
  isCode,
  type Question,
  type TokenSource,
} from './source.ts';

/** A dialog on the desktop, where there is no terminal: an IDE runs awsmfa as its credential process. */
export function fromDialog({ ui, world }: Asking): TokenSource | undefined {
  const dialogs = ui.mayAsk ? dialogsOf(world) : [];
  if (dialogs.length === 0) return undefined;
  const name = 'the dialog';
  return {
    name,
    kind: 'person',
    read: async (question) => {
      let { problem } = question;
      for (let tries = 1; ; tries++) {
        const code = compact(await show(dialogs, textOf({ ...question, problem }), world));
        if (isCode(code) || tries === 3) return checkedCode(code, name);
        problem = 'Six digits, please';
      }
    },
  };
}

/** The command of a program that shows a text and a hidden field, and prints the answer. Status 1 means cancelled. */
type Dialog = (text: string) => readonly string[];

function dialogsOf({ platform, env }: World): readonly Dialog[] {
  if (platform === 'win32') return [];
  // Nobody would see a dialog of an ssh session.
  if (platform === 'darwin') return env.SSH_CONNECTION ? [] : [osascript];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? [zenity, kdialog] : [];
}

const title = 'awsmfa';

/** The text is an argument of the script and no part of it. */
const osascript: Dialog = (text) => [
  'osascript',
  '-e',
  'on run argv',
  '-e',
  `set answer to display dialog (item 1 of argv) with title "${title}" default answer "" with hidden answer`,
  '-e',
  'return text returned of answer',
  '-e',
  'end run',
  text,
];

/** zenity reads `_` as the mark of a shortcut key. */
const zenity: Dialog = (text) => [
  'zenity',
  '--entry',
  '--hide-text',
  `--title=${title}`,
  `--text=${text.replaceAll('_', '__')}`,
];

const kdialog: Dialog = (text) => ['kdialog', '--title', title, '--password', text];

/** kdialog would read markup in a name from the files, and zenity an escape. */
function textOf(question: Question): string {
  const { problem } = question;
  return `${problem ? `${problem}\n` : ''}${codeQuestion(question)}`.replace(/[<>&\\]/g, '?');
}

/** The answer from the first program that can show a dialog. */
async function show(dialogs: readonly Dialog[], text: string, world: World): Promise<string> {
  for (const dialog of dialogs) {
    const words = dialog(text);
    const ran = await runProgram({
      words,
      command: '',
      env: world.env,
      platform: world.platform,
      terminal: undefined,
      seconds,
      most: 4096,
    });
    if (ran.ok) return ran.stdout;
    if (ran.reason === 'interrupted') throw ran.why;
    if (ran.reason === 'failed' && ran.status === 1) throw cancelled();
    if (ran.reason === 'too-slow') {
      throw new UserError(Exit.cannotAsk, 'cannot-ask', 'Nobody answered the dialog in 10 minutes');
    }
  }
  const names = dialogs.map((dialog) => dialog('')[0]).join(', ');
  throw cannotAsk(`there is no terminal, and no dialog could be shown (${names})`);
}

const seconds = 600;
