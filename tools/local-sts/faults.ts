import { type Answer, errorAnswer } from './dispatch.ts';
import { internalFailure, throttling, unavailable } from './refusals.ts';

/**
 * What can go wrong between a client and STS:
 *
 * - `throttling` (HTTP 400 as AWS has it), `internal` (500), `unavailable` (503): STS's own answers
 * - `reset`: the connection is cut before anything is done; `lost-answer`: the call is carried out (a token
 *   code is spent) and the connection cut then
 * - `garbage`: 200 with a page; `html-502`: a proxy's page; `empty`, `truncated`: 200 and no document;
 *   `json-error`: the error in the wrong format; `redirect`: 302 away from STS
 * - `slow`: the right answer after so many milliseconds, or when the promise of a function has settled
 * - `clockOffsetMs`: the right answer of a server whose clock is off by so much
 * - `answer`: anything
 */
export type Fault =
  | keyof typeof canned
  | 'reset'
  | 'lost-answer'
  | { readonly slow: number | (() => Promise<unknown>) }
  | { readonly clockOffsetMs: number }
  | {
      readonly answer: {
        readonly status: number;
        readonly headers?: Readonly<Record<string, string>>;
        readonly body?: string;
      };
    };

/** How often a fault strikes (once by default), and on which action only. */
export type FaultScope = { readonly times?: number; readonly action?: string };

export type Faults = {
  readonly add: (fault: Fault, scope?: FaultScope) => void;
  /** The fault that strikes this call, oldest first; undefined when none does. */
  readonly take: (action: string | undefined) => Fault | undefined;
  readonly clear: () => void;
};

export function faultQueue(): Faults {
  let queue: { readonly fault: Fault; readonly action: string | undefined; left: number }[] = [];
  return {
    add: (fault, { times = 1, action } = {}) => {
      queue.push({ fault, action, left: times });
    },
    take: (action) => {
      const struck = queue.find((entry) => entry.action === undefined || entry.action === action);
      if (struck === undefined) return undefined;
      struck.left -= 1;
      queue = queue.filter(({ left }) => left > 0);
      return struck.fault;
    },
    clear: () => {
      queue = [];
    },
  };
}

/** The answer that takes the place of the right one, for the faults that are an answer. */
export function cannedAnswer(fault: Fault | undefined): Answer | undefined {
  if (fault === undefined || fault === 'reset' || fault === 'lost-answer') return undefined;
  if (typeof fault === 'string') return canned[fault]();
  if (!('answer' in fault)) return undefined;
  const { status, headers = {}, body = '' } = fault.answer;
  return { status, headers, body };
}

const canned = {
  throttling: () => errorAnswer(throttling),
  internal: () => errorAnswer(internalFailure),
  unavailable: () => errorAnswer(unavailable),
  garbage: () => page(200, 'Welcome to the hotel network'),
  'html-502': () => page(502, '502 Bad Gateway'),
  empty: () => document(''),
  truncated: () =>
    document(
      '<GetSessionTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">' +
        '<GetSessionTokenResult><Credentials><AccessKeyId>ASIA',
    ),
  'json-error': () => ({
    status: 403,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Error: { Code: 'AccessDenied', Message: 'no', Type: 'Sender' }, RequestId: 'x' }),
    errorCode: 'AccessDenied',
  }),
  redirect: () => ({ status: 302, headers: { location: 'https://aws.amazon.com/iam' }, body: '' }),
} satisfies Record<string, () => Answer>;

function page(status: number, title: string): Answer {
  return {
    status,
    headers: { 'content-type': 'text/html' },
    body: `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
  };
}

function document(body: string): Answer {
  return { status: 200, headers: { 'content-type': 'text/xml' }, body };
}
