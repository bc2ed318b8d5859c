import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadSharedFiles } from '../config/files.ts';
import { Exit, orUndefined, UserError } from '../errors.ts';
import type { Change } from '../export/environment.ts';
import { readText } from '../files/disk.ts';
import { resolveProfile } from '../profile/resolve.ts';
import { printable } from '../text.ts';
import type { World } from '../world.ts';

/** A file whose credentials programs find before they ask a server. */
export interface Shadow {
  readonly file: 'config' | 'credentials' | 'boto';
  readonly path: string;
}

/**
 * Finds what a program uses before it asks a server: the profile `default`, which every SDK reads first, and boto's own
 * file, which boto3 still reads. The files are those that the program would read.
 */
export function findShadows(world: World): readonly Shadow[] {
  const shadows: Shadow[] = [];
  const { configPath, credentialsPath } = loadSharedFiles(world);
  if (hasDefault(world)) {
    const env = { ...world.env, AWS_SHARED_CREDENTIALS_FILE: nothing(world) };
    const isInConfig = hasDefault({ ...world, env });
    shadows.push(
      isInConfig ? { file: 'config', path: configPath } : { file: 'credentials', path: credentialsPath },
    );
  }
  const boto = botoPaths(world).find(hasBotoKeys);
  if (boto !== undefined) shadows.push({ file: 'boto', path: boto });
  return shadows;
}

/**
 * The change that hides those files from a command, and the line that says so.
 *
 * @throws UserError configuration for what cannot be hidden: the config file, which has more in it than credentials
 */
export function hideFromCommand(world: World): {
  readonly lines: readonly string[];
  readonly change: Change;
} {
  const shadows = findShadows(world);
  if (shadows.length === 0) return { lines: [], change: [] };
  const has = (wanted: Shadow['file']) => shadows.some(({ file }) => file === wanted);
  const paths = shadows.map(({ path }) => printable(path, 100)).join(', ');
  if (has('config')) {
    throw new UserError(
      Exit.configuration,
      'default-comes-first',
      `[default] of ${paths} has credentials, and programs take those before they ask a server`,
      'Give that section another name, or leave --serve out.',
    );
  }
  const whose = has('credentials') ? '[default]' : 'boto';
  return {
    lines: [`Hidden from the command, which would take the keys of ${whose} before it asks: ${paths}`],
    change: [
      ...(has('credentials') ? withoutCredentialsFile(world) : []),
      ...(has('boto') ? [{ set: 'BOTO_CONFIG', value: nothing(world) }] : []),
    ],
  };
}

/**
 * The SDK for JavaScript v2 reads AWS_SHARED_CREDENTIALS_FILE only together with AWS_SDK_LOAD_CONFIG, and fails then
 * without a config file.
 */
function withoutCredentialsFile(world: World): Change {
  const { configPath } = loadSharedFiles(world);
  const hasConfig = textOf(configPath) !== undefined;
  return [
    { set: 'AWS_SHARED_CREDENTIALS_FILE', value: nothing(world) },
    { set: 'AWS_SDK_LOAD_CONFIG', value: '1' },
    ...(hasConfig ? [] : [{ set: 'AWS_CONFIG_FILE', value: nothing(world) }]),
  ];
}

/** A file without profiles, for every program. */
function nothing({ platform }: World): string {
  return platform === 'win32' ? 'NUL' : '/dev/null';
}

function hasDefault(world: World): boolean {
  const choice = { name: 'default', by: 'every SDK' };
  return orUndefined(() => resolveProfile(choice, loadSharedFiles(world), world.env)) !== undefined;
}

/** Where botocore's BotoProvider looks. */
function botoPaths({ env, home = homedir(), platform }: World): readonly string[] {
  if (env.BOTO_CONFIG) return [env.BOTO_CONFIG];
  return [...(platform === 'win32' ? [] : ['/etc/boto.cfg']), join(home, '.boto')];
}

function hasBotoKeys(path: string): boolean {
  const [, section = ''] = /^\[Credentials\]([^[]*)/m.exec(textOf(path) ?? '') ?? [];
  return /^\s*aws_access_key_id\s*[=:]\s*\S/im.test(section);
}

function textOf(path: string): string | undefined {
  return orUndefined(() => readText(path));
}
