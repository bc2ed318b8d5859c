import { chmodSync, readFileSync, rmSync, statSync } from 'node:fs';
import { fromIni } from '@aws-sdk/credential-provider-ini';
import { describe, expect, test } from 'vitest';
import { alice, roles } from '../../../tools/local-sts/sample.ts';
import { keysSection, makeHome, plainly, sectionOf, sessionText } from '../../support/home.ts';
import { aliceSerial, files, stage, timeless } from '../../support/stage.ts';

const at = stage({ roles });
const open = 'arn:aws:iam::123456789012:role/open';
const longTerm = `${keysSection('work-long-term', alice)}aws_mfa_device = ${aliceSerial}\n`;

const credentials = () => readFileSync(at.home.credentials, 'utf8');
const credentialsAre = (text: string) => at.home.write('.aws/credentials', text);
const configIs = (text: string) => at.home.write('.aws/config', text);
const spoken = (stderr: readonly string[]) => timeless(stderr);

describe('the section', () => {
  test('of a profile is NAME-mfa, at the end of the file, with the keys of aws-mfa', async () => {
    const { exit, stdout, stderr } = await at.runWithCode(['write', 'work']);
    expect({ exit, stdout, stderr: spoken(stderr) }).toEqual({
      exit: 0,
      stdout: '',
      stderr: ['work: new session in [work-mfa], 12h left (until TIME); use it with AWS_PROFILE=work-mfa'],
    });
    expect(plainly(credentials())).toBe(`${files.credentials}
[work-mfa]
assumed_role = False
aws_access_key_id = ASIA
aws_secret_access_key = SECRET
aws_session_token = TOKEN
aws_security_token = TOKEN
expiration = TIME
aws_account_id = 123456789012
`);
    const [session] = at.sts.sessions();
    const section = sectionOf(credentials(), 'work-mfa');
    expect(section.aws_access_key_id).toBe(session?.accessKeyId);
    expect(section.aws_security_token).toBe(section.aws_session_token);
    expect(section.expiration).toBe(
      new Date(session?.expiresAt ?? 0).toISOString().slice(0, 19).replace('T', ' '),
    );
  });

  test.for([
    ['write', 'work'],
    ['write', 'work-long-term'],
  ])('of a pair of aws-mfa is NAME: awsmfa %s %s', async (argv) => {
    credentialsAre(longTerm);
    const { exit, stderr } = await at.runWithCode(argv);
    expect({ exit, stderr: spoken(stderr) }).toEqual({
      exit: 0,
      stderr: ['work: new session in [work], 12h left (until TIME); use it with AWS_PROFILE=work'],
    });
    expect(Object.keys(sectionOf(credentials(), 'work'))).toHaveLength(7);
  });

  test('is the one of --to', async () => {
    await at.runWithCode(['write', 'work', '--to', 'two words']);
    expect(sectionOf(credentials(), 'two words').assumed_role).toBe('False');
    const { stderr } = await at.run(['write', 'work', '--to', 'default']);
    expect(spoken(stderr)).toEqual(['work: session in [default], 12h left (until TIME)']);
  });

  test('of a role says which', async () => {
    configIs(`${files.config}[profile admin]\nrole_arn = ${open}\nsource_profile = work\n`);
    await at.runWithCode(['write', 'admin']);
    expect(plainly(credentials())).toContain(
      `[admin-mfa]\nassumed_role = True\nassumed_role_arn = ${open}\naws_access_key_id = ASIA`,
    );
    expect(at.sts.sessions().at(-1)?.arn).toMatch(/assumed-role\/open/);
    const { stderr } = await at.run(['write', 'work', '--to', 'admin-mfa']);
    expect(spoken(stderr)).toEqual([
      'work: session in [admin-mfa], 12h left (until TIME); use it with AWS_PROFILE=admin-mfa',
    ]);
    expect(plainly(credentials())).not.toContain(open);
  });

  test('keeps what else is in it, and every byte around it', async () => {
    const before = `# mine\r\n[play]\r\nkey: value ; comment\r\n\r\n[work-mfa]\r\n# of today\r\noutput = json\r\n${sessionText()}# end\r\n`;
    credentialsAre(`${keysSection('work', alice)}${before}`);
    expect((await at.runWithCode(['write', 'work'])).exit).toBe(0);
    const around = (text: string) => plainly(text).split(/\r?\n/);
    const kept = around(credentials()).filter((line) => line !== 'aws_account_id = 123456789012');
    expect(kept).toEqual(around(`${keysSection('work', alice)}${before}`));
    expect(credentials()).not.toContain('OLDTOKEN');
  });

  test('with the account, where the AWS SDK looks for it', async () => {
    expect((await at.runWithCode(['write', 'work'])).exit).toBe(0);
    const provide = fromIni({
      profile: 'work-mfa',
      filepath: at.home.credentials,
      configFilepath: at.home.config,
      ignoreCache: true,
    });
    expect(await provide()).toMatchObject({ accountId: '123456789012' });
  });

  test('in the file that AWS_SHARED_CREDENTIALS_FILE names', async () => {
    const file = at.home.write('elsewhere', keysSection('work', alice));
    const env = { AWS_SHARED_CREDENTIALS_FILE: file };
    expect((await at.runWithCode(['write', 'work'], { env })).exit).toBe(0);
    expect(sectionOf(readFileSync(file, 'utf8'), 'work-mfa').assumed_role).toBe('False');
    expect(credentials()).toBe(files.credentials);
  });

  test('without a home, in a file that is named: nothing is remembered, and nothing missed', async () => {
    const file = at.home.write('elsewhere', keysSection('work', alice));
    const env = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_CONFIG_FILE: at.home.config };
    const write = (...words: string[]) => at.runWithCode(['write', ...words], { home: undefined, env });
    expect((await write('work')).exit).toBe(0);
    expect(sectionOf(readFileSync(file, 'utf8'), 'work-mfa').assumed_role).toBe('False');
    const listed = await at.run(['list', '--names'], { home: undefined, env });
    expect(listed.stdout.split('\n')).toContain('work-mfa');
    expect((await at.run(['list'], { home: undefined, env })).stdout).toContain('work-mfa');
    expect((await write('--remove', 'work', '--short-term-suffix', 'mfa')).exit).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(keysSection('work', alice));
  });

  test('in a file that is not there yet', async () => {
    configIs(files.config + keysSection('profile work', alice).replace('[profile work]\n', ''));
    rmSync(at.home.credentials);
    expect((await at.runWithCode(['write', 'work'])).exit).toBe(0);
    expect(statSync(at.home.credentials).mode & 0o777).toBe(0o600);
  });

  test('is that of a program that gives long-term keys', async () => {
    const [key] = alice.accessKeys;
    const answer = { Version: 1, AccessKeyId: key?.id, SecretAccessKey: key?.secret };
    const program = at.home.write('keys', `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`);
    chmodSync(program, 0o755);
    credentialsAre(`[work-long-term]\ncredential_process = ${program}\naws_mfa_device = ${aliceSerial}\n`);
    configIs('');
    expect(await at.runWithCode(['write', 'work'])).toMatchObject({ exit: 0 });
    expect(sectionOf(credentials(), 'work').assumed_role).toBe('False');
  });
});

