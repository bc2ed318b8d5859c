import { loadSharedFiles, type SharedFiles } from '../../config/files.ts';
import type { Credentials } from '../../credentials.ts';
import { attempt, expected, UserError } from '../../errors.ts';
import { withoutOurRegion } from '../../export/memory.ts';
import { ofProfile } from '../../mfa/device.ts';
import { configuredRegion } from '../../profile/choice.ts';
import { type ProvidedProfile, sourceOf } from '../../profile/profile.ts';
import type { SessionRequest } from '../../request.ts';
import { partitionError } from '../../session/checks.ts';
import { type Chosen, chooseFor } from '../../session/get-session.ts';
import { openKeys } from '../../stores/stores.ts';
import { stsEndpoint } from '../../sts/endpoint.ts';
import { type Reached, reach } from '../../sts/identity.ts';
import { silent, type Ui } from '../../ui.ts';
import type { Environment, World } from '../../world.ts';

/** What the checks look at. Facts that several checks need are found once. */
export interface Patient {
  readonly request: SessionRequest;
  /** A variable that every command would refuse. */
  readonly wrong: UserError | undefined;
  readonly ui: Ui;
  readonly world: World;
  /** Without the region that awsmfa itself put there. */
  readonly env: Environment;
  /** Or why they cannot be read. */
  readonly files: SharedFiles | UserError;
  /** The profile that a command would use now, or why there is none. */
  readonly chosen: Chosen | UserError;
  /** STS, asked with the keys of that profile. */
  readonly sts: Promise<Reached>;
}

export function examine(
  request: SessionRequest,
  wrong: UserError | undefined,
  ui: Ui,
  world: World,
): Patient {
  const files = attempt(() => loadSharedFiles(world));
  const heldRegion =
    files instanceof UserError ? undefined : configuredRegion(world.env.AWSMFA_PROFILE, files);
  const env = withoutOurRegion(world.env, heldRegion);
  const chosen = attempt(() => chooseFor(request, ui, world));
  return { request, wrong, ui, world, env, files, chosen, sts: askSts(chosen, env, ui, world) };
}

/** Asks STS for the owner of the keys of a profile; without keys it sends the call unsigned. */
async function askSts(chosen: Chosen | UserError, env: Environment, ui: Ui, world: World): Promise<Reached> {
  const source = chosen instanceof UserError ? nobody : sourceOf(chosen.profile);
  try {
    const files = chosen instanceof UserError ? noFiles : chosen.files;
    const endpoint = { ...stsEndpoint({}, env, source, files), attempts: 1 };
    // STS of another partition knows none of its keys, and would say that they are wrong.
    const wrong = partitionError({ profile: source.name, endpoint }, arnOf(chosen));
    if (wrong) return { endpoint: undefined, error: wrong, offline: false };
    const keys = 'keys' in source ? await opened(source.keys, ui, world) : undefined;
    if (!(keys instanceof UserError)) return await reach(keys, source.name, endpoint, world.now, seconds);
    // A store that is locked says nothing about STS.
    return { ...(await reach(undefined, source.name, endpoint, world.now, seconds)), error: keys };
  } catch (error) {
    return { endpoint: undefined, error: expected(error), offline: false };
  }
}

/** The ARN of the device or the role of a profile: it has the partition of the keys. */
function arnOf(chosen: Chosen | UserError): string | undefined {
  if (chosen instanceof UserError) return undefined;
  const { profile } = chosen;
  return (
    ofProfile(profile, 'mfa_serial')?.value || (profile.kind === 'role' ? profile.roleArn.value : undefined)
  );
}

/** The keys from their store. `doctor` asks nothing and waits for nobody. */
async function opened(keys: Credentials, ui: Ui, world: World): Promise<Credentials | UserError> {
  return openKeys(keys, silent(ui), world).catch(expected);
}

/** The limit for one answer of STS, with the connection. */
const seconds = 5;

const noFiles = loadSharedFiles({
  env: { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' },
  home: undefined,
});

/** Stands for a missing profile: it has no settings, so that only the environment counts. */
export const nobody: ProvidedProfile = { kind: 'login', name: '', setting: () => undefined };

/** `unknown`: it could not be looked at, or there was nothing to look at. Only `broken` fails the command. */
export type State = 'ok' | 'warning' | 'broken' | 'unknown';

/** What a check found: one line, and where it is not well a second one that says what to do. */
export interface Finding {
  readonly state: State;
  readonly message: string;
  readonly hint: string | undefined;
}

/** One thing to look at. What it throws is a finding as well. */
export type Check = (patient: Patient) => readonly Finding[] | Promise<readonly Finding[]>;

export function ok(message: string): Finding {
  return { state: 'ok', message, hint: undefined };
}

export function warning(message: string, hint: string): Finding {
  return { state: 'warning', message, hint };
}

export function broken(message: string, hint: string): Finding {
  return { state: 'broken', message, hint };
}

export function unknown(message: string, hint?: string): Finding {
  return { state: 'unknown', message, hint };
}

/** An error as a finding. */
export function failed(
  { message, hint }: Pick<UserError, 'message' | 'hint'>,
  state: State = 'broken',
): Finding {
  return { state, message, hint };
}
