import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListMFADevicesCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { type Credentials, Secret } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../text.ts';
import { notAws, quoteAnswer, readError, translate } from './answer.ts';
import { clientConfig } from './client.ts';
import type { StsEndpoint } from './endpoint.ts';

/**
 * The serial numbers of all MFA devices of a user, in IAM's order, security keys and passkeys too. The caller can do
 * without them, so the time limit is short.
 *
 * @param seconds the limit for all pages
 * @throws the SDK's own error when IAM refuses, cannot be reached or is not IAM
 */
export function listMfaDevices(
  credentials: Credentials,
  endpoint: StsEndpoint,
  seconds = 4,
): Promise<readonly string[]> {
  return callIam(credentials, endpoint, async (client) => {
    const abortSignal = AbortSignal.timeout(seconds * 1000);
    const serials: string[] = [];
    for (let marker: string | undefined; ; ) {
      const command = new ListMFADevicesCommand(marker === undefined ? {} : { Marker: marker });
      const { MFADevices: devices, IsTruncated, Marker } = await client.send(command, { abortSignal });
      if (devices === undefined) throw new Error('a 200 without a list of devices');
      for (const { SerialNumber: serial } of devices) if (serial) serials.push(serial);
      if (!IsTruncated || !Marker) return serials;
      marker = Marker;
    }
  });
}

/**
 * When an access key was created, in epoch seconds; undefined when IAM does not list it.
 *
 * @throws the SDK's own error when IAM refuses, cannot be reached or has not answered in 4 seconds
 */
export function accessKeyCreated(
  credentials: Credentials,
  endpoint: StsEndpoint,
  accessKeyId: string,
): Promise<number | undefined> {
  return callIam(credentials, endpoint, async (client) => {
    const options = { abortSignal: AbortSignal.timeout(4000) };
    const { AccessKeyMetadata: keys } = await client.send(new ListAccessKeysCommand({}), options);
    const key = keys?.find(({ AccessKeyId }) => AccessKeyId === accessKeyId);
    return key?.CreateDate && epochSeconds(key.CreateDate);
  });
}

/** An access key of a user, as IAM lists it. */
export interface ListedKey {
  readonly accessKeyId: string;
  readonly isActive: boolean;
  /** Epoch seconds. */
  readonly created: number;
}

/** IAM's calls for the access keys of one user. Each throws a UserError when IAM refuses it or cannot be reached. */
export interface AccessKeyCalls {
  list(): Promise<readonly ListedKey[]>;
  /** IAM gives the secret in this answer alone. The call is sent once: a second one would make a second key. */
  create(): Promise<ListedKey & { readonly secretAccessKey: Secret }>;
  deactivate(accessKeyId: string): Promise<void>;
  /** A key that is gone already counts as deleted. */
  remove(accessKeyId: string): Promise<void>;
}

/**
 * @param credentials long-term keys, or a session with MFA: IAM refuses a session without MFA
 * @param userName goes with every call: IAM needs it where the credentials are temporary
 */
export function accessKeyCalls(
  credentials: Credentials,
  endpoint: StsEndpoint,
  userName: string,
): AccessKeyCalls {
  const user = { UserName: userName };
  const call = <Answer>(
    action: string,
    send: (client: IAMClient) => Promise<Answer>,
    attempts?: number,
  ): Promise<Answer> =>
    callIam(credentials, endpoint, send, attempts).catch((error) => {
      throw iamError(error, action, userName);
    });
  return {
    list: () =>
      call('ListAccessKeys', async (client) => {
        const { AccessKeyMetadata: keys } = await client.send(new ListAccessKeysCommand(user));
        if (keys === undefined) throw notAws('IAM', '', 'no list of keys');
        return keys.map(({ AccessKeyId: accessKeyId = '', Status, CreateDate }) => ({
          accessKeyId,
          isActive: Status === 'Active',
          created: epochSeconds(CreateDate),
        }));
      }),
    create: () =>
      call(
        'CreateAccessKey',
        async (client) => {
          const { AccessKey: key } = await client.send(new CreateAccessKeyCommand(user));
          if (!key?.AccessKeyId || !key.SecretAccessKey) throw notAws('IAM', '', 'no access key');
          return {
            accessKeyId: key.AccessKeyId,
            isActive: true,
            created: epochSeconds(key.CreateDate),
            secretAccessKey: new Secret(key.SecretAccessKey),
          };
        },
        1,
      ),
    deactivate: (id) =>
      call('UpdateAccessKey', async (client) => {
        await client.send(new UpdateAccessKeyCommand({ ...user, AccessKeyId: id, Status: 'Inactive' }));
      }),
    remove: (id) =>
      call('DeleteAccessKey', async (client) => {
        await client.send(new DeleteAccessKeyCommand({ ...user, AccessKeyId: id })).catch((error) => {
          if (!readError(error).code.startsWith('NoSuchEntity')) throw error;
        });
      }),
  };
}

