import { randomBytes } from 'node:crypto';
import type { RawRequest } from './canonical.ts';
import type { Params } from './constraints.ts';
import type { Answer, ServerState } from './dispatch.ts';

/** Whether a request is for the federation endpoint, which answers beside STS here. */
export function isSignIn({ target }: RawRequest): boolean {
  return /^\/federation(?:\?|$)/.test(target);
}

/**
 * The federation endpoint of AWS's sign-in (IAM user guide, "Enabling custom identity broker access"): a token for a
 * session of a role or of a federated user, and its way into the console. A session of GetSessionToken gets 400, as
 * reports say.
 */
export function signIn(state: ServerState, { method }: RawRequest, params: Params, now: number): Answer {
  const tokens = tokensOf(state);
  if (params.Action === 'getSigninToken') {
    const holder = holderOf(state, params.Session);
    if (!holder || holder.kind === 'session' || holder.session.expiresAt <= now)
      return plain(400, 'Invalid credentials');
    if (params.SessionDuration !== undefined && holder.kind !== 'role')
      return plain(400, 'Invalid credentials');
    const token = randomBytes(300).toString('base64url');
    tokens.set(token, now + 15 * 60_000);
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ SigninToken: token }),
    };
  }
  if (params.Action === 'login' && method === 'GET') {
    const until = tokens.get(params.SigninToken ?? '') ?? 0;
    if (until <= now || !params.Destination) return plain(400, 'Token expired');
    return { status: 302, headers: { location: params.Destination }, body: '' };
  }
  return plain(400, 'Invalid action');
}

function holderOf(state: ServerState, session: string | undefined) {
  try {
    const { sessionId, sessionKey, sessionToken } = JSON.parse(session ?? '');
    const found = state.issued.get(sessionId);
    const isSame =
      found?.session.secretAccessKey === sessionKey && found?.session.sessionToken === sessionToken;
    return isSame ? found : undefined;
  } catch {
    return undefined;
  }
}

const known = new WeakMap<ServerState, Map<string, number>>();

/** When each token ends, in epoch milliseconds. */
function tokensOf(state: ServerState): Map<string, number> {
  const tokens = known.get(state) ?? new Map<string, number>();
  known.set(state, tokens);
  return tokens;
}

function plain(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/plain' }, body };
}
