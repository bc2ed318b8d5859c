import { statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { User } from '../../../tools/local-sts/directory.ts';
import { timeless } from '../../support/stage.ts';
import { fakeTerminal } from '../../support/world.ts';
import {
  ann,
  block,
  credentialsOf,
  dan,
  eve,
  keyOf,
  nil,
  serialOf,
  setupStage,
  shortOf,
  tom,
} from './stage.ts';

const at = setupStage();

const enter = '\r';
const introduction = 'A few questions and an MFA code. Nothing is written before AWS takes the key.';
const keys = (user: User) => [`${keyOf(user).id}\r`, `${keyOf(user).secret}\r`];
const code = (user: User) => `${at.sts.nextCode(serialOf(user))}\r`;
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('who has nothing but two keys answers four questions and gives a code', () => {
  test('and has profile, device, session and rc file', async () => {
    const terminal = fakeTerminal(...keys(ann), 'eu-west-1\r', code(ann), enter);
    const { exit, stdout, stderr } = await at.run([], { terminal });
    expect({ exit, stdout, left: terminal.left(), said: timeless(stderr) }).toEqual({
      exit: 0,
      stdout: '',
      left: [],
      said: [
        introduction,
        `The access key ${shortOf(ann)} belongs to ann in account 123456789012`,
        'MFA device: arn:aws:iam::123456789012:mfa/ann',
        'Wrote the access key to [default] in ~/.aws/credentials',
        'Wrote region and mfa_serial of profile "default" to ~/.aws/config',
        'default: new session, 12h left (until TIME)',
        '~/.zshrc (a new file)',
        '@@ -0,0 +1,3 @@',
        '+# >>> awsmfa >>>',
        "+[ ! -f '/opt/awsmfa/shell/awsmfa.zsh' ] || source '/opt/awsmfa/shell/awsmfa.zsh'",
        '+# <<< awsmfa <<<',
        'Wrote the shell integration to ~/.zshrc',
        "Open a new terminal, or run: source '/opt/awsmfa/shell/awsmfa.zsh'",
        'Then: awsmfa use default',
      ],
    });
    expect(at.read('.aws/credentials')).toBe(credentialsOf('default', ann));
    expect(at.read('.aws/config')).toBe(`[default]\nregion = eu-west-1\nmfa_serial = ${serialOf(ann)}\n`);
    expect(at.read('.zshrc')).toBe(block);
    expect([at.home.credentials, at.home.config].map(modeOf)).toEqual(['600', '600']);
    expect(at.home.cached()).toHaveLength(1);
    expect(terminal.shown()).not.toContain(keyOf(ann).secret.slice(0, 8));
  });

  test('three, when the keys come as a file, which may be dragged into the terminal', async () => {
    const path = at.csv(ann);
    const terminal = fakeTerminal(`'${path}' \r`, enter, code(ann), enter);
    expect(await at.run([], { terminal })).toMatchObject({ exit: 0 });
    expect(terminal.left()).toEqual([]);
    expect(at.read('.aws/credentials')).toBe(credentialsOf('default', ann));
    expect(at.read('.aws/config')).toContain('region = us-east-1\n');
  });

  test('also where IAM does not tell the device: then the region is left out, and said how to set', async () => {
    const terminal = fakeTerminal(...keys(eve), enter, code(eve), enter);
    const { exit, stderr } = await at.run([], { terminal });
    expect({ exit, left: terminal.left(), config: at.read('.aws/config') }).toEqual({
      exit: 0,
      left: [],
      config: `[default]\nmfa_serial = ${serialOf(eve)}\n`,
    });
    expect(stderr).toContain('No region yet; to set one: awsmfa setup --profile default --region eu-west-1');
  });

  test('also with several devices', async () => {
    const terminal = fakeTerminal(
      ...keys(tom),
      '\u001b[B\r',
      `${at.sts.nextCode('arn:aws:iam::123456789012:mfa/new')}\r`,
      enter,
    );
    const { exit } = await at.run([], { terminal });
    expect({ exit, left: terminal.left(), config: at.read('.aws/config') }).toEqual({
      exit: 0,
      left: [],
      config: '[default]\nmfa_serial = arn:aws:iam::123456789012:mfa/new\n',
    });
    expect(terminal.shown()).not.toContain('u2f');
  });

  test('two, with the keys and the region in the environment', async () => {
    const { id, secret } = keyOf(ann);
    const env = { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_DEFAULT_REGION: 'eu-north-1' };
    const terminal = fakeTerminal(enter, code(ann), enter);
    expect(await at.run([], { terminal, env })).toMatchObject({ exit: 0 });
    expect(terminal.left()).toEqual([]);
    expect(terminal.shown()).toContain(`the one in this shell's environment (${shortOf(ann)})`);
    expect(at.read('.aws/config')).toContain('region = eu-north-1\n');
  });

  test('and no code, who has no device', async () => {
    const terminal = fakeTerminal(...keys(nil), 'none\r', enter);
    const { exit, stderr } = await at.run([], { terminal });
    expect({ exit, left: terminal.left(), config: at.read('.aws/config') }).toEqual({
      exit: 0,
      left: [],
      config: undefined,
    });
    expect(stderr).toContain('This user has no MFA device, so the session will be one without MFA');
    expect(stderr.join('\n')).toMatch(
      /Roles and policies that ask for MFA refuse such a session\..*Assign MFA device\n.* aws iam create-virtual-mfa-device .* --profile default\n.* aws iam enable-mfa-device .*\n {2}Then run awsmfa setup --profile default again\./s,
    );
  });
});

test('none for the device, where IAM does not tell, is not asked about again', async () => {
  const terminal = fakeTerminal(...keys(eve), 'none\r', enter);
  const { exit, stderr } = await at.run([], { terminal });
  expect({ exit, left: terminal.left(), config: at.read('.aws/config') }).toEqual({
    exit: 0,
    left: [],
    config: undefined,
  });
  expect(terminal.shown()).toContain('none for a session without MFA):');
  expect(stderr.join('\n')).toContain('aws iam create-virtual-mfa-device');
});

describe('a slip costs one question', () => {
  test('a key that AWS does not know, and a secret that is not its own: nothing is written before they are right', async () => {
    const { id, secret } = keyOf(ann);
    const terminal = fakeTerminal(
      'AKIANOBODYNOBODYNOBO\r',
      `${secret}\r`,
      `${id}\r`,
      `${keyOf(dan).secret}\r`,
      enter,
      `${secret}\r`,
      '\u0003',
    );
    const { exit, stderr } = await at.run([], { terminal });
    expect({ exit, stderr, left: terminal.left(), credentials: at.read('.aws/credentials') }).toEqual({
      exit: 130,
      stderr: [
        introduction,
        'AWS does not know the access key AKIA…NOBO in us-east-1: mistyped, deleted or disabled; once more',
        `AWS knows the access key ${shortOf(ann)}, and has another secret for it; once more`,
        `The access key ${shortOf(ann)} belongs to ann in account 123456789012`,
        'MFA device: arn:aws:iam::123456789012:mfa/ann',
        'awsmfa: Cancelled: nothing was written',
        '  To go on from there: awsmfa setup',
      ],
      left: [],
      credentials: undefined,
    });
  });

  test('three of them are enough', async () => {
    const wrong = ['AKIANOBODYNOBODYNOBO\r', 'x\r'];
    const { exit, stderr } = await at.run([], {
      terminal: fakeTerminal(...wrong, ...wrong, ...wrong, ...wrong),
    });
    expect({ exit, last: stderr.at(-2), calls: at.calls().length }).toEqual({
      exit: 5,
      last: 'awsmfa: AWS does not know the access key AKIA…NOBO in us-east-1: mistyped, deleted or disabled',
      calls: 3,
    });
  });

  test('what was pasted along with a key does no harm', async () => {
    const { id, secret } = keyOf(ann);
    const terminal = fakeTerminal(
      `export AWS_ACCESS_KEY_ID="${id}" \r`,
      ` '${secret}',\r`,
      enter,
      code(ann),
      enter,
    );
    expect(await at.run([], { terminal })).toMatchObject({ exit: 0 });
    expect(at.read('.aws/credentials')).toBe(credentialsOf('default', ann));
  });

  test.for([
    ['AKIA', 'An access key ID has 20 letters and digits, AKIA…; this has 4'],
    ['AKIA!ANNANNANNANNANN', 'this has other characters'],
    ['ASIAANNANNANNANNANNA', 'ASIA… is a temporary key'],
    ['AKIA ANNANNANNANNANNA', 'There is a blank in it'],
    ['wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'That looks like the secret access key'],
    ['', 'Without an access key there is nothing to set up'],
  ] as const)('%j is no access key ID, and that is said', async ([typed, said]) => {
    const terminal = fakeTerminal(`${typed}\r\u0003`);
    expect(await at.run([], { terminal })).toMatchObject({ exit: 130 });
    expect(terminal.shown()).toContain(said);
    expect(at.calls()).toEqual([]);
  });

  test.for([
    ['', 'That was nothing; paste the secret access key that belongs to the ID'],
    [keyOf(ann).id, 'That was the access key ID again; the secret is the longer one of the two'],
    [
      'two words',
      'There is a blank in it, or a character that no secret has: copy it again, all of it on one line',
    ],
  ] as const)('%j is no secret', async ([typed, said]) => {
    const terminal = fakeTerminal(`${keyOf(ann).id}\r`, `${typed}\r`, '\u0003');
    const { exit, stderr } = await at.run([], { terminal });
    expect({ exit, said: stderr[1], calls: at.calls() }).toEqual({ exit: 130, said, calls: [] });
  });

  test('a file of another kind', async () => {
    const path = at.home.write('other.csv', 'a,b\n1,2\n');
    const terminal = fakeTerminal(`${path}\r`, '~/nowhere.csv\r', '\u0003');
    const { exit, stderr } = await at.run([], { terminal });
    expect({ exit, said: stderr.slice(1, 3) }).toEqual({
      exit: 130,
      said: [
        `${path} has the columns a, b; it needs "Access key ID" and "Secret access key"`,
        `Cannot read ${at.home.path}/nowhere.csv: there is no such file`,
      ],
    });
  });

  test('a region that is none', async () => {
    const terminal = fakeTerminal(
      ...keys(ann),
      `eu west\r${'\u007f'.repeat(7)}eu-west-1\r`,
      code(ann),
      enter,
    );
    expect(await at.run([], { terminal })).toMatchObject({ exit: 0 });
    expect(terminal.shown()).toContain('"eu west" is no region; a region looks like eu-west-1');
    expect(at.read('.aws/config')).toContain('region = eu-west-1\n');
  });

  test('a region that is newer than this awsmfa', async () => {
    const terminal = fakeTerminal(...keys(ann), 'xx-moon-1\r\r', code(ann), enter);
    await at.run([], { terminal });
    expect(terminal.shown()).toContain('AWS has no region xx-moon-1 that awsmfa knows; if it is a new one');
    expect(at.read('.aws/config')).toContain('region = xx-moon-1\n');
  });

  test('names that no profile can have, and a csv file with half a key', async () => {
    at.home.write('.aws/config', '[profile other]\nregion = eu-west-1\n');
    const terminal = fakeTerminal(...keys(ann), ` \r\u007f-x\r${'\u007f'.repeat(2)}]\r\u0003`);
    expect(await at.run([], { terminal })).toMatchObject({ exit: 130 });
    expect(terminal.shown()).toContain('A profile needs a name');
    expect(terminal.shown()).toContain('A name that begins with a hyphen would be taken for an option');
    expect(terminal.shown()).toContain('"]" cannot be the name of a profile');
    const csv = at.home.write('short.csv', 'Access key ID,Secret access key\nAKIA,x\n');
    const { exit, stderr } = await at.run(['--csv', csv, '--no-rc']);
    expect({ exit, error: stderr.join('\n') }).toEqual({
      exit: 3,
      error: expect.stringMatching(/short\.csv: An access key ID has 20 letters and digits/),
    });
  });

  test('a device that was guessed wrong: asked for again, and corrected', async () => {
    const pixel = serialOf(dan);
    const terminal = fakeTerminal(...keys(dan), enter, code(dan), `${pixel}\r`, code(dan), enter);
    const { exit, stderr } = await at.run([], { terminal });
    expect({ exit, left: terminal.left(), config: at.read('.aws/config') }).toEqual({
      exit: 0,
      left: [],
      config: `[default]\nmfa_serial = ${pixel}\n`,
    });
    expect(stderr).toContain(
      'arn:aws:iam::123456789012:user/dan (profile "default") has no MFA device arn:aws:iam::123456789012:mfa/dan',
    );
  });
});

test('without a network nothing is asked twice, and nothing written', async () => {
  const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' };
  const terminal = fakeTerminal(...keys(ann), enter);
  const { exit, stderr } = await at.run([], { terminal, env });
  expect({ exit, left: terminal.left(), first: stderr[1], credentials: at.read('.aws/credentials') }).toEqual(
    {
      exit: 6,
      left: [enter],
      first:
        'awsmfa: STS (http://127.0.0.1:1) could not be reached: connection refused (ECONNREFUSED 127.0.0.1:1)',
      credentials: undefined,
    },
  );
});

describe('Ctrl-C', () => {
  test.for([
    ['at the ID', 0, 'nothing was written'],
    ['at the secret', 1, 'nothing was written'],
    ['at the region', 2, 'nothing was written'],
    ['at the code', 3, 'what was written so far stays'],
    ['at the rc file', 4, 'what was written so far stays'],
  ] as const)('%s: 130, and what is there is said', async ([, count, what]) => {
    const all = [...keys(ann), enter, code(ann)];
    const { exit, stderr } = await at.run([], { terminal: fakeTerminal(...all.slice(0, count), '\u0003') });
    expect({ exit, last: stderr.slice(-2) }).toEqual({
      exit: 130,
      last: [`awsmfa: Cancelled: ${what}`, '  To go on from there: awsmfa setup'],
    });
    expect({ credentials: at.read('.aws/credentials'), rc: at.read('.zshrc') }).toEqual({
      credentials: count < 3 ? undefined : credentialsOf('default', ann),
      rc: undefined,
    });
  });
});

test('no to the rc file: it stays as it is, and the line is said', async () => {
  at.home.write('.zshrc', 'alias ll=ls');
  const { exit, stderr } = await at.run([], {
    terminal: fakeTerminal(...keys(ann), enter, code(ann), 'n\r'),
  });
  expect({ exit, rc: at.read('.zshrc'), last: stderr.slice(-2) }).toEqual({
    exit: 0,
    rc: 'alias ll=ls',
    last: [
      "In a shell that is to hold the session, run: source '/opt/awsmfa/shell/awsmfa.zsh'",
      'Then: awsmfa use default',
    ],
  });
});
