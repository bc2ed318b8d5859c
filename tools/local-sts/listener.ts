import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parseAuthorization } from './authorization.ts';
import type { RawRequest } from './canonical.ts';
import type { Params } from './constraints.ts';
import { type Answer, dispatch, type ServerState } from './dispatch.ts';
import { cannedAnswer, type Fault, type Faults } from './faults.ts';
import { isSignIn, signIn } from './sign-in.ts';

export type LoggedRequest = {
  readonly action: string | undefined;
  readonly accessKeyId: string | undefined;
  readonly region: string | undefined;
  readonly service: string | undefined;
  /** 0 when the connection was cut instead. */
  readonly status: number;
  readonly errorCode?: string;
  /** As sent, but for `TokenCode`, which reads `[secret]`. */
  readonly params: Params;
};

type Setup = {
  readonly state: ServerState;
  readonly faults: Faults;
  readonly log: LoggedRequest[];
  /** Epoch milliseconds. */
  readonly clock: () => number;
};

/** The HTTP side: the raw request in, faults, the log, the answer out. */
export function stsListener(setup: Setup): RequestListener {
  return (incoming, response) => {
    answerTo(setup, incoming)
      .then((answer) => {
        if (answer === undefined) incoming.socket.resetAndDestroy();
        else send(response, answer);
      })
      // A client that went away in the middle, or a bug of ours, which had better be seen.
      .catch((error: Error) => {
        if (!response.destroyed) response.writeHead(500).end(error.stack);
      });
  };
}

type DatedAnswer = Answer & { readonly now: number };

/** Undefined when the connection is to be cut. */
async function answerTo(setup: Setup, incoming: IncomingMessage): Promise<DatedAnswer | undefined> {
  const { state, faults, log, clock } = setup;
  const request = await readRequest(incoming);
  if (request === undefined) return { ...tooLarge, now: clock() };
  const params = paramsOf(request);
  const fault = faults.take(params.Action);
  if (isObject(fault) && 'slow' in fault)
    await (typeof fault.slow === 'number' ? delay(fault.slow) : fault.slow());
  const now = clock() + (isObject(fault) && 'clockOffsetMs' in fault ? fault.clockOffsetMs : 0);

  const service = isSignIn(request) ? signIn : dispatch;
  const right = fault === 'reset' ? undefined : (cannedAnswer(fault) ?? service(state, request, params, now));
  const answer = fault === 'lost-answer' ? undefined : right;
  // Before the answer goes out, so that a client that has it finds itself in the log.
  log.push(logEntry(request, params, answer));
  return answer && { ...answer, now };
}

/** AWS's limit for a request's body; undefined when it is longer. */
async function readRequest(incoming: IncomingMessage): Promise<RawRequest | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= 10_000_000) chunks.push(chunk);
  }
  if (length > 10_000_000) return undefined;
  const headers: [string, string][] = [];
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    headers.push([incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '']);
  }
  return {
    method: incoming.method ?? '',
    target: incoming.url ?? '',
    headers,
    body: Buffer.concat(chunks),
  };
}

const tooLarge: Answer = { status: 413, headers: {}, body: '' };

/** The query protocol: a form in the body, or the query of a GET. Another content type is no form. */
function paramsOf({ method, target, headers, body }: RawRequest): Params {
  if (method !== 'POST') return Object.fromEntries(new URL(target, 'http://sts').searchParams);
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) return {};
  return Object.fromEntries(new URLSearchParams(Buffer.from(body).toString('utf8')));
}

function logEntry(request: RawRequest, params: Params, answer: Answer | undefined): LoggedRequest {
  const claimed = parseAuthorization(request);
  return {
    action: params.Action,
    accessKeyId: claimed.ok ? claimed.accessKeyId : undefined,
    region: claimed.ok ? claimed.region : undefined,
    service: claimed.ok ? claimed.service : undefined,
    status: answer?.status ?? 0,
    ...(answer?.errorCode === undefined ? {} : { errorCode: answer.errorCode }),
    params: 'TokenCode' in params ? { ...params, TokenCode: '[secret]' } : params,
  };
}

function send(response: ServerResponse, { status, headers, body, now }: DatedAnswer): void {
  response.sendDate = false;
  response.writeHead(status, {
    'x-amzn-requestid': randomUUID(),
    'x-amz-sts-extended-request-id': 'bG9jYWw=',
    date: new Date(now).toUTCString(),
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  });
  response.end(body);
}

function isObject(fault: Fault | undefined): fault is Exclude<Fault, string> {
  return typeof fault === 'object';
}
