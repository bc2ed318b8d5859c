import type { CallerCredentials } from '../../tools/local-sts/caller.ts';
import { callerIdentity } from '../../tools/local-sts/caller.ts';
import { ask, credentialsIn, keysOf } from '../../tools/local-sts/sample.ts';
import type { LocalSts } from '../../tools/local-sts/server.ts';
import { type Account, work } from './accounts.ts';
import { same, told } from './claims.ts';
import type { Home } from './home.ts';
import type { Page } from './page.ts';
import type { Step } from './session.ts';

/** What every scene of the demo works with. */
export interface Stage {
  readonly page: Page;
  readonly sts: LocalSts;
  readonly home: Home;
  /** The directory of the project, where the shells are started. */
  readonly project: string;
  /** What every shell has in its environment when it starts: the leftovers of yesterday. */
  readonly yesterday: Readonly<Record<string, string>>;
  /** The codes that were typed. */
  readonly codes: string[];
}

/** The token code that the authenticator of this account shows, to be typed right now. */
export function code({ sts, codes }: Stage, { serial }: Account): string {
  const shown = sts.nextCode(serial);
  codes.push(shown);
  return shown;
}

/** Exports of a session that ended last night. STS did issue them, and refuses them now. */
export async function yesterdaysExports(sts: LocalSts): Promise<Readonly<Record<string, string>>> {
  sts.sessionSeconds = -12 * 3600;
  const session = credentialsIn(await ask(sts.url, { Action: 'GetSessionToken' }, keysOf(work.user)));
  sts.sessionSeconds = undefined;
  const answer = await callerIdentity(sts.url, session);
  same(answer.ok ? 'accepted' : answer.code, 'ExpiredToken', 'what STS says to the token of yesterday');
  return {
    AWS_PROFILE: 'prod',
    AWS_ACCESS_KEY_ID: session.accessKeyId,
    AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
    AWS_SESSION_TOKEN: session.sessionToken,
    AWS_SECURITY_TOKEN: session.sessionToken,
    AWS_CREDENTIAL_EXPIRATION: new Date(Date.now() - 12 * 3600e3).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}

/** Asks STS who a shell is, with the very credentials it exports, and checks all else that `account` promises. */
export async function prove(stage: Stage, who: string, step: Step, account: Account): Promise<void> {
  const { env } = step;
  const where = `${who} after \`${step.line}\``;
  succeeded(step, where);
  const answer = await callerIdentity(stage.sts.url, exportedBy(env), account.region);
  const said = answer.ok ? answer.arn : `${answer.status} ${answer.code}`;
  told(
    said === account.arn,
    `STS should say that ${where} is ${account.arn}, and it says ${said || 'nothing'}`,
  );
  same(sessionOf(stage, env)?.mfa, true, `"with MFA" of the session in ${where}`);
  same(env.AWS_PROFILE, undefined, `AWS_PROFILE in ${where}`);
  same(env.AWS_SECURITY_TOKEN, undefined, `AWS_SECURITY_TOKEN in ${where}`);
  same(env.AWS_REGION, account.region, `AWS_REGION in ${where}`);
  same(env.AWSMFA_PROFILE, account.profile, `AWSMFA_PROFILE in ${where}`);
  stage.page.proved(`STS says: this ${who} is ${account.arn}`);
}

/** A status of 0; else what was said goes into the sentence. */
export function succeeded({ status, output, line }: Step, where = `sh after \`${line}\``): void {
  told(status === 0, `the status in ${where} should be 0 and is ${status}; it said: ${output}`);
}

/** How often awsmfa has asked STS for a session; the one of yesterday was the demo's own. */
export function sessionsIssued({ sts }: Stage): number {
  return sts.count('GetSessionToken') - 1;
}

function exportedBy(env: Step['env']): CallerCredentials {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN: sessionToken } = env;
  const keys = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  return sessionToken === undefined ? keys : { ...keys, sessionToken };
}

function sessionOf({ sts }: Stage, env: Step['env']) {
  return sts.sessions().find(({ accessKeyId }) => accessKeyId === env.AWS_ACCESS_KEY_ID);
}
