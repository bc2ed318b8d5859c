import type { ProvidedProfile } from '../config/profile.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { World } from '../world.ts';
import type { Provided } from './issue.ts';

/** The credentials of a profile that the AWS SDK's own providers know how to find. */
export async function provide(profile: ProvidedProfile, _world: World): Promise<Provided> {
  throw new UserError(
    Exit.configuration,
    'not-yet',
    `Profile "${printable(profile.name, 60)}" gets its credentials from ${profile.kind}, which awsmfa does not do yet`,
    'Name a profile with long-term keys, or a role from one.',
  );
}
