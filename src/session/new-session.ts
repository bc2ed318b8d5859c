import { type Credentials, isTemporary, type Provided, type Session } from '../credentials.ts';
import { sayDuration } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { tokenSource } from '../mfa/sources.ts';
import { withCode } from '../mfa/with-code.ts';
import { type Profile, skippedRole } from '../profile/profile.ts';
import type { SessionRequest } from '../request.ts';
import type { StsEndpoint } from '../sts/endpoint.ts';
import { isSourceExpired } from '../sts/errors.ts';
import { narrow, prepareCall } from '../sts/sts.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { World } from '../world.ts';
import { partitionError, refuseForTemporary } from './checks.ts';
import type { ProvidedPlan, RolePlan, ScopePlan, SessionPlan, Step } from './plan.ts';

/** What `createSession` needs from the command. */
export interface Creating {
  readonly request: SessionRequest;
  readonly ui: Ui;
  readonly world: World;
  /** The profile that was named. */
  readonly profile: Profile;
  /** Of the cache; undefined where nothing can be kept. */
  readonly directory: string | undefined;
  /** The session of a source, from the cache or new; always new with `refresh`. */
  readonly getSource: (step: Step, refresh: boolean) => Promise<Session>;
}

/**
 * A new session for one step. The token code is asked for last, after everything that can fail without it.
 *
 * @throws UserError
 */
export async function createSession(step: Step, creating: Creating): Promise<Session> {
  const { profile, ui } = creating;
  const skipped = step.profile === profile.name ? skippedRole(profile) : undefined;
  if (skipped) ui.say(`${printable(profile.name, 60)}: ${skipped}`);
  switch (step.step) {
    case 'provided':
      return asSession(await getCredentials(step, creating), creating.world.now());
    case 'session': {
      const credentials =
        step.source.step === 'keys' ? step.source.keys : await getCredentials(step.source, creating);
      if (isTemporary(credentials)) {
        refuseForTemporary(creating.request, profile);
        return asSession(credentials, creating.world.now());
      }
      return call(step, credentials, creating);
    }
    case 'role':
      return assumeRole(step, creating);
    case 'scope':
      return narrowSession(step, creating);
  }
}

/** Every failure is an error: the session itself has more permissions than the user asked for. */
async function narrowSession(step: ScopePlan, creating: Creating): Promise<Session> {
  const { request, ui, world } = creating;
  const narrowed = (session: Session) => {
    const left = Math.floor(session.expiration - world.now() / 1000);
    if (step.durationSeconds !== undefined && step.durationSeconds > left) throw tooLong(step, left);
    const call = narrow(session, step, { now: world.now, debug: ui.debug });
    return ui.sayIfSlow(waitingFor(step.endpoint), call);
  };
  try {
    return await narrowed(await creating.getSource(step.source, request.refresh));
  } catch (error) {
    if (!isSourceExpired(error)) throw error;
    ui.debug(`the session of ${step.profile} has ended before its time`);
    return narrowed(await creating.getSource(step.source, true));
  }
}

function tooLong({ profile, durationSeconds = 0 }: ScopePlan, left: number): UserError {
  return new UserError(
    Exit.usage,
    'duration-too-long',
    `The session of ${printable(profile, 60)} has ${sayDuration(left)} left, and a scope cannot outlive it; ${sayDuration(durationSeconds)} was asked for`,
    `Ask for less with --duration, or get a new session with --refresh.`,
  );
}

/** Renews the source once if AWS says that it has expired: it was revoked, or a clock is off. */
async function assumeRole(step: RolePlan, creating: Creating): Promise<Session> {
  try {
    return await call(step, await sourceCredentials(step, creating, false), creating);
  } catch (error) {
    if (!isSourceExpired(error) || step.source.step === 'keys') throw error;
    creating.ui.debug(`the source of ${step.profile} has ended before its time`);
    const renewed = await sourceCredentials(step, creating, true).catch((why) => {
      // The first error says more than the one that nobody can be asked.
      throw why instanceof UserError && why.exit === Exit.cannotAsk ? error : why;
    });
    return call(step, renewed, creating);
  }
}

async function sourceCredentials(
  { source }: RolePlan,
  creating: Creating,
  refresh: boolean,
): Promise<Credentials> {
  if (source.step === 'keys') return source.keys;
  // A program may give long-term keys, which are not cached.
  if (source.step === 'provided' && source.from.kind === 'process') return getCredentials(source, creating);
  return creating.getSource(source, refresh);
}

async function call(plan: SessionPlan | RolePlan, keys: Credentials, creating: Creating): Promise<Session> {
  const wrong = partitionError(plan, plan.step === 'role' ? plan.role.roleArn : plan.serialNumber);
  if (wrong) throw wrong;
  const { request, ui, world } = creating;
  // A session in the cache needs no key store, so the stores are loaded here.
  const credentials = keys.store
    ? await (await import('../stores/stores.ts')).openKeys(keys, ui, world)
    : keys;
  const send = await prepareCall(plan, credentials, { now: world.now, debug: ui.debug });
  const { profile, serialNumber } = plan;
  const sendAloud = (code: string | undefined) => ui.sayIfSlow(waitingFor(plan.endpoint), send(code));
  if (serialNumber === undefined) return sendAloud(undefined);
  const asking = { code: request.code, ui, world, profile: creating.profile };
  const source = tokenSource(asking);
  ui.debug(`token code from ${source.name}`);
  if (plan.step === 'role') ui.say(whyOwnCode(plan));
  const { directory } = creating;
  return withCode(source, sendAloud, { ...asking, directory, question: { profile, serialNumber } });
}

function waitingFor({ region, url }: StsEndpoint): string {
  return `Waiting for STS (${printable(url ? new URL(url).host : region, 60)}) …`;
}

function whyOwnCode({ profile, ownCode, source }: RolePlan): string {
  const name = printable(profile, 60);
  const reasons = {
    longer: 'a role for more than an hour cannot come from the MFA session, it needs a code of its own',
    'no-session': '--no-session, so the code goes to AssumeRole itself',
    temporary: `the keys of ${printable(source.profile, 60)} are temporary, and no MFA session comes from them: the code goes to AssumeRole itself`,
  };
  return `${name}: ${reasons[ownCode ?? 'no-session']}`;
}

async function getCredentials({ from }: ProvidedPlan, { ui, world, request }: Creating): Promise<Provided> {
  return (await import('../providers/provided.ts')).getProvided(from, ui, world, request);
}

/** Temporary credentials without an expiration are cached for an hour. */
function asSession(credentials: Provided, now: number): Session {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  if (sessionToken === undefined) throw new Error('a session without a token');
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken,
    expiration: credentials.expiration ?? Math.floor(now / 1000) + 3600,
    accountId: credentials.accountId,
    isProvided: true,
  };
}
