import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListMFADevicesCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import type { Credentials } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { Secret } from '../secret.ts';
import { quoteAnswer, readError, wayError } from './answer.ts';
import { clientConfig } from './client.ts';
import type { StsEndpoint } from './endpoint.ts';

/**
 * The serial numbers of all MFA devices of the user whose long-term keys these are, in IAM's order; of security keys
 * and passkeys as well. It is a convenience, and has little time.
 *
 * @param seconds how long it may take in all
 * @throws the SDK's own error when IAM refuses, cannot be reached or is not IAM
 */
export async function listMfaDevices(
  credentials: Credentials,
  endpoint: StsEndpoint,
  seconds = 4,
): Promise<readonly string[]> {
  const config = await clientConfig(await placed(endpoint, credentials), credentials);
  const client = new IAMClient(config);
  const abortSignal = AbortSignal.timeout(seconds * 1000);
  const serials: string[] = [];
  try {
    for (let marker: string | undefined; ; ) {
      const command = new ListMFADevicesCommand(marker === undefined ? {} : { Marker: marker });
      const { MFADevices: devices, IsTruncated, Marker } = await client.send(command, { abortSignal });
      if (devices === undefined) throw new Error('a 200 without a list of devices');
      for (const { SerialNumber: serial } of devices) if (serial) serials.push(serial);
      if (!IsTruncated || !Marker) return serials;
      marker = Marker;
    }
  } finally {
    client.destroy();
  }
}

/**
 * When an access key was made, in epoch seconds; undefined when IAM does not list it.
 *
 * @throws the SDK's own error when IAM refuses, cannot be reached or has not answered in 4 seconds
 */
export async function accessKeyCreated(
  credentials: Credentials,
  endpoint: StsEndpoint,
  accessKeyId: string,
): Promise<number | undefined> {
  const config = await clientConfig(await placed(endpoint, credentials), credentials);
  const client = new IAMClient(config);
  try {
    const options = { abortSignal: AbortSignal.timeout(4000) };
    const { AccessKeyMetadata: keys } = await client.send(new ListAccessKeysCommand({}), options);
    const key = keys?.find(({ AccessKeyId }) => AccessKeyId === accessKeyId);
    return key?.CreateDate && seconds(key.CreateDate);
  } finally {
    client.destroy();
  }
}

/** An access key of a user, as IAM lists it. */
export interface ListedKey {
  readonly accessKeyId: string;
  readonly isActive: boolean;
  /** Epoch seconds. */
  readonly created: number;
}

/** IAM's calls for the access keys of one user. Each throws a UserError for a refusal, and when IAM cannot be reached. */
export interface AccessKeyCalls {
  list(): Promise<readonly ListedKey[]>;
  /** IAM gives the secret in this answer alone. The call is sent once: a second one would make a second key. */
  create(): Promise<ListedKey & { readonly secretAccessKey: Secret }>;
  deactivate(accessKeyId: string): Promise<void>;
  /** A key that is gone already counts as deleted. */
  remove(accessKeyId: string): Promise<void>;
}

/**
 * @param credentials long-term keys, or a session with MFA: IAM refuses one without
 * @param userName is sent with every call, because IAM needs it where temporary credentials call
 */
