import type { SharedFiles } from '../../config/files.ts';
import { attempt, UserError } from '../../errors.ts';
import { configuredDevice, knownDevice } from '../../mfa/device.ts';
import { byDefault, type ProfileChoice } from '../../profile/choice.ts';
import { callableNames } from '../../profile/long-term.ts';
import { intendedKind, type Profile, skippedRole, sourceOf } from '../../profile/profile.ts';
import { profileResolver } from '../../profile/resolve.ts';
import { cacheDirectory, cacheOf } from '../../session/cache.ts';
import { planOf } from '../../session/planning.ts';
import { writtenFrom } from '../../session/written.ts';
import { printable } from '../../text.ts';
import { type Check, failed, ok, type Patient, unknown, warning } from './patient.ts';

/** Checks the profile that a command without an argument uses: what it is, and whether it leads to a session. */
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
  const cache = cacheOf({ env, home: world.home });
  const device = knownDevice(request.serialNumber, chosen.profile, (id) => cache?.device(id));
  planOf(chosen.profile, { request, env, files: chosen.files, serialNumber: device?.serialNumber });
  const by = choice.by === byDefault ? 'as none is named' : `from ${choice.by}`;
  const region = chosen.region ? `, ${printable(chosen.region, 40)}` : '';
  const shown = `"${printable(chosen.profile.name, 60)}"`;
  const skipped = skippedRole(chosen.profile);
  return [
    ok(`${shown} (${by}): ${described(chosen.profile)}${region}`),
    ...(skipped ? [warning(`${shown}: ${skipped}`, howToMeanRole)] : []),
  ];
};

const howToMeanRole =
  'If the role is meant, put the keys into a profile of their own, and name it as source_profile.';

function described(profile: Profile): string {
  if (profile.kind !== 'role') return kinds[profile.kind];
  const source = sourceOf(profile);
  return `role ${printable(profile.roleArn.value, 120)} from ${kinds[source.kind]} of "${printable(source.name, 60)}"`;
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

/** How many profiles that lead nowhere are shown with their reasons. */
const most = 3;

/**
 * Checks whether every profile leads to credentials, and whether STS takes its device. A problem is a warning, because the
 * chosen profile has its own check, and an old profile must not change the exit status.
 */
export const profiles: Check = (patient) => {
  const { files, env } = patient;
  if (files instanceof UserError) return [unknown('not looked at: the files cannot be read')];
  const memory = writtenFrom(files, cacheDirectory(env, patient.world.home));
  // Closest names take their time among 2,000, and are for those that are shown.
  const quick = profileResolver({ ...files, names: () => [] }, env, memory);
  const names = callableNames(files);
  const wrong = names.filter((name) => problem(name, files, quick) !== undefined);
  if (names.length === 0) return [noProfiles(patient)];
  const news = wrong.filter((name) => !isToldElsewhere(name, problem(name, files, quick), patient));
  const full = profileResolver(files, env, memory);
  const shown = news.slice(0, most).flatMap((name) => {
    const error = problem(name, files, full);
    return error ? [failed(named(error, name), 'warning')] : [];
  });
  const more = news.length - shown.length;
  if (more > 0) shown.push(warning(`${more} more ${lead(more)} nowhere`, 'See: awsmfa list'));
  if (news.length > 0) return shown;
  const count = `${names.length - wrong.length} of ${names.length} ${lead(names.length)} to credentials`;
  const elsewhere = 'What is wrong with the others stands in the lines of the files and of the profile.';
  return [wrong.length > 0 ? warning(count, elsewhere) : ok(count)];
};

function lead(count: number): string {
  return count === 1 ? 'profile leads' : 'profiles lead';
}

function noProfiles({ env }: Patient) {
  return env.AWS_ACCESS_KEY_ID
    ? ok('none, and keys in the environment')
    : warning('there is no profile in either file', 'Begin with: awsmfa setup');
}

/** Undefined too for a section that only has settings, such as the region of `[default]`. */
function problem(
  name: string,
  files: SharedFiles,
  resolve: (choice: ProfileChoice) => Profile,
): UserError | undefined {
  const section = files.profile(name);
  const found = attempt(() => {
    return configuredDevice(undefined, resolve({ name, by: 'the argument' }));
  });
  if (!(found instanceof UserError)) return undefined;
  const promisesNothing = found.code === 'no-keys' && intendedKind((key) => section?.get(key)) === 'none';
  return promisesNothing ? undefined : found;
}

/** True if the check of the file or of the chosen profile reports the same problem. */
function isToldElsewhere(name: string, error: UserError | undefined, { request, chosen }: Patient): boolean {
  const wanted = request.choice.name;
  return error?.code === 'malformed-file' || (chosen instanceof UserError && name === wanted);
}

/** Two profiles may come from the same broken source. */
function named(error: UserError, name: string): UserError {
  if (error.message.includes(`"${name}"`)) return error;
  return error.with({ message: `"${printable(name, 60)}": ${error.message}` });
}
