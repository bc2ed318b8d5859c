import { randomUUID } from 'node:crypto';
import {
  createAccessKey,
  deleteAccessKey,
  getAccessKeyLastUsed,
  listAccessKeys,
  updateAccessKey,
} from './access-keys.ts';
import { type Call, getCallerIdentity, getSessionToken, type Outcome, type State } from './actions.ts';
import { assumeRole } from './assume-role.ts';
import type { RawRequest } from './canonical.ts';
import type { Params } from './constraints.ts';
import { identityOf, partitionOfRegion } from './directory.ts';
import { checkPermission, listMfaDevices } from './iam.ts';
import { getFederationToken, getScopedCredentials } from './narrow.ts';
import { expiredToken, invalidClientToken, type Refusal, regionDisabled, unknownAction } from './refusals.ts';
import { findPrincipal, secretOf } from './sessions.ts';
import { verifySignature } from './sigv4.ts';
import { element, type Xml } from './xml.ts';

const stsNamespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

export type ServerState = State & { readonly disabledRegions: readonly string[] };

/** A whole answer, before it goes over the wire. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly errorCode?: string;
};

type Service = {
  readonly name: string;
  readonly version: string;
  readonly namespace: string;
  readonly actions: Readonly<Record<string, (call: Call) => Outcome>>;
  readonly isRegion: (region: string) => boolean;
};

/** STS and the calls of IAM that we need, told apart by their API versions as they share a port. */
const services: readonly Service[] = [
  {
    name: 'sts',
    version: '2011-06-15',
    namespace: stsNamespace,
    actions: {
      GetSessionToken: getSessionToken,
      AssumeRole: assumeRole,
      GetCallerIdentity: getCallerIdentity,
      GetScopedCredentials: getScopedCredentials,
      GetFederationToken: getFederationToken,
    },
    isRegion: (region) => /^[a-z]{2,}(-[a-z]+)+-\d+$/.test(region),
  },
  {
    name: 'iam',
    version: '2010-05-08',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    actions: {
      ListMFADevices: listMfaDevices,
      ListAccessKeys: listAccessKeys,
      CreateAccessKey: createAccessKey,
      UpdateAccessKey: updateAccessKey,
      DeleteAccessKey: deleteAccessKey,
      GetAccessKeyLastUsed: getAccessKeyLastUsed,
    },
    // IAM is one service for a whole partition, signed for one region of it.
    isRegion: (region) => ['us-east-1', 'cn-north-1', 'us-gov-west-1'].includes(region),
  },
];

/** Authenticates a request, carries it out and writes the answer. `now` is in epoch milliseconds. */
export function dispatch(state: ServerState, request: RawRequest, params: Params, now: number): Answer {
  const action = params.Action;
  // AWS sends browsers, and whatever else speaks no query protocol, to the product page.
  if (action === undefined)
    return { status: 302, headers: { location: 'https://aws.amazon.com/iam' }, body: '' };

  const version = params.Version ?? 'NO_VERSION_SPECIFIED';
  const service = services.find((candidate) => candidate.version === version);
  const run = service && Object.hasOwn(service.actions, action) ? service.actions[action] : undefined;
  if (service === undefined || run === undefined) {
    return errorAnswer(unknownAction(action, version), 'http://webservices.amazon.com/AWSFault/2005-15-09');
  }

  const holderOf = (accessKeyId: string, token: string | undefined, region: string) =>
    findPrincipal(state, accessKeyId, token, partitionOfRegion(region), now);
  const signed = verifySignature(request, {
    service: service.name,
    isRegion: service.isRegion,
    now,
    secretOf: (...key) => {
      const holder = holderOf(...key);
      return holder && secretOf(holder);
    },
  });
  if (!signed.ok) return errorAnswer(signed, service.namespace);

  const principal = holderOf(signed.accessKeyId, signed.sessionToken, signed.region);
  const outcome = principal
    ? authorized(
        { state, principal, params, now },
        service.name,
        state.disabledRegions.includes(signed.region),
        run,
      )
    : invalidClientToken;
  if (principal?.kind === 'user') {
    principal.key.lastUsed = { at: now, service: service.name, region: signed.region };
  }
  return outcome.ok ? resultAnswer(action, outcome.result, service) : errorAnswer(outcome, service.namespace);
}

/** The answer in AWS's error document. */
export function errorAnswer(refusal: Refusal, namespace = stsNamespace): Answer {
  const { status, code, message } = refusal;
  const error = element('Error', [
    element('Type', status < 500 ? 'Sender' : 'Receiver'),
    element('Code', code),
    element('Message', message),
  ]);
  const requestId = randomUUID();
  const { xml } = element('ErrorResponse', [error, element('RequestId', requestId)], namespace);
  return { ...answer(status, xml, requestId), errorCode: code };
}

function authorized(
  call: Call,
  service: string,
  regionIsOff: boolean,
  run: (call: Call) => Outcome,
): Outcome {
  const { principal, now } = call;
  if (principal.kind !== 'user' && principal.session.expiresAt <= now) return expiredToken;
  if (regionIsOff) return regionDisabled(identityOf(principal).accountId);
  return checkPermission(call, service) ?? run(call);
}

function resultAnswer(action: string, result: readonly Xml[] | undefined, service: Service): Answer {
  const requestId = randomUUID();
  const { xml } = element(
    `${action}Response`,
    [
      ...(result === undefined ? [] : [element(`${action}Result`, result)]),
      element('ResponseMetadata', [element('RequestId', requestId)]),
    ],
    service.namespace,
  );
  return answer(200, xml, requestId);
}

function answer(status: number, body: string, requestId: string): Answer {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId }, body };
}