export async function accessKeyCalls(
  credentials: Credentials,
  endpoint: StsEndpoint,
  userName: string,
): Promise<AccessKeyCalls> {
  const place = await placed(endpoint, credentials);
  const send = async <Answer>(
    action: string,
    call: (client: IAMClient) => Promise<Answer>,
    attempts = place.attempts,
  ): Promise<Answer> => {
    const config = await clientConfig({ ...place, attempts }, credentials);
    const client = new IAMClient(config);
    try {
      return await call(client);
    } catch (error) {
      throw iamError(error, action, userName);
    } finally {
      client.destroy();
    }
  };
  const user = { UserName: userName };
  return {
    list: () =>
      send('ListAccessKeys', async (client) => {
        const { AccessKeyMetadata: keys } = await client.send(new ListAccessKeysCommand(user));
        if (keys === undefined) throw new Error('a 200 without a list of keys');
        return keys.map(({ AccessKeyId: id = '', Status, CreateDate }) => ({
          accessKeyId: id,
          isActive: Status === 'Active',
          created: seconds(CreateDate),
        }));
      }),
    create: () =>
      send(
        'CreateAccessKey',
        async (client) => {
          const { AccessKey: key } = await client.send(new CreateAccessKeyCommand(user));
          if (!key?.AccessKeyId || !key.SecretAccessKey) throw new Error('a 200 without a key');
          const { AccessKeyId: accessKeyId, SecretAccessKey: secret, CreateDate } = key;
          return {
            accessKeyId,
            isActive: true,
            created: seconds(CreateDate),
            secretAccessKey: new Secret(secret),
          };
        },
        1,
      ),
    deactivate: (id) =>
      send('UpdateAccessKey', async (client) => {
        await client.send(new UpdateAccessKeyCommand({ ...user, AccessKeyId: id, Status: 'Inactive' }));
      }),
    remove: (id) =>
      send('DeleteAccessKey', async (client) => {
        await client.send(new DeleteAccessKeyCommand({ ...user, AccessKeyId: id })).catch((error) => {
          if (!readError(error).code.startsWith('NoSuchEntity')) throw error;
        });
      }),
  };
}

function seconds(date: Date | undefined): number {
  return Math.floor((date?.getTime() ?? 0) / 1000);
}

/** IAM's "no", or its silence, about a call for access keys. */
function iamError(error: unknown, action: string, userName: string): UserError {
  const answer = readError(error);
  const user = printable(userName, 64);
  const onTheWay = wayError(answer, { name: 'IAM', of: ` for ${action}`, withCode: false });
  if (onTheWay) {
    const hint = 'Look at the network and the proxy settings, then run it again: it goes on where it was.';
    return new UserError(onTheWay.exit, onTheWay.code, onTheWay.message, hint);
  }
  if (/AccessDenied|UnauthorizedOperation/.test(answer.code)) {
    const isMfa = /explicit deny/.test(answer.message);
    return new UserError(
      Exit.refused,
      'iam-denied',
      `${user} may not call iam:${action}${isMfa ? ': a policy denies it' : ''}`,
      `A policy must allow iam:${action} on the user itself (…:user/\${aws:username})${isMfa ? '. It may want MFA: set mfa_serial for the profile' : ''}.`,
    );
  }
  if (answer.code.startsWith('LimitExceeded')) {
    return new UserError(
      Exit.refused,
      'two-keys',
      `${user} has two access keys already, and AWS allows no third`,
      'Delete the one that nobody uses: aws iam list-access-keys, aws iam delete-access-key --access-key-id ID',
    );
  }
  if (/^(InvalidClientTokenId|ExpiredToken)/.test(answer.code)) {
    return new UserError(
      Exit.refused,
      'iam-credentials',
      `IAM does not take the credentials that called ${action} for ${user}: ${quoteAnswer(answer)}`,
      'A session must come with MFA to call IAM. Get a new one: awsmfa login --refresh',
    );
  }
  return new UserError(
    Exit.refused,
    'iam-failed',
    `IAM refused ${action} for ${user}: ${quoteAnswer(answer)}`,
    'Run it again: it goes on where it was.',
  );
}

/**
 * Where the partition of a region has its IAM, and the one region that it is signed for, also behind a URL of the
 * user's: `cn-north-1`, `us-gov-west-1`, `us-east-1`. The SDK's endpoint rules know both.
 */
async function placed(endpoint: StsEndpoint, credentials: Credentials): Promise<StsEndpoint> {
  const { region, fips, dualStack } = endpoint;
  const config = await clientConfig(endpoint, credentials);
  const { endpointProvider } = new IAMClient(config).config;
  const { url, properties } = endpointProvider({ Region: region, UseFIPS: fips, UseDualStack: dualStack });
  const [scheme] = (properties?.authSchemes ?? []) as readonly { readonly signingRegion?: string }[];
  return {
    ...endpoint,
    region: scheme?.signingRegion ?? region,
    url: endpoint.url ?? url.href,
    // The URL is the one of that form already.
    fips: false,
    dualStack: false,
    attempts: Math.min(endpoint.attempts, 2),
  };
}
