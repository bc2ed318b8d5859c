import { loadSharedFiles } from '../../config/files.ts';
import { UserError } from '../../errors.ts';
import { sourceOf } from '../../profile/profile.ts';
import type { Chosen } from '../../session/get-session.ts';
import { stsEndpoint } from '../../sts/endpoint.ts';
import { type Reached, reach } from '../../sts/identity.ts';
import type { Environment, World } from '../../world.ts';
import { nobody } from './nobody.ts';

/** STS, asked whose the keys of a profile are; where there are none, asked without. */
export async function askSts(chosen: Chosen | UserError, env: Environment, world: World): Promise<Reached> {
  const root = chosen instanceof UserError ? nobody : sourceOf(chosen.profile);
  try {
    const files = chosen instanceof UserError ? noFiles : chosen.files;
    const endpoint = { ...stsEndpoint({}, env, root, files), attempts: 1 };
    return await reach('keys' in root ? root.keys : undefined, root.name, endpoint, world.now, seconds);
  } catch (error) {
    if (error instanceof UserError) return { endpoint: undefined, error, offline: false };
    throw error;
  }
}

/** For one answer, the way there included. */
const seconds = 5;

const noFiles = loadSharedFiles({
  env: { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
  home: undefined,
});
