import { loadSharedFiles } from '../config/files.ts';
import type { Provided } from '../credentials.ts';
import type { ProvidedProfile, ProviderKind } from '../profile/profile.ts';
import type { AskedRegions } from '../sts/endpoint.ts';
import type { World } from '../world.ts';
import type { Provider } from './provider.ts';

/**
 * The credentials of a profile that neither has keys nor is a role: from a program, from the cache of `aws sso login`
 * or `aws login`, from a token file, or from the machine that awsmfa runs on.
 *
 * @throws UserError that names the profile: configuration, refused or unreachable. Nothing that a program or a
 *   service answered is in it, but for AWS's own error texts.
 */
export async function getProvided(
  profile: ProvidedProfile,
  world: World,
  regions: AskedRegions,
): Promise<Provided> {
  const provider = await providers[profile.kind]();
  return provider({ profile, world, regions, files: loadSharedFiles(world) });
}

/** Each is loaded when it is needed: together they are as big as the rest of the AWS SDK. */
const providers: Readonly<Record<ProviderKind, () => Promise<Provider>>> = {
  process: async () => (await import('./process.ts')).fromProcess,
  sso: async () => (await import('./sso.ts')).fromIdentityCenter,
  'web-identity': async () => (await import('./web-identity.ts')).fromWebIdentity,
  login: async () => (await import('./login.ts')).fromLogin,
  Ec2InstanceMetadata: async () => (await import('./instance.ts')).fromInstance,
  EcsContainer: async () => (await import('./container.ts')).fromContainer,
};