test('the session of a program goes to the file as it is, with its own end', async () => {
  const answer = {
    Version: 1,
    AccessKeyId: 'ASIAPROGRAM',
    SecretAccessKey: 'secret-of-the-program',
    SessionToken: 'token-of-the-program',
    Expiration: '2099-01-02T03:04:05Z',
  };
  const program = at.home.write('session', `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`);
  chmodSync(program, 0o755);
  configIs(`[profile corp]\ncredential_process = ${program}\n`);
  expect((await at.run(['write', 'corp'])).exit).toBe(0);
  expect(sectionOf(credentials(), 'corp-mfa')).toEqual({
    assumed_role: 'False',
    aws_access_key_id: 'ASIAPROGRAM',
    aws_secret_access_key: 'secret-of-the-program',
    aws_session_token: 'token-of-the-program',
    aws_security_token: 'token-of-the-program',
    expiration: '2099-01-02 03:04:05',
  });
  expect(at.calls()).toEqual([]);
});

describe('region', () => {
  test('of the profile goes with the session', async () => {
    configIs(`${files.config}region = eu-west-1\n`);
    await at.runWithCode(['write', 'work']);
    expect(sectionOf(credentials(), 'work-mfa').region).toBe('eu-west-1');
    configIs(`${files.config}region = eu-west-3\n`);
    await at.runWithCode(['write', 'work', '--refresh']);
    expect(sectionOf(credentials(), 'work-mfa').region).toBe('eu-west-3');
  });

  test('of the profile, when it changes, does so beside a session that stays', async () => {
    configIs(`${files.config}region = eu-west-1\n`);
    await at.runWithCode(['write', 'work']);
    const before = credentials();
    for (const region of ['eu-west-3', 'us-east-2']) {
      configIs(`${files.config}region = ${region}\n`);
      expect((await at.run(['write', 'work'])).exit).toBe(0);
      expect(credentials()).toBe(before.replace('eu-west-1', region));
    }
    credentialsAre(credentials().replace('us-east-2', 'my-own-1'));
    configIs(`${files.config}region = eu-west-1\n`);
    expect((await at.run(['write', 'work'])).exit).toBe(0);
    expect(credentials()).toBe(before.replace('eu-west-1', 'my-own-1'));
    expect(at.calls()).toHaveLength(1);
  });

  test('of the section itself stays, unless --region says another', async () => {
    configIs(`${files.config}region = eu-west-1\n`);
    credentialsAre(`${keysSection('work', alice)}[work-mfa]\nregion = us-west-2\n`);
    await at.runWithCode(['write', 'work']);
    expect(sectionOf(credentials(), 'work-mfa').region).toBe('us-west-2');
    await at.runWithCode(['write', 'work', '--region', 'ap-east-1']);
    expect(sectionOf(credentials(), 'work-mfa').region).toBe('ap-east-1');
  });

  test('of the config file under the name of the section is not repeated', async () => {
    configIs(`${files.config}region = eu-west-1\n[profile work-mfa]\nregion = us-west-2\n`);
    await at.runWithCode(['write', 'work']);
    expect(sectionOf(credentials(), 'work-mfa')).not.toHaveProperty('region');
  });

  test('of [NAME-long-term] is one that tools do not see, and goes to [NAME]', async () => {
    credentialsAre(longTerm);
    configIs('[profile work-long-term]\nregion = ap-northeast-1\n');
    await at.runWithCode(['write', 'work']);
    expect(sectionOf(credentials(), 'work').region).toBe('ap-northeast-1');
    configIs('[profile work-long-term]\nregion = eu-west-1\n');
    await at.runWithCode(['write', 'work', '--refresh']);
    expect(sectionOf(credentials(), 'work').region).toBe('eu-west-1');
    configIs('[profile work-long-term]\nregion = eu-west-1\n[profile work]\nregion = us-west-2\n');
    await at.runWithCode(['write', 'work', '--refresh']);
    expect(sectionOf(credentials(), 'work').region).toBe('us-west-2');
  });
});

