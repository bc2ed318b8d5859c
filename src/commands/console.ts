import type { Secret, Session } from '../credentials.ts';
import { sayDuration } from '../duration.ts';
import { Exit, UserError, usage } from '../errors.ts';
import { checkedPolicy } from '../profile/role.ts';
import type { SessionRequest } from '../request.ts';
import { checkScope, refuseCode, refuseWithoutEffect } from '../session/checks.ts';
import { type Chosen, chooseFor, getSession } from '../session/get-session.ts';
import { openKeys } from '../stores/stores.ts';
import { stsEndpoint } from '../sts/endpoint.ts';
import { federate, redirectOnce, signInPlace, signInUrl } from '../sts/sign-in.ts';
import { openUrl } from '../system/program.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';

export interface ConsoleOptions {
  readonly request: SessionRequest;
  /** The first word of a console's path, such as `s3`. */
  readonly service: string | undefined;
  /** Print the address instead of opening it. */
  readonly print: boolean;
}

/**
 * `awsmfa console`: signs in to the AWS console as a role, or as a federated user with the long-term keys of a profile that
 * has no role. The address is a secret: it is in no argument and no message.
 */
export async function openConsole(
  { request, service, print }: ConsoleOptions,
  ui: Ui,
  world: World,
): Promise<Outcome> {
  if (service !== undefined && !/^[a-z0-9-]{1,40}$/.test(service)) {
    throw usage(
      `--service "${printable(service, 40)}" is no service of the console`,
      'It is the first word of its address: s3, ec2, cloudwatch.',
    );
  }
  const chosen = chooseFor(request, ui, world);
  const { env, profile, files } = chosen;
  const region = chosen.region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1');
  const place = signInPlace(region, env.AWS_ENDPOINT_URL_SIGNIN || env.AWS_ENDPOINT_URL);
  const session = await sessionFor(request, chosen, ui, world);
  const { caBundle } = stsEndpoint(request, env, profile, files);
  const url = await ui.sayIfSlow(
    'Waiting for the sign-in endpoint of AWS …',
    signInUrl(session, place, { service, region, caBundle }),
  );
  const left = sayDuration(session.expiration - world.now() / 1000);
  if (print) {
    ui.say(`${printable(profile.name, 60)}: anyone who has this address can sign in with it for 15 minutes`);
    return { stdout: `${url.reveal()}\n`, exit: Exit.ok };
  }
  await ui.sayIfSlow('Waiting for the browser …', open(url, world));
  ui.say(`${printable(profile.name, 60)}: the console is open in the browser, signed in for ${left}`);
  return { stdout: '', exit: Exit.ok };
}

/** A session of MFA alone cannot sign in, so that a profile with long-term keys and no role takes another way. */
async function sessionFor(request: SessionRequest, chosen: Chosen, ui: Ui, world: World): Promise<Session> {
  const { profile, env, files } = chosen;
  if (profile.kind !== 'long-term') return (await getSession(request, ui, world, chosen)).session;
  refuseWithoutEffect(request, profile);
  refuseCode(request, profile, 'has no role, and GetFederationToken takes no MFA code', 'Leave it out.');
  const { policy } = request.role;
  await checkScope(env, request, profile.name, ui);
  const name = printable(profile.name, 60);
  ui.say(
    `${name}: without a role, the console is opened by GetFederationToken: without MFA, and without IAM's and most of STS's calls`,
  );
  const seconds = request.durations.option?.seconds ?? request.durations.variable?.seconds ?? 43_200;
  if (seconds < 900 || seconds > 129_600) {
    throw new UserError(
      Exit.usage,
      'duration-out-of-range',
      `GetFederationToken takes 15m to 36h, and ${sayDuration(seconds)} was asked for`,
      'Ask for that with --duration.',
    );
  }
  return federate(
    await openKeys(profile.keys, ui, world),
    {
      profile: profile.name,
      name: federatedName(profile.name),
      policy: policy ? checkedPolicy(policy.value, policy.by) : everything,
      durationSeconds: seconds,
      endpoint: stsEndpoint(request, env, profile, files),
    },
    { now: world.now, debug: ui.debug },
  );
}

/** Allows everything that the user may do: AWS gives what this and the policies of the user both allow. */
const everything = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

/** CloudTrail shows it. AWS takes 2 to 32 characters. */
function federatedName(profile: string): string {
  return `awsmfa-${profile.replace(/[^\w+=,.@-]/g, '-')}`.slice(0, 32);
}

/** Opens the browser through an address on loopback, because the argv of a browser is public. */
async function open(url: Secret, world: World): Promise<void> {
  const redirect = await redirectOnce(url, 60);
  try {
    const { failed } = await openUrl(redirect.url, world);
    if (await Promise.race([redirect.followed, failed])) return;
    throw new UserError(
      Exit.failed,
      'no-browser',
      'No browser followed the address that awsmfa opened',
      'On a machine without a browser add --print, and open the address where there is one.',
    );
  } finally {
    redirect.close();
  }
}
