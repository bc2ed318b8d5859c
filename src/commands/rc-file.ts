import { accessSync, constants, readFileSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { Exit, orUndefined, UserError } from '../errors.ts';
import type { Integration } from '../export/integration.ts';
import { makeHome, placeOf, replaceFile } from '../files/replace.ts';
import { readSharedBytes } from '../files/shared-file.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';

/** A shell's rc file as it is on the disk; one character a byte (`latin1`), whatever its encoding. */
export interface RcFile {
  readonly path: string;
  readonly text: string;
  /** Undefined for a file that is not there yet. */
  readonly stats: Stats | undefined;
}

/**
 * @param advice what to do instead, for an error
 * @throws UserError (configuration, unreadable-file)
 */
export function readRcFile(path: string, advice: string): RcFile {
  try {
    const file = { path, text: '', stats: undefined, ...read(path) };
    if (!/^(?:\xff\xfe|\xfe\xff)/.test(file.text)) return file;
    throw new UserError(
      Exit.configuration,
      'unreadable-file',
      `${printable(path)} is in UTF-16, as PowerShell 5.1 writes with >>`,
    );
  } catch (error) {
    throw withHint(error, advice);
  }
}

/**
 * Call this before you ask the user for a yes.
 *
 * @throws UserError (configuration, cannot-write)
 */
export function checkWritable({ path, stats }: RcFile, advice: string): void {
  try {
    const { target } = placeOf(path);
    if (stats && isReadOnly(target, stats)) throw cannotWrite(path, 'it is read-only');
  } catch (error) {
    throw withHint(error, advice);
  }
}

/**
 * Replaces the file, or makes it as the user's umask has it. The file keeps its mode and its owner; a symbolic link
 * stays, and the file behind it is replaced.
 *
 * @throws UserError (configuration, cannot-write), also when the file has changed since it was read
 */
export async function writeRcFile(before: RcFile, text: string, advice: string): Promise<void> {
  const { path, stats } = before;
  checkWritable(before, advice);
  try {
    const place = placeOf(path);
    if (!place.hasDirectory) makeHome(place);
    const mode = stats ? stats.mode & 0o7777 : 0o666 & ~process.umask();
    const isStill = () => (read(path)?.text ?? '') === before.text;
    const bytes = Buffer.from(text, 'latin1');
    if (await replaceFile(placeOf(path), bytes, stats, isStill, mode)) return;
    throw cannotWrite(path, 'something else has just changed it');
  } catch (error) {
    throw withHint(error, advice);
  }
}

function read(path: string): { text: string; stats: Stats } | undefined {
  const content = readSharedBytes(path);
  return content && { text: content.bytes.toString('latin1'), stats: content.stats };
}

/** A rename would replace a read-only file too, and root can write everything. */
function isReadOnly(target: string, { mode }: Stats): boolean {
  const isOpen = orUndefined(() => {
    accessSync(target, constants.W_OK);
    return (mode & 0o222) !== 0;
  });
  return !isOpen;
}

function cannotWrite(path: string, reason: string): UserError {
  return new UserError(Exit.configuration, 'cannot-write', `Cannot write ${printable(path)}: ${reason}`);
}

/** The usual hint of these functions is about the shared files. */
function withHint(error: unknown, hint: string): unknown {
  return error instanceof UserError ? error.with({ hint }) : error;
}

/**
 * The rc file that a new interactive shell reads; undefined without a home. bash on macOS is the exception: its terminals
 * open login shells, which read the first of three files (bash(1), "INVOCATION"), and `.bashrc` only if that file says so.
 */
export function rcFileOf({ name }: Pick<Integration, 'name'>, world: World): string | undefined {
  const { env, home } = world;
  switch (name) {
    case 'zsh':
      return under(env.ZDOTDIR || home, '.zshrc');
    case 'fish':
      return under(env.XDG_CONFIG_HOME || under(home, '.config'), 'fish/config.fish');
    case 'powershell':
      return powershellProfile(world);
    case 'nushell':
      return under(nushellDirectory(world), 'config.nu');
    case 'cmd':
      // Only a value of the registry, which is the user's to set.
      return undefined;
    default:
      return home && (world.platform === 'darwin' ? loginFile(home) : join(home, '.bashrc'));
  }
}

/**
 * `$PROFILE`. PowerShell puts the directory of the user's modules into PSModulePath, and the profile lies beside that,
 * wherever "Documents" is (about_Profiles, about_PSModulePath). 5.1 and 7 have different ones.
 */
function powershellProfile({ env, home, platform }: World): string | undefined {
  const file = 'Microsoft.PowerShell_profile.ps1';
  if (platform !== 'win32') return under(env.XDG_CONFIG_HOME || under(home, '.config'), `powershell/${file}`);
  const start = home && `${home.toLowerCase()}\\`;
  const modules = env.PSModulePath?.split(';').find(
    (path) =>
      start && path.toLowerCase().startsWith(start) && /\\(?:Windows)?PowerShell\\Modules$/i.test(path),
  );
  return under(modules?.replace(/\\Modules$/i, '') ?? under(home, 'Documents/PowerShell'), file);
}

/** nushell's book, "Configuration": `$nu.default-config-dir`. */
function nushellDirectory({ env, home, platform }: World): string | undefined {
  if (env.XDG_CONFIG_HOME) return join(env.XDG_CONFIG_HOME, 'nushell');
  if (platform === 'win32') return under(env.APPDATA, 'nushell');
  return under(home, platform === 'darwin' ? 'Library/Application Support/nushell' : '.config/nushell');
}

/** Every file that `setup` may have written to. */
export function allRcFiles(integrations: readonly Integration[], world: World): readonly string[] {
  const { home } = world;
  const files = integrations.map((integration) => rcFileOf(integration, world));
  const bash = home === undefined ? [] : ['.bashrc', ...loginFiles].map((file) => join(home, file));
  return [...new Set([...files, ...bash])].filter((file) => file !== undefined);
}

const loginFiles = ['.bash_profile', '.bash_login', '.profile'] as const;

/** A new `.bash_profile` would hide a `.profile` that is there. */
function loginFile(home: string): string {
  const isThere = (path: string) => orUndefined(() => statSync(path).isFile());
  const file = loginFiles.map((name) => join(home, name)).find(isThere) ?? join(home, '.bash_profile');
  const text = orUndefined(() => readFileSync(file, 'latin1')) ?? '';
  return /^[^#\n]*\.bashrc/m.test(text) ? join(home, '.bashrc') : file;
}

function under(directory: string | undefined, file: string): string | undefined {
  return directory && join(directory, file);
}

/** awsmfa's own lines in an rc file stand between these two lines, as in other tools. */
const begin = '# >>> awsmfa >>>';
const end = '# <<< awsmfa <<<';

/**
 * The text of an rc file with awsmfa's block in it: in the place of one that is there, else at the end. Its lines end
 * in a line feed whatever the others end in: a shell would take a carriage return for a part of the path.
 *
 * @param text one character a byte (`latin1`), so that bytes that are no UTF-8 stay what they are
 * @throws UserError (broken-block) for a block without an end
 */
export function withBlock(text: string, line: string, path: string): string {
  const blocks = blocksIn(text, path);
  const block = `${begin}\n${Buffer.from(line, 'utf8').toString('latin1')}\n${end}\n`;
  const [first] = blocks;
  if (!first) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${block}`;
  // At the end of the file its last line may have no end.
  if (blocks.length === 1 && `${text.slice(...first)}\n`.startsWith(block)) return text;
  return text.slice(0, first[0]) + block + withoutBlock(text.slice(first[1]), path);
}

/** The text without the block, and without anything else missing. */
export function withoutBlock(text: string, path: string): string {
  const blocks = blocksIn(text, path);
  return blocks.reduceRight((rest, [from, to]) => rest.slice(0, from) + rest.slice(to), text);
}

/** A line outside of the block that loads the integration, put there by hand or by `awsmfa init zsh >> ~/.zshrc`. */
export interface OwnLine {
  readonly number: number;
  /** Fit for a terminal. */
  readonly line: string;
}

/** @param shell as in `awsmfa.zsh` and `awsmfa init zsh` */
export function ownLine(
  text: string,
  shell: Pick<Integration, 'name' | 'file'>,
  path: string,
): OwnLine | undefined {
  const blocks = blocksIn(text, path);
  const loads = new RegExp(
    `^\\s*[^#\\s].*\\b(?:${shell.file.replace('.', '\\.')}|awsmfa\\s+init\\s+${shell.name})\\b|^\\s*awsmfa\\s+init\\s+${shell.name}\\b`,
  );
  let at = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const inBlock = blocks.some(([from, to]) => at >= from && at < to);
    if (!inBlock && loads.test(line)) return { number: index + 1, line: shown(line) };
    at += line.length + 1;
  }
  return undefined;
}

/** A line of the file as text, for people. */
export function shown(line: string): string {
  return printable(
    Buffer.from(line, 'latin1').toString('utf8').replace(/\r$/, '').replaceAll('\t', '  '),
    200,
  );
}

type Span = readonly [from: number, to: number];

/** From the start of the first marker's line to the end of the last one's. */
function blocksIn(text: string, path: string): readonly Span[] {
  const blocks: Span[] = [];
  let open: number | undefined;
  let at = 0;
  for (const line of text.split(/(?<=\n)/)) {
    const words = line.trim();
    if (words === begin) {
      if (open !== undefined) throw broken(text, open, path);
      open = at;
    }
    at += line.length;
    if (words === end && open !== undefined) {
      blocks.push([open, at]);
      open = undefined;
    }
  }
  if (open !== undefined) throw broken(text, open, path);
  return blocks;
}

function broken(text: string, at: number, path: string): UserError {
  const number = text.slice(0, at).split('\n').length;
  return new UserError(
    Exit.configuration,
    'broken-block',
    `${printable(path)}:${number}: "${begin}" begins here, and "${end}" does not follow`,
    'Nothing was changed in it: correct it by hand, then try again.',
  );
}
