import type { SharedFiles } from '../config/files.ts';
import type { Provided } from '../credentials.ts';
import { printable } from '../printable.ts';
import { environmentProfile } from '../profile/choice.ts';
import type { ProvidedProfile } from '../profile/profile.ts';
import { shellWord } from '../shell-word.ts';
import type { AskedRegions } from '../sts/endpoint.ts';
import type { World } from '../world.ts';

/** One way to credentials. */
export type Provider = (asking: Asking) => Promise<Provided>;

export interface Asking {
  readonly profile: ProvidedProfile;
  readonly world: World;
  readonly regions: AskedRegions;
  readonly files: SharedFiles;
}

/** `profile "work"`, or `the environment`, for the middle of a sentence. */
export function named({ profile }: Asking): string {
  return profile.name === environmentProfile ? 'the environment' : `profile "${printable(profile.name, 60)}"`;
}

/** The name as an argument of a command that the user may copy: `--profile 'two words'`. */
export function profileOption({ profile }: Asking): string {
  return `--profile ${shellWord(profile.name)}`;
}
