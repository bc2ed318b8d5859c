import type { ProvidedProfile } from '../../profile/profile.ts';

/** In place of a profile where there is none: it has no setting, and what the environment says holds all the same. */
export const nobody: ProvidedProfile = { kind: 'login', name: '', setting: () => undefined };
