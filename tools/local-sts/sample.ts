import { type CallerCredentials, signedRequest } from './caller.ts';
import type { Role, User } from './directory.ts';
import { textOf } from './xml.ts';

/** A small company for the tests of the local STS itself. */
export const alice: User = {
  accountId: '123456789012',
  name: 'alice',
  accessKeys: [{ id: 'AKIAIOSFODNN7EXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }],
  devices: [
    {
      serial: 'arn:aws:iam::123456789012:mfa/alice',
      secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
      enableDate: '2023-05-06T07:08:09Z',
    },
    { serial: 'arn:aws:iam::123456789012:u2f/user/alice/key-ABCDEFGHIJKLMNOP' },
    { serial: 'GAHT12345678', secret: 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU' },
  ],
};

export const bob: User = {
  accountId: '123456789012',
  name: 'bob',
  accessKeys: [{ id: 'AKIAI44QH8DHBEXAMPLE', secret: 'je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY' }],
  devices: [{ serial: 'arn:aws:iam::123456789012:mfa/bob', secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }],
  denied: ['iam:ListMFADevices', 'sts:AssumeRole'],
};

export const root: User = {
  accountId: '123456789012',
  name: 'root',
  root: true,
  accessKeys: [{ id: 'AKIAROOTROOTROOTROOT', secret: 'root-secret' }],
};

export const chinese: User = {
  accountId: '999999999999',
  name: 'li',
  partition: 'aws-cn',
  accessKeys: [{ id: 'AKIACNCNCNCNCNCNCNCN', secret: 'cn-secret' }],
};

/** One device. */
export const carol: User = {
  accountId: '123456789012',
  name: 'carol',
  accessKeys: [{ id: 'AKIACAROLCAROLCAROL1', secret: 'carol-secret' }],
  devices: [
    { serial: 'arn:aws:iam::123456789012:mfa/carols-phone', secret: 'MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK' },
  ],
};

/** Only devices that STS cannot use. */
export const dave: User = {
  accountId: '123456789012',
  name: 'dave',
  accessKeys: [{ id: 'AKIADAVEDAVEDAVEDAVE', secret: 'dave-secret' }],
  devices: [
    { serial: 'arn:aws:iam::123456789012:u2f/user/dave/key-ABCDEFGHIJKLMNOP' },
    { serial: 'arn:aws:iam::123456789012:u2f/user/dave/passkey-BCDEFGHIJKLMNOPQ' },
  ],
};

/** No device at all. */
export const erin: User = {
  accountId: '123456789012',
  name: 'erin',
  accessKeys: [{ id: 'AKIAERINERINERINERIN', secret: 'erin-secret' }],
};

export const users: readonly User[] = [alice, bob, carol, dave, erin, root, chinese];

export const roles: readonly Role[] = [
  { arn: 'arn:aws:iam::123456789012:role/open' },
  {
    arn: 'arn:aws:iam::123456789012:role/team/ops',
    trust: { principals: ['arn:aws:iam::123456789012:user/alice'], requireMfa: true },
    maxSessionDuration: 7200,
  },
  {
    arn: 'arn:aws:iam::222222222222:role/partner',
    trust: { principals: ['arn:aws:iam::123456789012:root'], externalId: 'Our:Secret/1' },
  },
  {
    arn: 'arn:aws:iam::222222222222:role/second-hop',
    trust: { principals: ['arn:aws:iam::123456789012:role/team/ops'] },
  },
  {
    arn: 'arn:aws:iam::222222222222:role/second-hop-mfa',
    trust: { principals: ['arn:aws:iam::123456789012:role/team/ops'], requireMfa: true },
  },
];

export function keysOf(user: User): CallerCredentials {
  const [key] = user.accessKeys;
  if (key === undefined) throw new Error(`${user.name} has no key`);
  return { accessKeyId: key.id, secretAccessKey: key.secret };
}

export type Reply = {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly headers: Headers;
  readonly text: string;
};

/** One signed call, and what came back, success or not. `now` is the client's clock in epoch milliseconds. */
export async function ask(
  url: string,
  params: Readonly<Record<string, string>>,
  credentials: CallerCredentials,
  options: { readonly region?: string; readonly service?: string; readonly now?: number } = {},
): Promise<Reply> {
  const body = new URLSearchParams({ Version: '2011-06-15', ...params }).toString();
  return send(url, signedRequest(url, body, credentials, options));
}

export async function send(url: string, request: RequestInit): Promise<Reply> {
  const response = await fetch(url, { ...request, redirect: 'manual' });
  const text = await response.text();
  return {
    status: response.status,
    code: textOf(text, 'Code'),
    message: textOf(text, 'Message'),
    headers: response.headers,
    text,
  };
}

/** The credentials in an answer of `GetSessionToken` or `AssumeRole`; throws when there are none. */
export function credentialsIn({ text }: Reply): Required<CallerCredentials> {
  const [accessKeyId, secretAccessKey, sessionToken] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(
    (name) => textOf(text, name),
  );
  if (!accessKeyId || !secretAccessKey || !sessionToken) throw new Error(`no credentials in ${text}`);
  return { accessKeyId, secretAccessKey, sessionToken };
}
