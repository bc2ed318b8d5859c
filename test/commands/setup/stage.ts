import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { User } from '../../../tools/local-sts/directory.ts';
import type { LoggedRequest } from '../../../tools/local-sts/listener.ts';
import { type LocalSts, startLocalSts } from '../../../tools/local-sts/server.ts';
import { type Home, makeHome } from '../../support/home.ts';
import { type Run, run, type Setting } from '../../support/world.ts';

/** Somebody who was given two access keys and has one MFA device. */
export const ann: User = {
  accountId: '123456789012',
  name: 'ann',
  accessKeys: [{ id: 'AKIAANNANNANNANNANNA', secret: 'canary+ann/secret-of-forty-characters-00' }],
  devices: [{ serial: 'arn:aws:iam::123456789012:mfa/ann', secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' }],
};

/** Somebody who may not look at his own devices, and named his after his telephone. */
export const dan: User = {
  accountId: '123456789012',
  name: 'dan',
  accessKeys: [{ id: 'AKIADANDANDANDANDAND', secret: 'canary+dan/secret-of-forty-characters-00' }],
  devices: [{ serial: 'arn:aws:iam::123456789012:mfa/pixel', secret: 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU' }],
  denied: ['iam:ListMFADevices'],
};

/** The same, and the device is called as the console proposes. */
export const eve: User = {
  accountId: '123456789012',
  name: 'eve',
  accessKeys: [{ id: 'AKIAEVEEVEEVEEVEEVEE', secret: 'canary+eve/secret-of-forty-characters-00' }],
  devices: [{ serial: 'arn:aws:iam::123456789012:mfa/eve', secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }],
  denied: ['iam:ListMFADevices'],
};

/** Two devices, and a security key. */
export const tom: User = {
  accountId: '123456789012',
  name: 'tom',
  accessKeys: [{ id: 'AKIATOMTOMTOMTOMTOMT', secret: 'canary+tom/secret-of-forty-characters-00' }],
  devices: [
    { serial: 'arn:aws:iam::123456789012:mfa/old', secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' },
    { serial: 'arn:aws:iam::123456789012:u2f/user/tom/key-ABCDEFGHIJKLMNOP' },
    { serial: 'arn:aws:iam::123456789012:mfa/new', secret: 'KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU' },
  ],
};

/** No device at all. */
export const nil: User = {
  accountId: '123456789012',
  name: 'nil',
  accessKeys: [{ id: 'AKIANILNILNILNILNILN', secret: 'canary+nil/secret-of-forty-characters-00' }],
};

export const keyOf = ({ accessKeys: [key] }: User) => ({ id: key?.id ?? '', secret: key?.secret ?? '' });

/** The key as it is called in messages. */
export const shortOf = (user: User) => `${keyOf(user).id.slice(0, 4)}…${keyOf(user).id.slice(-4)}`;

export interface SetupStage {
  readonly sts: LocalSts;
  readonly home: Home;
  calls(): readonly LoggedRequest[];
  run(argv: readonly string[], setting?: Setting): Promise<Run>;
  /** A file below the home; undefined when it is not there. */
  read(name: string): string | undefined;
  /** What is below the home of this, by name: texts and times of the last change. */
  state(): unknown;
  csv(user: User): string;
}

const files = ['.aws/config', '.aws/credentials', '.bashrc', '.zshrc', '.config/fish/config.fish'] as const;

/** An empty home in a zsh, and an STS that knows everybody above. To be called at the top of a test file. */
export function setupStage(): SetupStage {
  let sts: LocalSts;
  let home: Home;
  let before = 0;
  beforeAll(async () => {
    sts = await startLocalSts({ users: [ann, dan, eve, tom, nil] });
  });
  beforeEach(() => {
    sts.clearFaults();
    sts.forgetSpentCodes();
    before = sts.requests.length;
    home = makeHome();
  });
  afterAll(() => sts.close());
  const read = (name: string) => {
    const path = join(home.path, name);
    return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8') : undefined;
  };
  return {
    get sts() {
      return sts;
    },
    get home() {
      return home;
    },
    calls: () => sts.requests.slice(before),
    run: (argv, setting = {}) =>
      run(['setup', ...argv], {
        home,
        ancestors: ['zsh'],
        ...setting,
        env: { AWS_ENDPOINT_URL: sts.url, ...setting.env },
      }),
    read,
    state: () =>
      files.map((name) => {
        const path = join(home.path, name);
        return [name, read(name), statSync(path, { throwIfNoEntry: false })?.mtimeMs];
      }),
    csv: (user) =>
      home.write(
        'keys.csv',
        `Access key ID,Secret access key\r\n${keyOf(user).id},${keyOf(user).secret}\r\n`,
      ),
  };
}

export const block = `# >>> awsmfa >>>\n[ ! -f '/opt/awsmfa/shell/awsmfa.zsh' ] || source '/opt/awsmfa/shell/awsmfa.zsh'\n# <<< awsmfa <<<\n`;

export function credentialsOf(name: string, user: User): string {
  return `[${name}]\naws_access_key_id = ${keyOf(user).id}\naws_secret_access_key = ${keyOf(user).secret}\n`;
}

export function serialOf({ devices: [device] = [] }: User): string {
  return device?.serial ?? '';
}
