import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { desk, project, serialOf } from '../support/desk.ts';
import { standIn } from '../support/key-stores.ts';
import { some } from '../support/matrix.ts';
import { japanese, linesOf, pages, textOf } from '../support/pages.ts';
import { type Shell, shells } from '../support/shells.ts';

/** The people of the pages. */
const person = (accountId: string, name: string, id: string) => ({
  accountId,
  name,
  accessKeys: [{ id, secret: `canary-long-term+${name}/secret` }],
  devices: [{ serial: `arn:aws:iam::${accountId}:mfa/${name}`, secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' }],
});
const alice = person('123456789012', 'alice', 'AKIAALICEALICEALICE1');
const bob = person('444455556666', 'bob', 'AKIABOBBOBBOBBOBBOB1');
const role = (account: string) => ({ arn: `arn:aws:iam::${account}:role/Admin`, maxSessionDuration: 7200 });

const home = desk({ users: [alice, bob], roles: [role('123456789012'), role('444455556666')] });

const keysOf = (name: string, { accessKeys: [key] }: typeof alice) =>
  `[${name}]\naws_access_key_id = ${key?.id}\naws_secret_access_key = ${key?.secret}\n`;
const config = `[default]
region = eu-west-1
mfa_serial = ${serialOf(alice)}

[profile work]
region = eu-west-1
mfa_serial = ${serialOf(alice)}

[profile prod]
region = eu-west-1
mfa_serial = ${serialOf(bob)}

[profile admin]
role_arn = ${role('444455556666').arn}
source_profile = work

[profile "two words"]
region = eu-west-1
role_arn = ${role('123456789012').arn}
source_profile = work

[profile credentials_name]
mfa_serial = ${serialOf(alice)}
`;

/** The commands that the pages start, and the browser; they do nothing. */
const programs =
  'agent aws backup create-vpc.cmd cdk claude docker job node npm python terraform COMMAND CMD'.split(' ');

/** A line that needs more than the profiles, or that cannot end with 0 without a person. */
type Special = {
  line: RegExp;
  /** Shell code before it. */
  before?: string;
  /** Its exit status; 0 without. */
  status?: number;
  /** On stdout or stderr. */
  says?: RegExp;
};

/** The first that matches counts. */
const special: readonly Special[] = [
  // It answers until it is ended.
  {
    line: /^awsmfa serve/,
    before: 'awsmfa() { timeout 3 awsmfa "$@"; }',
    status: 124,
    says: /AWS_CONTAINER_CREDENTIALS_FULL_URI=/,
  },
  { line: / --bind 169/, status: 1, says: /169\.254\.170\.2/ },
  { line: /^awsmfa doctor/, before: 'awsmfa login work', says: /MFA|ok/ },
  {
    line: /--csv keys\.csv/,
    before: `printf '%s\\n' 'Access key ID,Secret access key' '${alice.accessKeys.map(({ id, secret }) => `${id},${secret}`)}' >keys.csv; rm .aws/*`,
  },
  { line: /agent\.sh$/, before: 'cp bin/agent agent.sh' },
  { line: /^awsmfa keys remove work$/, before: 'awsmfa keys store work', status: 4, says: /no terminal/ },
  { line: /^awsmfa keys (rotate|remove)/, before: 'awsmfa keys store work' },
  { line: /^aws-mfa --setup/, status: 1, says: /no terminal/ },
  { line: /^awsmfa setup --remove/ },
  { line: /^awsmfa (setup|write --setup)/, status: 4, says: /no terminal/ },
  { line: /^awsmfa init$/, status: 2, says: /for which shell/ },
  { line: /^awsmfa allow/, before: 'echo work >.awsmfa; awsmfa allow' },
  { line: /^awsmfa logout work-mfa/, before: 'awsmfa write work' },
  { line: /^awsmfa status --verify/, before: 'awsmfa use work', says: /user\/alice/ },
  { line: /^awsmfa use -$/, before: 'awsmfa use work; AWSMFA_TOKEN_CODE=$OTHER_CODE awsmfa use prod' },
  // Where no long-term keys are in [default].
  { line: /^awsmfa write work --to default/, before: "sed -i '/^.default/,/^$/d' .aws/credentials" },
  {
    line: /^awsmfa exec --scope packages/,
    before: `mkdir -p .aws/awsmfa/scopes; chmod 700 .aws/awsmfa; echo '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"codeartifact:*","Resource":"*"}]}' >.aws/awsmfa/scopes/packages.json`,
  },
];

/** The words in capitals stand for something of the reader's. */
function filledIn(line: string, code: string): string {
  return line
    .replace(/--to NAME/, '--to other')
    .replace(/\b(NAME|PROFILE)\b/, 'work')
    .replace(/\bSHELL\b/, 'zsh')
    .replace(/(?<= )ARN\b/, role('123456789012').arn)
    .replace('123456 ', `${code} `)
    .replace(/123456$/, code);
}

const english = pages.filter((page) => !japanese.includes(page));
const lines = [...new Set(english.flatMap((page) => linesOf(textOf(page))))].sort();
/** In the world of aws-mfa the sections have its suffix, and there is no config file. */
const ofAwsMfa = new Set(linesOf(textOf('docs/from-aws-mfa.md')));
const bash = shells.find(({ name }) => name === 'bash') as Shell;
const op = standIn('op');
afterAll(op.remove);

describe('each command line of the pages does what it is for', () => {
  test.for(some(lines, 16))('%s', async (line) => {
    const isAwsMfa = ofAwsMfa.has(line) || line.startsWith('aws-mfa');
    const suffix = isAwsMfa ? '-long-term' : '';
    home.config(isAwsMfa ? '' : config);
    const sections = [
      keysOf(`default${suffix}`, alice),
      keysOf(`work${suffix}`, alice),
      keysOf(`prod${suffix}`, bob),
      keysOf(`s3-cli-user${suffix}`, alice),
      keysOf('org', alice),
      keysOf('credentials_name', alice),
    ];
    writeFileSync(join(home.home, '.aws/credentials'), sections.join('\n'));
    const bin = join(home.home, 'bin');
    mkdirSync(bin);
    const program = (name: string, text: string) => {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(bin, name), 0o755);
    };
    for (const name of programs) program(name, 'exit 0');
    program('aws-mfa', `exec '${process.execPath}' '${join(project, 'dist/aws-mfa.cjs')}' "$@"`);
    program('xdg-open', `exec '${process.execPath}' -e 'fetch(process.argv[1])' "$1"`);
    const code = home.sts.nextCode(/\bprod\b/.test(line) ? 'bob' : 'alice');
    const { before = '', status = 0, says } = special.find((one) => one.line.test(line)) ?? {};
    const result = await home.run(bash, `${before}\n${filledIn(line, code)}`, {
      ...op.env,
      HOME: home.home,
      PATH: `${bin}:${home.env.PATH?.split(':')[0]}:${op.env.PATH}`,
      SHELL: '/bin/sh',
      AWS_PROFILE: 'work',
      AWSMFA_KEY_STORE: '1password',
      AWSMFA_TOKEN_CODE: code,
      OTHER_CODE: home.sts.nextCode('bob'),
      AWS_ENDPOINT_URL_SIGNIN: home.sts.url,
    });
    expect({ status: result.status, text: result.stdout + result.stderr }).toEqual({
      status,
      text: expect.stringMatching(says ?? /^/),
    });
  });
});
