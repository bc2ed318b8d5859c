import { type Call, credentialsElement, newSession, type Outcome } from './actions.ts';
import { checkParams } from './constraints.ts';
import { identityOf, type Principal } from './directory.ts';
import { type Policy, parsePolicy } from './policy.ts';
import {
  federationNotAllowed,
  lifetimeTooShort,
  longTermCredentials,
  nothingToNarrow,
  sessionCredentialsForFederation,
  tokenTooLarge,
  tooManyScopes,
} from './refusals.ts';
import { newCredentials, noDetails, type Session } from './sessions.ts';
import { element } from './xml.ts';

/** AWS's limits: policies that GetScopedCredentials adds to one session, and the bytes of a session token. */
const mostScopes = 3;
const mostBytes = 4096;

/** The same principal with less: the policy joins those that the session has, and nothing takes one away. */
export function getScopedCredentials(call: Call): Outcome {
  const { principal, params, now, state } = call;
  if (state.isGlobalEndpoint) return nothingToNarrow('endpoint');
  if (principal.kind === 'user') return longTermCredentials;
  const invalid = checkParams(params, [
    { name: 'policy', length: [1, 2048] },
    { name: 'durationSeconds', range: [1, 129_600] },
    { name: 'scopedSessionDescription', length: [2, 256] },
  ]);
  if (invalid !== undefined) return invalid;
  const { Policy: text, DurationSeconds: seconds } = params;
  if (text === undefined && seconds === undefined) return nothingToNarrow('request');
  const read = text === undefined ? undefined : parsePolicy(text);
  if (read && !read.ok) return read;
  const { session } = principal;
  const { arn, userId } = identityOf(principal);
  if (read && session.scopes >= mostScopes) return tooManyScopes(arn);
  const left = Math.floor((session.expiresAt - now) / 1000);
  if (seconds !== undefined && Number(seconds) > left) return lifetimeTooShort;
  const policies = [...session.policies, ...(read ? [read.policy] : [])];
  const credentials = newCredentials(policies);
  const size = Buffer.byteLength(credentials.sessionToken);
  if (size > mostBytes) return tokenTooLarge(size, mostBytes);
  const narrowed: Session = {
    ...session,
    ...credentials,
    policies,
    scopes: session.scopes + (read ? 1 : 0),
    expiresAt: seconds === undefined ? session.expiresAt : (Math.floor(now / 1000) + Number(seconds)) * 1000,
  };
  state.issued.set(narrowed.accessKeyId, { ...principal, session: narrowed });
  const { sourceIdentity } = session.details;
  return {
    ok: true,
    result: [
      credentialsElement(narrowed),
      element('SessionInfo', [element('ScopedSessionId', userId), element('Arn', arn)]),
      element('SessionTokenUtilization', String(Math.ceil((size * 100) / mostBytes))),
      element('SessionTokenSize', String(size)),
      element('ScopedPoliciesCount', String(narrowed.scopes)),
      ...(sourceIdentity === undefined ? [] : [element('SourceIdentity', sourceIdentity)]),
    ],
  };
}

/** For the console. There is no parameter for MFA, and without a policy the result may do nothing. */
export function getFederationToken(call: Call): Outcome {
  const { principal, params, state } = call;
  if (principal.kind !== 'user') return sessionCredentialsForFederation;
  const invalid = checkParams(params, [
    { name: 'name', required: true, length: [2, 32], pattern: '[\\w+=,.@-]*' },
    { name: 'policy', length: [1, 2048] },
    { name: 'durationSeconds', range: [state.minDuration, 129_600] },
  ]);
  if (invalid !== undefined) return invalid;
  const { user } = principal;
  const name = params.Name ?? '';
  const federated = `arn:${user.partition ?? 'aws'}:sts::${user.accountId}:federated-user/${name}`;
  if (isDenied(principal, 'sts:GetFederationToken')) {
    return federationNotAllowed(identityOf(principal).arn, federated);
  }
  const read = params.Policy === undefined ? undefined : parsePolicy(params.Policy);
  if (read && !read.ok) return read;
  const nothing: Policy = { text: '', statements: [] };
  const policies = [read?.policy ?? nothing];
  const seconds = Number(params.DurationSeconds ?? 43_200);
  const session = newSession(call, {
    name,
    seconds: user.root === true ? Math.min(seconds, 3600) : seconds,
    mfa: false,
    details: noDetails,
    policies,
    credentials: newCredentials(policies),
  });
  state.issued.set(session.accessKeyId, { kind: 'federated', user, session });
  return {
    ok: true,
    result: [
      credentialsElement(session),
      element('FederatedUser', [
        element('FederatedUserId', `${user.accountId}:${name}`),
        element('Arn', federated),
      ]),
    ],
  };
}

function isDenied(principal: Principal, action: string): boolean {
  return principal.kind !== 'role' && principal.user.denied?.includes(action) === true;
}
