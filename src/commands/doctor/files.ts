import { readlinkSync, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathOf } from '../../config/files.ts';
import { UserError } from '../../errors.ts';
import { realPath } from '../../files/disk.ts';
import { readSharedFile } from '../../files/shared-file.ts';
import { printable } from '../../printable.ts';
import { shellWord } from '../../shell-word.ts';
import type { World } from '../../world.ts';
import { type Check, type Finding, failed, ok, warning } from './finding.ts';
import { type FileKind, textFindings } from './text.ts';

/** The shared config file: where it is, who may read and write it, and what is wrong in it. */
export const configFile: Check = ({ world }) => look('config', world);

/** The shared credentials file, likewise. */
export const credentialsFile: Check = ({ world }) => look('credentials', world);

function look(kind: FileKind, world: World): readonly Finding[] {
  const variable = kind === 'config' ? 'AWS_CONFIG_FILE' : 'AWS_SHARED_CREDENTIALS_FILE';
  const path = pathOf(variable, kind, world);
  const named = world.env[variable] ? ` (${variable})` : '';
  try {
    const text = path.startsWith('~') ? undefined : readSharedFile(path);
    if (text === undefined) return [missing(path, named)];
    const found = [...owner(path), ...access(path, text), ...textFindings(kind, path, text)];
    return found.length > 0 ? found : [ok(`${printable(path)}${leadsTo(path)}${named}`)];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [failed(error), ...ownerIfKnown(path)];
  }
}

/** Why it cannot be read, perhaps; what stands in its place may be anything. */
function ownerIfKnown(path: string): readonly Finding[] {
  try {
    return owner(path);
  } catch {
    return [];
  }
}

/** A file that a variable names, or a link leads to, was meant to be there. */
function missing(path: string, named: string): Finding {
  const message = `${printable(path)}${named} does not exist`;
  const target = linkOf(path);
  if (target !== undefined) {
    return warning(
      `${printable(path)}${named} is a link to ${target}, which does not exist`,
      'Mend the link, or remove it.',
    );
  }
  return named && path !== '/dev/null'
    ? warning(message, `Correct or unset${named.replace(/[()]/g, '')}.`)
    : ok(message);
}

/** What a link says; undefined for what is none. */
function linkOf(path: string): string | undefined {
  try {
    return printable(readlinkSync(path));
  } catch {
    return undefined;
  }
}

function leadsTo(path: string): string {
  const real = realPath(path);
  return real === path ? '' : ` → ${printable(real)}`;
}

/** `sudo aws configure` leaves a file behind that is root's. */
function owner(path: string): readonly Finding[] {
  const real = realPath(path);
  const { uid } = statSync(real);
  if (!process.getuid || uid === process.getuid()) return [];
  return [
    warning(
      `${printable(path)}${leadsTo(path)} belongs to another user (${uid}): awsmfa and the AWS CLI cannot change it`,
      `Take it over: sudo chown "$(id -un)" ${shellWord(real)}`,
    ),
  ];
}

/** Other users who can read the file have the keys. Those who can write it, or its directory, can make programs run. */
function access(path: string, text: string): readonly Finding[] {
  if (!process.getuid) return [];
  const shown = `${printable(path)}${leadsTo(path)}`;
  const real = realPath(path);
  const file = statSync(real);
  const directory = statSync(dirname(real));
  const found: Finding[] = [];
  const holdsKeys = /^\s*aws_secret_access_key\s*[=:]\s*\S/im.test(text);
  const readable = holdsKeys && (file.mode & 0o044) !== 0;
  const writable = (file.mode & 0o022) !== 0;
  if (readable || writable) {
    const [may, mode] = readable ? ['read', '600'] : ['change', 'go-w'];
    found.push(
      warning(
        `${shown} has mode ${octal(file)}: other users may ${may} it`,
        `chmod ${mode} ${shellWord(real)}`,
      ),
    );
  }
  // In a directory with the sticky bit, such as /tmp, nobody can replace another's file.
  if ((directory.mode & 0o022) !== 0 && (directory.mode & 0o1000) === 0) {
    found.push(
      warning(
        `${printable(dirname(real))} has mode ${octal(directory)}: other users may replace the files in it`,
        `chmod go-w ${shellWord(dirname(real))}`,
      ),
    );
  }
  return found;
}

function octal({ mode }: Stats): string {
  return (mode & 0o7777).toString(8).padStart(3, '0');
}
