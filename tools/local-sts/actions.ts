import { checkParams, type Params } from './constraints.ts';
import { identityOf, type Principal } from './directory.ts';
import { checkMfa, type SpentCodes } from './mfa.ts';
import type { Policy } from './policy.ts';
import { type Refusal, sessionCredentials } from './refusals.ts';
import {
  type Book,
  type Credentials,
  expirationText,
  newCredentials,
  noDetails,
  type Session,
} from './sessions.ts';
import { element, type Xml } from './xml.ts';

/** What the server knows and how it was set up. */
export type State = Book & {
  readonly spent: SpentCodes;
  /** Seconds; 900 in AWS. */
  readonly minDuration: number;
  /** The answers are those of the legacy global endpoint, which lacks some calls. */
  readonly isGlobalEndpoint: boolean;
  /** Milliseconds until STS and IAM take notice of a key that was made, changed or deleted. */
  iamDelayMs: number;
  /** When set, every session lives this many seconds whatever was asked for. */
  sessionSeconds: number | undefined;
  /** Replaces what `GetSessionToken` would make up. */
  hostileCredentials: Partial<Credentials> | undefined;
};

/** An authenticated call; `now` is the server's clock in epoch milliseconds. */
export type Call = {
  readonly state: State;
  readonly principal: Principal;
  readonly params: Params;
  readonly now: number;
};

/** What goes into the action's `…Result` element; undefined for an action that has none. */
export type Outcome = { readonly ok: true; readonly result: readonly Xml[] | undefined } | Refusal;

/** STS refuses session credentials here; without a device a session comes about that has no MFA. */
export function getSessionToken(call: Call): Outcome {
  const { state, principal, params, now } = call;
  if (principal.kind !== 'user') return sessionCredentials;
  const invalid = checkParams(params, [
    { name: 'durationSeconds', range: [state.minDuration, 129_600] },
    ...mfaConstraints,
  ]);
  if (invalid !== undefined) return invalid;

  const { user } = principal;
  const mfa = checkMfa(state.spent, user, mfaGiven(params), now);
  if (!mfa.ok) return mfa;
  const asked = Number(params.DurationSeconds ?? 43_200);
  const session = newSession(call, {
    name: user.name,
    // For the root user AWS cuts the duration without a word.
    seconds: user.root === true ? Math.min(asked, 3600) : asked,
    mfa: mfa.mfa,
    details: noDetails,
    credentials: { ...newCredentials(), ...state.hostileCredentials },
  });
  state.issued.set(session.accessKeyId, { kind: 'session', user, session });
  return { ok: true, result: [credentialsElement(session)] };
}

/** Needs no permission, and no policy can deny it. */
export function getCallerIdentity({ principal }: Call): Outcome {
  const { arn, userId, accountId } = identityOf(principal);
  return {
    ok: true,
    result: [element('Arn', arn), element('UserId', userId), element('Account', accountId)],
  };
}

export const mfaConstraints = [
  { name: 'serialNumber', length: [9, 256], pattern: '[\\w+=/:,.@-]*' },
  { name: 'tokenCode', length: [6, 6], pattern: '[\\d]*' },
] as const;

export function mfaGiven(params: Params) {
  return { serial: params.SerialNumber, code: params.TokenCode };
}

export function newSession(
  { state, now }: Call,
  session: Pick<Session, 'name' | 'mfa' | 'details'> & {
    seconds: number;
    credentials: Credentials;
    policies?: readonly Policy[];
  },
): Session {
  const { seconds, credentials, policies = [], ...rest } = session;
  const wholeSeconds = Math.floor(now / 1000) + (state.sessionSeconds ?? seconds);
  return { ...credentials, ...rest, policies, scopes: 0, expiresAt: wholeSeconds * 1000 };
}

export function credentialsElement(session: Session): Xml {
  return element('Credentials', [
    element('AccessKeyId', session.accessKeyId),
    element('SecretAccessKey', session.secretAccessKey),
    element('SessionToken', session.sessionToken),
    element('Expiration', expirationText(session)),
  ]);
}
