import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { loadSharedFiles } from '../../src/config/files.ts';
import { UserError } from '../../src/errors.ts';
import { byDefault } from '../../src/profile/choice.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { resolveProfile } from '../../src/profile/resolve.ts';
import type { Environment } from '../../src/world.ts';

interface Files {
  readonly config?: string;
  readonly credentials?: string;
}

/** Reads and resolves the profiles of two texts, in homes that go when the tests are done. */
export function resolver() {
  const directory = mkdtempSync(join(tmpdir(), 'awsmfa-resolver-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  let count = 0;
  const load = ({ config = '', credentials = '' }: Files) => {
    count += 1;
    const home = join(directory, String(count));
    mkdirSync(join(home, '.aws'), { recursive: true });
    writeFileSync(join(home, '.aws', 'config'), config);
    writeFileSync(join(home, '.aws', 'credentials'), credentials);
    return loadSharedFiles({ env: {}, home });
  };
  /** @param name undefined: nobody names a profile */
  const resolve = (files: Files, name: string | undefined, env: Environment = {}): Profile => {
    const choice = name === undefined ? { name: 'default', by: byDefault } : { name, by: 'the argument' };
    return resolveProfile(choice, load(files), env);
  };
  return { load, resolve };
}

/** Where credentials come from, and through which roles, nearest to the keys first. */
export function way(profile: Profile): readonly string[] {
  if (profile.kind === 'role') return [...way(profile.source), profile.roleArn.value];
  return ['keys' in profile ? profile.keys.accessKeyId : `${profile.kind} of ${profile.name}`];
}

/** What is said to the user, with the path of the file cut to its name. Nothing of a canary may be in it. */
export function refusal(find: () => unknown) {
  try {
    find();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { exit, code, message, hint } = error;
    if (/canary/.test(message + hint)) throw new Error('a secret in an error');
    return { exit, code, message: message.replaceAll(/\/\S*\/(?=config|credentials)/g, ''), hint };
  }
  throw new Error('nothing was refused');
}

export function keys(id: string): string {
  return `aws_access_key_id = ${id}\naws_secret_access_key = canary\n`;
}
