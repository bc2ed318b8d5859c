import { loadSharedFiles, type SharedFiles } from '../config/files.ts';
import { Exit, UserError } from '../errors.ts';
import { environmentCredentials } from '../profile/keys.ts';
import type { Profile } from '../profile/profile.ts';
import { stsEndpoint } from '../sts/endpoint.ts';
import type { Identity } from '../sts/identity.ts';
import type { World } from '../world.ts';
import type { Holding } from './holding.ts';

/**
 * Whose keys the shell holds, as STS says.
 *
 * @throws UserError when there are none, and when STS does not take them
 */
export async function verify({ profile = 'default' }: Holding, world: World): Promise<Identity> {
  const credentials = environmentCredentials(world.env);
  if (!credentials) {
    throw new UserError(
      Exit.failed,
      'no-keys',
      'This shell holds no keys that STS could be asked about',
      'Get a session: awsmfa use',
    );
  }
  const files = loadSharedFiles(world);
  const endpoint = stsEndpoint({}, world.env, settingsOf(profile, files), files);
  const { identify } = await import('../sts/identity.ts');
  return identify(credentials, profile, endpoint, world.now).catch((error) => {
    throw ofThisShell(error);
  });
}

/** What is wrong with a source when a session is asked for, is wrong with the shell's own keys here. */
function ofThisShell(error: unknown): unknown {
  if (!(error instanceof UserError)) return error;
  if (error.code === 'source-expired') {
    return new UserError(Exit.refused, 'expired', 'The session of this shell has expired', 'Run: awsmfa use');
  }
  if (error.code === 'unknown-key') {
    return new UserError(
      Exit.refused,
      'unknown-key',
      'AWS does not know the keys of this shell: deleted, disabled, or of another partition',
      'Get a session: awsmfa use',
    );
  }
  return error;
}

/** Only what the endpoint is made of: the profile may be gone from the files, and its keys are in the environment. */
function settingsOf(name: string, files: SharedFiles): Profile {
  return {
    kind: 'login',
    name,
    setting: (key) => {
      const value = (files.profile(name) ?? files.profile(`${name}-long-term`))?.get(key);
      return value ? { value, by: `${key} of profile` } : undefined;
    },
  };
}
