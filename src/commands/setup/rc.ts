import { formatPatch, OMIT_HEADERS, structuredPatch } from 'diff';
import { Exit, UserError, usage } from '../../errors.ts';
import { runningShell } from '../../export/dialects.ts';
import { type Integration, integrations, loadLine, rcLine } from '../../export/integration.ts';
import { askYes } from '../../mfa/prompt.ts';
import { type Paints, paints, plain } from '../../screen.ts';
import { printable, tilde } from '../../text.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import {
  allRcFiles,
  checkWritable,
  type OwnLine,
  ownLine,
  type RcFile,
  rcFileOf,
  readRcFile,
  shown,
  withBlock,
  withoutBlock,
  writeRcFile,
} from '../rc-file.ts';
import type { Guide } from './guide.ts';

/** What is to happen to the rc file. */
export interface RcPlan {
  /** What loads the integration into a running shell; undefined for a shell that has none. */
  readonly now: string | undefined;
  /** Undefined: no file is touched. */
  readonly edit: RcEdit | undefined;
}

interface RcEdit {
  /** What loads the integration, for the rc file. */
  readonly line: string;
  readonly file: RcFile;
  readonly after: string;
  readonly own: OwnLine | undefined;
}

/**
 * Looks at the rc file before anything is written.
 *
 * @throws UserError for a file that cannot be read, and for an awsmfa that is not installed; cannotAsk when the file lacks the
 *   line and nobody can say yes
 */
export function planRc(guide: Guide): RcPlan {
  const { options, world } = guide;
  const shell = shellOf(guide);
  if (!shell) return { now: undefined, edit: undefined };
  const line = rcLine(shell, world.shellDirectory);
  const now = loadLine(shell, world.shellDirectory);
  const path = options.rcFile ?? rcFileOf(shell, world);
  if (options.noRc || path === undefined) return { now, edit: undefined };
  refusePassing(world.shellDirectory);
  const file = readRcFile(
    path,
    `Leave it alone with --no-rc, and put this where your shell reads it: ${line}`,
  );
  const hasBlock = withoutBlock(file.text, path) !== file.text;
  const own = hasBlock ? undefined : ownLine(file.text, shell, path);
  const after = own ? file.text : withBlock(file.text, line, path);
  if (after !== file.text && !guide.asks && !options.yes) {
    throw guide.unanswered(
      `${tilde(path, world.home)} does not load the shell integration yet`,
      'Add it with --yes, or leave the file alone with --no-rc.',
    );
  }
  return { now, edit: { line, file, after, own } };
}

/** Shows what would change, and writes it on a yes. @returns whether a new shell will have the integration */
export async function applyRc({ edit }: RcPlan, guide: Guide): Promise<boolean> {
  const { options, ui, world } = guide;
  if (!edit) return false;
  const { line, file, after, own } = edit;
  const path = tilde(file.path, world.home);
  if (own || after === file.text) {
    const where = own ? `, in line ${own.number}: ${own.line.trim()}` : '';
    ui.say(`${path} loads the shell integration already${where}`);
    return true;
  }
  const advice = `All else is done. Add this line by hand, there or where your shell reads it: ${line}`;
  checkWritable(file, advice);
  if (!options.yes) {
    const paint = (world.stderrIsTerminal() && paints(world.env)) || plain;
    // Also with --quiet: the user must see the change before the question.
    ui.warn(`${path}${file.stats ? '' : ' (a new file)'}`);
    for (const text of diffLines(file.text, after, paint)) ui.warn(text);
    if (!(await askYes(ui, `Write this to ${path}?`, true))) return false;
  }
  await writeRcFile(file, after, advice);
  guide.wrote(`Wrote the shell integration to ${path}`);
  return true;
}

/** npx, pnpm dlx and bunx put a package into a cache, where an rc file cannot rely on it. */
function refusePassing(directory: string): void {
  if (!/[\\/](?:_npx|dlx|bunx)[-\\/]/.test(directory)) return;
  throw new UserError(
    Exit.configuration,
    'not-installed',
    'This awsmfa runs from a cache of packages, and its shell integration goes with it',
    'Install it first, as its README.md says. To go on without the rc file: --no-rc',
  );
}

/** Undefined for a shell without an integration. */
function shellOf({ options, world }: Guide): Integration | undefined {
  const name = options.shell ?? runningShell(world) ?? '';
  const shell = integrations.find((integration) => integration.name === name);
  if (shell) return shell;
  if (options.shell !== undefined) {
    throw usage(
      `--shell: there is no integration for "${printable(name, 40)}"`,
      `There is one for ${integrations.map((integration) => integration.name).join(', ')}.`,
    );
  }
  if (options.rcFile === undefined) return undefined;
  throw usage(
    '--rc-file: no shell with an integration runs awsmfa, so for which one is it?',
    'Name it with --shell.',
  );
}

/**
 * `setup --remove`: takes awsmfa's block out of the rc files, and nothing else. It names lines that the user wrote, and leaves
 * them there. Profiles, keys and sessions stay.
 */
export async function removeIntegration(
  rcFile: string | undefined,
  { say }: Ui,
  world: World,
): Promise<void> {
  const paths = rcFile === undefined ? allRcFiles(integrations, world) : [rcFile];
  const advice = 'Take the lines between "# >>> awsmfa >>>" and "# <<< awsmfa <<<" out by hand.';
  let found = false;
  for (const path of paths) {
    const file = readRcFile(path, advice);
    const after = withoutBlock(file.text, path);
    const shown = tilde(path, world.home);
    if (after !== file.text) {
      await writeRcFile(file, after, advice);
      say(`Took the shell integration out of ${shown}`);
      found = true;
    }
    const own = integrations.map((shell) => ownLine(after, shell, path)).find((line) => line);
    if (own) say(`${shown}, line ${own.number}, was not written by setup and stays: ${own.line.trim()}`);
  }
  say(
    found
      ? 'Shells that are open keep it until they end. Profiles, keys and cached sessions are still there.'
      : 'Nothing to remove: no rc file has the lines of setup',
  );
}

/** The lines of a small unified diff, for people. */
function diffLines(before: string, after: string, paint: Paints): string[] {
  const patch = structuredPatch('', '', before, after, undefined, undefined, { context: 2 });
  const lines = formatPatch(patch, OMIT_HEADERS).split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('\\')).map((line) => painted(line, paint));
}

function painted(line: string, { dim, green, red }: Paints): string {
  if (line.startsWith('@@')) return dim(line);
  const text = line.charAt(0) + shown(line.slice(1));
  return line.startsWith('+') ? green(text) : line.startsWith('-') ? red(text) : dim(text);
}
