import { createHash, createHmac } from 'node:crypto';
import type { Credentials } from './sessions.ts';
import { textOf } from './xml.ts';

export type CallerCredentials = Pick<Credentials, 'accessKeyId' | 'secretAccessKey'> & {
  readonly sessionToken?: string;
};

export type CallerIdentity =
  | { readonly ok: true; readonly account: string; readonly arn: string; readonly userId: string }
  | { readonly ok: false; readonly status: number; readonly code: string; readonly message: string };

/**
 * Asks STS whose credentials these are, without the AWS SDK: the proof that what a shell exported works. An
 * answer that is no STS document comes back with an empty code and message.
 */
export async function callerIdentity(
  url: string,
  credentials: CallerCredentials,
  region = 'us-east-1',
): Promise<CallerIdentity> {
  const request = signedRequest(url, 'Action=GetCallerIdentity&Version=2011-06-15', credentials, { region });
  const response = await fetch(url, { ...request, redirect: 'manual' });
  const text = await response.text();
  const [account, arn, userId] = ['Account', 'Arn', 'UserId'].map((name) => textOf(text, name));
  if (response.ok && account !== undefined && arn !== undefined && userId !== undefined) {
    return { ok: true, account, arn, userId };
  }
  const [code = '', message = ''] = [textOf(text, 'Code'), textOf(text, 'Message')];
  return { ok: false, status: response.status, code, message };
}

export type SignedRequest = {
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * A query-protocol POST to the root of `url`, signed. It shares no code with the verifier of the local STS on
 * purpose: the two are tested against each other. `now` is in epoch milliseconds.
 */
export function signedRequest(
  url: string,
  body: string,
  { accessKeyId, secretAccessKey, sessionToken }: CallerCredentials,
  { region = 'us-east-1', service = 'sts', now = Date.now() } = {},
): SignedRequest {
  const timestamp = new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, '');
  const day = timestamp.slice(0, 8);
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    host: new URL(url).host,
    'x-amz-date': timestamp,
  };
  if (sessionToken !== undefined) headers['x-amz-security-token'] = sessionToken;

  // In alphabetical order already, as the canonical form wants them.
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = `POST\n/\n\n${lines.join('')}\n${names}\n${sha256(body)}`;
  const scope = `${day}/${region}/${service}/aws4_request`;
  const dayKey = hmac(`AWS4${secretAccessKey}`, day);
  const signingKey = hmac(hmac(hmac(dayKey, region), service), 'aws4_request');
  const signature = hmac(signingKey, `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`);
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature.toString('hex')}`;
  return { method: 'POST', headers: { ...headers, authorization }, body };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
