import type { User } from '../../tools/local-sts/directory.ts';

/** One of the two accounts of the demo: a profile of the user's files, and whom STS knows by its keys. */
export interface Account {
  readonly profile: string;
  readonly region: string;
  readonly serial: string;
  readonly arn: string;
  readonly user: User;
}

export const work = account({
  profile: 'work',
  accountId: '111122223333',
  region: 'eu-central-1',
  name: 'ada',
  key: { id: 'AKIAWORKWORKWORKWORK', secret: 'long-term+secret/of+ada/for+the+demo+wrk' },
  deviceSecret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
});

export const prod = account({
  profile: 'prod',
  accountId: '444455556666',
  region: 'us-west-2',
  name: 'ada-admin',
  key: { id: 'AKIAPRODPRODPRODPROD', secret: 'long-term+secret/of+ada/for+the+demo+prd' },
  deviceSecret: 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU',
});

export const accounts: readonly Account[] = [work, prod];

/** `~/.aws/config`, as the AWS CLI writes it. */
export const configFile = accounts
  .map(({ profile, region, serial }) => `[profile ${profile}]\nregion = ${region}\nmfa_serial = ${serial}\n`)
  .join('\n');

/** `~/.aws/credentials`: the long-term keys. */
export const credentialsFile = accounts
  .map(({ profile, user }) => {
    const [key] = user.accessKeys;
    return `[${profile}]\naws_access_key_id = ${key?.id}\naws_secret_access_key = ${key?.secret}\n`;
  })
  .join('\n');

interface Given {
  readonly profile: string;
  readonly accountId: string;
  readonly region: string;
  readonly name: string;
  readonly key: { readonly id: string; readonly secret: string };
  /** Base32, as in the QR code that an authenticator app scans. */
  readonly deviceSecret: string;
}

function account({ profile, accountId, region, name, key, deviceSecret }: Given): Account {
  const serial = `arn:aws:iam::${accountId}:mfa/${name}`;
  return {
    profile,
    region,
    serial,
    arn: `arn:aws:iam::${accountId}:user/${name}`,
    user: { accountId, name, accessKeys: [key], devices: [{ serial, secret: deviceSecret }] },
  };
}
