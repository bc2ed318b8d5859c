import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { Secret, type Session } from '../../src/credentials.ts';
import { UserError } from '../../src/errors.ts';
import type { StsEndpoint } from '../../src/sts/endpoint.ts';
import type { User } from '../../tools/local-sts/directory.ts';
import { alice, ask, credentialsIn, keysOf, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';

/** Her policy wants MFA for everything. */
export const careful: User = {
  accountId: '123456789012',
  name: 'careful',
  accessKeys: [{ id: 'AKIACAREFULCAREFUL01', secret: 'careful-secret' }],
  deniedWithoutMfa: ['*'],
};

export const outside = { now: Date.now, debug: () => {} };

export const only = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'iam:ListMFADevices', Resource: '*' }],
});

/** An STS for the tests of a file, and sessions of alice that it gives. */
export function sessions() {
  let sts: LocalSts;
  beforeAll(async () => {
    sts = await startLocalSts({
      users: [...users, careful],
      roles: [{ arn: 'arn:aws:iam::123456789012:role/open' }],
    });
  });
  beforeEach(() => sts.forgetSpentCodes());
  afterEach(() => sts.clearFaults());
  afterAll(() => sts.close());
  const sessionOf = async (params: Record<string, string>): Promise<Session> => {
    const { accessKeyId, secretAccessKey, sessionToken } = credentialsIn(
      await ask(sts.url, params, keysOf(alice)),
    );
    return {
      accessKeyId,
      secretAccessKey: new Secret(secretAccessKey),
      sessionToken: new Secret(sessionToken),
      expiration: 0,
    };
  };
  return {
    get sts() {
      return sts;
    },
    endpoint: (): StsEndpoint => ({
      region: 'us-east-1',
      url: sts.url,
      fips: false,
      dualStack: false,
      caBundle: undefined,
      attempts: 1,
    }),
    withMfa: () =>
      sessionOf({
        Action: 'GetSessionToken',
        SerialNumber: 'arn:aws:iam::123456789012:mfa/alice',
        TokenCode: sts.nextCode('alice'),
        DurationSeconds: '3600',
      }),
    asRole: () =>
      sessionOf({
        Action: 'AssumeRole',
        RoleArn: 'arn:aws:iam::123456789012:role/open',
        RoleSessionName: 'me',
      }),
  };
}

export async function codeOf(body: Promise<unknown>): Promise<string> {
  const error = await body.then(
    () => undefined,
    (why: unknown) => why,
  );
  if (!(error instanceof UserError)) throw error ?? new Error('nothing was wrong');
  return `${error.exit} ${error.code}`;
}