/**
 * Calls IAM where the partition of the region has it, signed for the one region that IAM is signed for, also behind a
 * URL of the user's: `cn-north-1`, `us-gov-west-1`, `us-east-1`. The SDK's endpoint rules know both.
 */
async function callIam<Answer>(
  credentials: Credentials,
  endpoint: StsEndpoint,
  call: (client: IAMClient) => Promise<Answer>,
  attempts = Math.min(endpoint.attempts, 2),
): Promise<Answer> {
  const { region, fips, dualStack } = endpoint;
  const config = await clientConfig({ ...endpoint, attempts }, credentials);
  const { endpointProvider } = new IAMClient(config).config;
  const { url, properties } = endpointProvider({ Region: region, UseFIPS: fips, UseDualStack: dualStack });
  const [scheme] = (properties?.authSchemes ?? []) as readonly { readonly signingRegion?: string }[];
  const client = new IAMClient({
    ...config,
    region: scheme?.signingRegion ?? region,
    endpoint: endpoint.url ?? url.href,
    // The URL is that of the FIPS or dual-stack endpoint already.
    useFipsEndpoint: false,
    useDualstackEndpoint: false,
  });
  try {
    return await call(client);
  } finally {
    client.destroy();
  }
}

function epochSeconds(date: Date | undefined): number {
  return Math.floor((date?.getTime() ?? 0) / 1000);
}

/** An error of IAM, or of the network, about a call for access keys. */
function iamError(error: unknown, action: string, userName: string): UserError {
  const user = printable(userName, 64);
  const translated = translate(error, { name: 'IAM', of: ` for ${action}`, withCode: false }, (answer) => {
    const isMfa = /explicit deny/.test(answer.message);
    return [
      {
        when: /^\w*(AccessDenied|UnauthorizedOperation)/,
        code: 'iam-denied',
        message: `${user} may not call iam:${action}${isMfa ? ': a policy denies it' : ''}`,
        hint: `A policy must allow iam:${action} on the user itself (…:user/\${aws:username})${isMfa ? '. It may want MFA: set mfa_serial for the profile' : ''}.`,
      },
      {
        when: /^LimitExceeded/,
        code: 'two-keys',
        message: `${user} has two access keys already, and AWS allows no third`,
        hint: 'Delete the one that nobody uses: aws iam list-access-keys, aws iam delete-access-key --access-key-id ID',
      },
      {
        when: /^(InvalidClientTokenId|ExpiredToken)/,
        code: 'iam-credentials',
        message: `IAM does not take the credentials that called ${action} for ${user}: ${quoteAnswer(answer)}`,
        hint: 'A session must come with MFA to call IAM. Get a new one: awsmfa login --refresh',
      },
      {
        when: /^/,
        code: 'iam-failed',
        message: `IAM refused ${action} for ${user}: ${quoteAnswer(answer)}`,
        hint: 'Run it again: it goes on where it was.',
      },
    ];
  });
  if (translated.exit !== Exit.unreachable) return translated;
  const hint = 'Look at the network and the proxy settings, then run it again: it goes on where it was.';
  return new UserError(translated.exit, translated.code, translated.message, hint);
}
