import { UserError } from '../../errors.ts';
import { knownDevice } from '../../mfa/device.ts';
import { printable } from '../../printable.ts';
import { byDefault } from '../../profile/choice.ts';
import type { Profile } from '../../profile/profile.ts';
import { sourceOf } from '../../profile/profile.ts';
import { cacheDirectory, openCache } from '../../session/cache.ts';
import { planOf } from '../../session/planning.ts';
import { type Check, failed, ok, unknown } from './finding.ts';

/** The profile that a command without an argument is about: what it is, and whether a session can come of it. */
export const profile: Check = ({ request, wrong, world, env, chosen }) => {
  const { choice } = request;
  if (chosen instanceof UserError) {
    if (choice.by === byDefault && chosen.code === 'no-such-profile') {
      return [
        unknown('none is named, and there is no [default]', 'Name one: AWS_PROFILE=NAME awsmfa doctor'),
      ];
    }
    return [failed(chosen)];
  }
  if (wrong) throw wrong;
  const directory = cacheDirectory(env, world.home);
  const cache = directory === undefined ? undefined : openCache(directory);
  const device = knownDevice(request.serialNumber, chosen.profile, (id) => cache?.device(id));
  planOf(chosen.profile, { request, env, files: chosen.files, serialNumber: device?.serialNumber });
  const by = choice.by === byDefault ? 'as none is named' : `from ${choice.by}`;
  const region = chosen.region ? `, ${printable(chosen.region, 40)}` : '';
  return [ok(`"${printable(chosen.profile.name, 60)}" (${by}): ${described(chosen.profile)}${region}`)];
};

function described(profile: Profile): string {
  if (profile.kind !== 'role') return kinds[profile.kind];
  const root = sourceOf(profile);
  return `role ${printable(profile.roleArn.value, 120)} from ${kinds[root.kind]} of "${printable(root.name, 60)}"`;
}

const kinds: Readonly<Record<Exclude<Profile['kind'], 'role'>, string>> = {
  'long-term': 'long-term keys',
  temporary: 'temporary keys',
  process: 'a credential_process',
  sso: 'IAM Identity Center',
  'web-identity': 'a web identity',
  login: 'aws login',
  Ec2InstanceMetadata: 'the instance metadata',
  EcsContainer: 'the container',
};
