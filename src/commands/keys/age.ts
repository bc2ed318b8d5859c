import type { KeysProfile } from '../../profile/profile.ts';
import type { SessionRequest } from '../../request.ts';
import { cacheDirectory, openCache } from '../../session/cache.ts';
import type { Chosen } from '../../session/get-session.ts';
import { iamEndpoint } from '../../sts/endpoint.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';

/** A key that is older should be rotated (AWS Security Hub, control IAM.3), in days. */
export const oldAge = 90;

/** In whole days; undefined where nobody has told yet. */
export function ageInDays(created: number | undefined, world: World): number | undefined {
  return created === undefined ? undefined : Math.max(0, Math.floor((world.now() / 1000 - created) / 86_400));
}

export function sayAge(days: number): string {
  return days === 1 ? '1 day old' : `${days} days old`;
}

/**
 * Asks IAM when the key was made. It is a convenience: a refusal, or no answer in four seconds, is no error.
 *
 * @returns epoch seconds
 */
export async function askCreated(
  profile: KeysProfile,
  { env, files }: Pick<Chosen, 'env' | 'files'>,
  request: SessionRequest,
  ui: Ui,
  world: World,
): Promise<number | undefined> {
  try {
    const { accessKeyCreated } = await import('../../sts/iam.ts');
    const { openKeys } = await import('../../stores/stores.ts');
    const keys = await openKeys(profile.keys, ui, world);
    const endpoint = { ...iamEndpoint(request, env, profile, files), attempts: 1 };
    return await accessKeyCreated(keys, endpoint, profile.keys.accessKeyId);
  } catch {
    ui.debug('IAM does not tell the age of the key');
    return undefined;
  }
}

/** Remembers when a key was made, for `list` and `status`, which ask nobody. */
export function keepCreated(
  accessKeyId: string,
  created: number | undefined,
  { env }: Pick<Chosen, 'env'>,
  world: World,
): void {
  const directory = cacheDirectory(env, world.home);
  if (created === undefined || directory === undefined) return;
  try {
    openCache(directory).keepKeyCreated(accessKeyId, created);
  } catch {
    // A cache that cannot be written is said elsewhere.
  }
}