describe('a valid session', () => {
  test('stays: no call, no code, no byte', async () => {
    await at.runWithCode(['write', 'work']);
    const before = statSync(at.home.credentials);
    rmSync(at.home.cache, { recursive: true });
    const { exit, stderr } = await at.run(['write', 'work'], {
      env: { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' },
    });
    expect({ exit, stderr: spoken(stderr) }).toEqual({
      exit: 0,
      stderr: ['work: session in [work-mfa], 12h left (until TIME); use it with AWS_PROFILE=work-mfa'],
    });
    expect(statSync(at.home.credentials)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
    expect(at.calls()).toHaveLength(1);
  });

  test('is left by nobody but --refresh', async () => {
    await at.runWithCode(['write', 'work']);
    expect((await at.run(['write', 'work', '--refresh'])).exit).toBe(4);
    await at.runWithCode(['write', 'work', '--force']);
    expect(at.calls()).toHaveLength(2);
    expect(sectionOf(credentials(), 'work-mfa').aws_access_key_id).toBe(
      at.sts.sessions().at(-1)?.accessKeyId,
    );
  });

  test('with less than AWSMFA_MIN_TTL left is none', async () => {
    await at.runWithCode(['write', 'work', '--duration', '1h']);
    const env = { AWSMFA_MIN_TTL: '2h' };
    expect((await at.run(['write', 'work', '--duration', '12h'], { env })).exit).toBe(4);
    expect((await at.run(['write', 'work', '--duration', '12h'])).exit).toBe(0);
  });

  test.for([
    ['another role', ['--role-arn', 'arn:aws:iam::123456789012:role/team/ops']],
    ['no role', []],
    ['other tags', ['--role-arn', open, '--tag', 'Team=blue']],
  ] as const)('of %s is another', async ([, options]) => {
    await at.runWithCode(['write', 'work', '--role-arn', open]);
    expect((await at.run(['write', 'work', '--role-arn', open, '--no-prompt'])).exit).toBe(0);
    const before = credentials();
    expect((await at.runWithCode(['write', 'work', ...options])).exit).toBe(0);
    expect(credentials()).not.toBe(before);
  });

  test('of another region of STS is the same', async () => {
    await at.runWithCode(['write', 'work']);
    const before = credentials();
    expect((await at.run(['write', 'work', '--sts-region', 'eu-west-1'])).exit).toBe(0);
    expect(credentials()).toBe(before);
  });

  test('of another profile is not taken for this one', async () => {
    configIs(`${files.config}[profile play]\nmfa_serial = arn:aws:iam::123456789012:mfa/bob\n`);
    await at.runWithCode(['write', 'work', '--to', 'ide']);
    expect((await at.run(['write', 'play', '--to', 'ide'])).exit).toBe(4);
    const env = { AWSMFA_TOKEN_CODE: at.sts.nextCode('bob') };
    expect((await at.run(['write', 'play', '--to', 'ide'], { env })).exit).toBe(0);
    expect(sectionOf(credentials(), 'ide').aws_access_key_id).toBe(at.sts.sessions().at(-1)?.accessKeyId);
    expect(at.sts.sessions().at(-1)?.arn).toMatch(/bob$/);
  });

  test('of keys that have been replaced since is another', async () => {
    credentialsAre(longTerm);
    await at.runWithCode(['write', 'work']);
    credentialsAre(credentials().replace(alice.accessKeys[0]?.id ?? '', 'AKIANEWNEWNEWNEWNEW1'));
    expect((await at.run(['write', 'work'])).exit).toBe(4);
  });

  test('serves two profiles with the same access key', async () => {
    credentialsAre(`${files.credentials}${keysSection('twin', alice)}`);
    configIs(`${files.config}[profile twin]\nmfa_serial = ${aliceSerial}\n`);
    await at.runWithCode(['write', 'work']);
    expect((await at.run(['write', 'twin'])).exit).toBe(0);
    expect(sectionOf(credentials(), 'twin-mfa')).toEqual(sectionOf(credentials(), 'work-mfa'));
  });

  test('in the cache needs no code', async () => {
    await at.runWithCode(['login', 'work']);
    const { exit, stderr } = await at.run(['write', 'work']);
    expect({ exit, stderr: spoken(stderr) }).toEqual({
      exit: 0,
      stderr: ['work: session in [work-mfa], 12h left (until TIME); use it with AWS_PROFILE=work-mfa'],
    });
  });
});

describe('which profile', () => {
  test('a role whose source is itself reads the section that holds its session', async () => {
    credentialsAre(longTerm);
    configIs(`[profile work]\nrole_arn = ${open}\nsource_profile = work\n`);
    expect((await at.runWithCode(['write', 'work'])).exit).toBe(0);
    expect(sectionOf(credentials(), 'work').assumed_role).toBe('False');
  });

  test('keys of the environment need --to', async () => {
    const [key] = alice.accessKeys;
    const env = {
      AWS_ACCESS_KEY_ID: key?.id,
      AWS_SECRET_ACCESS_KEY: key?.secret,
      AWS_MFA_SERIAL: aliceSerial,
    };
    const home = makeHome({});
    expect(await at.run(['write'], { env, home })).toMatchObject({ exit: 2 });
    const { exit } = await at.run(['write', '--to', 'x'], {
      env: { ...env, AWSMFA_TOKEN_CODE: at.code() },
      home,
    });
    expect(exit).toBe(0);
    expect(sectionOf(readFileSync(home.credentials, 'utf8'), 'x').assumed_role).toBe('False');
  });

  test('of a pair assumes the role that stands beside the keys, or in MFA_ASSUME_ROLE', async () => {
    credentialsAre(`${longTerm}assume_role = ${open}\n`);
    await at.runWithCode(['write', 'work']);
    expect(sectionOf(credentials(), 'work').assumed_role_arn).toBe(open);
    const ops = 'arn:aws:iam::123456789012:role/team/ops';
    await at.run(['write', 'work'], { env: { MFA_ASSUME_ROLE: ops } });
    expect(sectionOf(credentials(), 'work').assumed_role_arn).toBe(ops);
  });

  test('of a pair whose role is written wrongly: the error names the place', async () => {
    credentialsAre(`${longTerm}assume_role = arn:aws:iam:123456789012:role/x\n`);
    const { exit, stderr } = await at.run(['write', 'work']);
    expect({ exit, first: stderr[0] }).toEqual({
      exit: 3,
      first: expect.stringMatching(/^awsmfa: assume_role of profile "work-long-term": /),
    });
  });
});

test('--debug says what is done, and no secret', async () => {
  const { exit, stderr } = await at.runWithCode(['write', 'work', '--debug']);
  expect({ exit, lines: stderr.length > 3 }).toEqual({ exit: 0, lines: true });
});

test('--quiet says nothing', async () => {
  expect(await at.runWithCode(['write', 'work', '--quiet'])).toEqual({ exit: 0, stdout: '', stderr: [] });
  expect(await at.run(['write', 'work', '--quiet'])).toEqual({ exit: 0, stdout: '', stderr: [] });
});

describe('a section that write made is a profile', () => {
  const listed = async () => {
    const { stdout } = await at.run(['list', '--json']);
    return JSON.parse(stdout).find(({ profile }: { profile: string }) => profile === 'work-mfa');
  };

  test('use and process take the session that it came from, without a code', async () => {
    await at.runWithCode(['write', 'work']);
    const { exit, stdout } = await at.run(['process', 'work-mfa']);
    expect([exit, JSON.parse(stdout).AccessKeyId]).toEqual([
      0,
      sectionOf(credentials(), 'work-mfa').aws_access_key_id,
    ]);
    expect((await at.run(['use', '--shell', 'bash'], { env: { AWS_PROFILE: 'work-mfa' } })).exit).toBe(0);
  });

  test('list knows its source and its time, doctor finds nothing wrong with it', async () => {
    await at.runWithCode(['write', 'work']);
    expect(await listed()).toMatchObject({
      kind: 'long-term',
      source_profile: 'work',
      mfa_serial: aliceSerial,
    });
    expect((await listed()).session.expires_in).toBeGreaterThan(43_000);
    const { stdout } = await at.run(['doctor', '--json'], { env: { AWS_PROFILE: 'work-mfa' } });
    expect(stdout).not.toContain('temporary keys');
  });

  test('status knows whose it is and how long it lasts, where programs read it', async () => {
    await at.runWithCode(['write', 'work']);
    const env = { AWS_PROFILE: 'work-mfa', AWS_REGION: 'eu-west-1' };
    const { stdout } = await at.run(['status'], { env });
    expect(stdout.split('\n')[0]).toMatch(
      /^Programs here read \[work-mfa\], a session of work until .* \(12h left\)\.$/,
    );
    const told = async (now = Date.now()) =>
      JSON.parse((await at.run(['status', '--json'], { env, now: () => now })).stdout);
    expect(await told()).toMatchObject({
      section: { name: 'work-mfa', source_profile: 'work', expires_in: expect.any(Number) },
      problems: [],
    });
    expect(await told(Date.now() + 13 * 3_600_000)).toMatchObject({
      section: { expires_in: 0 },
      problems: [
        {
          code: 'expired-section',
          message: 'The session in [work-mfa] ended 1h ago',
          hint: 'Renew it: awsmfa write work-mfa',
        },
      ],
    });
    // Keys of the shell come first.
    const keys = { AWS_ACCESS_KEY_ID: 'ASIAX', AWS_SECRET_ACCESS_KEY: 'x', AWS_SESSION_TOKEN: 'x' };
    expect((await at.run(['status'], { env: { ...env, ...keys } })).stdout).not.toContain('Programs here');
  });

  test('of a role under another name, it is that role', async () => {
    await at.runWithCode(['write', 'work', '--role-arn', open, '--to', 'work-mfa']);
    expect(await listed()).toMatchObject({ kind: 'role', source_profile: 'work', role_arn: open });
    const { exit, stdout } = await at.run(['process', 'work-mfa']);
    expect([exit, JSON.parse(stdout).AccessKeyId]).toEqual([
      0,
      sectionOf(credentials(), 'work-mfa').aws_access_key_id,
    ]);
  });

  test('write renews it in its place', async () => {
    await at.runWithCode(['write', 'work', '--to', 'mine', '--duration', '1h']);
    const before = sectionOf(credentials(), 'mine').expiration;
    const { exit, stderr } = await at.runWithCode(['write', 'mine', '--refresh', '--duration', '2h']);
    expect([exit, spoken(stderr)]).toEqual([
      0,
      ['work: new session in [mine], 2h left (until TIME); use it with AWS_PROFILE=mine'],
    ]);
    expect(sectionOf(credentials(), 'mine').expiration).not.toBe(before);
    expect(credentials()).not.toContain('mine-mfa');
  });

  test('what outranks it in this shell is said', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'ASIAX', AWS_SECRET_ACCESS_KEY: 'x', AWS_SESSION_TOKEN: 'x' };
    const { stderr } = await at.runWithCode(['write', 'work'], {
      env: { ...env, AWS_DEFAULT_PROFILE: 'play' },
    });
    expect(spoken(stderr)).toEqual([
      'work: new session in [work-mfa], 12h left (until TIME); use it with AWS_PROFILE=work-mfa; in this shell AWS_ACCESS_KEY_ID, AWS_DEFAULT_PROFILE come before it: unset them',
    ]);
  });

  test('a profile that setup gave a credential_process is not written beside', async () => {
    configIs(`${files.config}[profile work-mfa]\ncredential_process = awsmfa process work\n`);
    const { exit, stderr } = await at.runWithCode(['write', 'work']);
    expect([exit, stderr[0]]).toEqual([
      3,
      'awsmfa: Profile "work-mfa" has a credential_process of its own; with keys beside it, tools would differ',
    ]);
    expect(credentials()).toBe(files.credentials);
  });

  test('write --remove --expired takes out those that have ended', async () => {
    await at.runWithCode(['write', 'work', '--duration', '1h']);
    const later = { now: () => Date.now() + 2 * 3600_000 };
    expect((await at.run(['write', '--remove', '--expired'])).stderr).toEqual([
      `No section of ${at.home.credentials} holds an ended session of awsmfa`,
    ]);
    expect((await at.run(['write', '--remove', '--expired'], later)).exit).toBe(0);
    expect(credentials()).not.toContain('[work-mfa]');
    expect((await at.run(['write', '--expired'])).exit).toBe(2);
    expect((await at.run(['write', 'work', '--remove', '--expired'])).exit).toBe(2);
  });
});
