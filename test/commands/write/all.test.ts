import { readFileSync, rmSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { sayExpiration } from '../../../src/config/session-section.ts';
import { alice, bob, roles } from '../../../tools/local-sts/sample.ts';
import { keysSection, sectionOf, sessionText } from '../../support/home.ts';
import { aliceSerial, files, stage, timeless } from '../../support/stage.ts';

const at = stage({ roles });
const open = 'arn:aws:iam::123456789012:role/open';

const credentials = () => readFileSync(at.home.credentials, 'utf8');
const credentialsAre = (text: string) => at.home.write('.aws/credentials', text);
const ending = (section: string) => sectionOf(credentials(), section).expiration;

describe('write --all', () => {
  test('leaves what has time left', async () => {
    await at.runWithCode(['write', 'work']);
    await at.run(['write', 'work', '--role-arn', open, '--to', 'ops']);
    const before = credentials();
    expect(await at.run(['write', '--all'])).toEqual({
      exit: 0,
      stdout: '',
      stderr: ['Nothing to renew: [ops] is the next to expire, 1h left'],
    });
    expect(credentials()).toBe(before);
  });

  test('renews each as it was asked for, with one code for all that share a device', async () => {
    const options = ['--role-arn', open, '--role-session-name', 'me', '--duration', '30m', '--tag', 'team=x'];
    at.sts.sessionSeconds = 60;
    await at.runWithCode(['write', 'work', '--to', 'ide']);
    await at.runWithCode(['write', 'work', ...options, '--to', 'ops']);
    const before = { ide: ending('ide'), ops: ending('ops') };
    at.sts.sessionSeconds = undefined;
    const calls = at.calls().length;
    const { exit, stderr } = await at.runWithCode(['write', '--all']);
    expect({ exit, stderr: timeless(stderr) }).toEqual({
      exit: 0,
      stderr: [
        'work: new session in [ide], 12h left (until TIME); use it with AWS_PROFILE=ide',
        'work: new session in [ops], 30m left (until TIME); use it with AWS_PROFILE=ops',
      ],
    });
    expect(ending('ide')).not.toBe(before.ide);
    expect(ending('ops')).not.toBe(before.ops);
    expect(at.sts.sessions().at(-1)?.arn).toBe('arn:aws:sts::123456789012:assumed-role/open/me');
    const made = at
      .calls()
      .slice(calls)
      .map(({ action }) => action);
    expect(made).toEqual(['GetSessionToken', 'AssumeRole']);
    expect(at.calls().at(-1)?.params).toMatchObject({ 'Tags.member.1.Value': 'x' });
  });

  test('renews what aws-mfa wrote, which is known by its name', async () => {
    credentialsAre(
      `${keysSection('work-long-term', alice)}aws_mfa_device = ${aliceSerial}\n[work]\n${sessionText({ roleArn: open })}` +
        `${keysSection('home', alice)}[home-mfa]\n${sessionText()}`,
    );
    at.home.write('.aws/config', files.config.replace('work', 'home'));
    const { exit, stderr } = await at.runWithCode(['write', '--all']);
    expect({ exit, stderr: timeless(stderr) }).toEqual({
      exit: 0,
      stderr: [
        'work: new session in [work], 1h left (until TIME); use it with AWS_PROFILE=work',
        'home: session in [home-mfa], 12h left (until TIME); use it with AWS_PROFILE=home-mfa',
      ],
    });
    expect(sectionOf(credentials(), 'work').assumed_role_arn).toBe(open);
    expect(at.calls()).toHaveLength(2);
  });

  test('renews an hour before the end of half a day, and a tenth before the end of less', async () => {
    const soon = (seconds: number) => sayExpiration(Date.now() / 1000 + seconds);
    for (const [text, isDue] of [
      [sessionText({ expiration: soon(3500) }), true],
      [sessionText({ expiration: soon(3700) }), false],
      [sessionText({ expiration: soon(350), roleArn: open }), true],
      [sessionText({ expiration: soon(400), roleArn: open }), false],
    ] as const) {
      credentialsAre(`${files.credentials}[work-mfa]\n${text}`);
      rmSync(at.home.cache, { recursive: true, force: true });
      await at.runWithCode(['write', '--all']);
      expect(credentials().includes('OLDTOKEN')).toBe(!isDue);
    }
  });

  test('goes on after one that fails, and fails in the end', async () => {
    credentialsAre(
      `${keysSection('play', bob)}[play-mfa]\n${sessionText()}[nobodys]\n${sessionText()}${keysSection('work', alice)}[work-mfa]\n${sessionText()}`,
    );
    at.home.write(
      '.aws/config',
      `${files.config}[profile play]\nmfa_serial = arn:aws:iam::123456789012:mfa/bob\n`,
    );
    const { exit, stderr } = await at.runWithCode(['write', '--all']);
    expect({ exit, stderr: timeless(stderr) }).toEqual({
      exit: 5,
      stderr: [
        expect.stringMatching(/^\[play-mfa\]: AWS refused the MFA code/),
        '[nobodys]: It is not known which profile the session came from. Say it once with awsmfa write PROFILE --to nobodys, or remove it: awsmfa write --remove --to nobodys',
        'work: new session in [work-mfa], 12h left (until TIME); use it with AWS_PROFILE=work-mfa',
        'awsmfa: 2 of the 3 sections that were due could not be renewed',
      ],
    });
  });

  test('with --json says why in one object', async () => {
    credentialsAre(`${files.credentials}[work-mfa]\n${sessionText()}`);
    const { exit, stderr } = await at.run(['write', '--all', '--json', '--no-prompt']);
    expect({ exit, stderr: stderr.map((line) => JSON.parse(line)) }).toEqual({
      exit: 4,
      stderr: [
        {
          error: {
            code: 'cannot-ask',
            message: 'The section that was due could not be renewed',
            hint: expect.stringMatching(
              /^\[work-mfa\]: An MFA code is needed, and --no-prompt forbids asking\. /,
            ),
          },
        },
      ],
    });
  });

  test('finds a policy from wherever it is run', async () => {
    const policy = at.home.write('p.json', '{"Statement":[]}');
    at.sts.sessionSeconds = 60;
    const relative = `${'../'.repeat(20)}${policy.slice(1)}`;
    await at.runWithCode(['write', 'work', '--role-arn', open, '--policy', relative]);
    at.sts.sessionSeconds = undefined;
    const [memory = ''] = at.home.cached('written-');
    expect(JSON.parse(readFileSync(memory, 'utf8')).written.made.policyFile).toBe(policy);
    expect((await at.runWithCode(['write', '--all'])).exit).toBe(0);
  });

  test('goes by the names when its memory is damaged', async () => {
    await at.runWithCode(['write', 'work']);
    const [memory = ''] = at.home.cached('written-');
    const good = JSON.parse(readFileSync(memory, 'utf8'));
    for (const bad of [
      '{',
      '{"version":1}',
      JSON.stringify({ ...good, written: { ...good.written, made: { refresh: 'x' } } }),
    ]) {
      credentialsAre(`${files.credentials}[work-mfa]\n${sessionText()}`);
      at.home.write(memory.slice(at.home.path.length), bad);
      expect((await at.run(['write', '--all'])).exit).toBe(0);
      expect(credentials()).not.toContain('OLDTOKEN');
    }
  });

  test('with no section says so, and with a profile is wrong usage', async () => {
    expect((await at.run(['write', '--all'])).stderr).toEqual([
      `No section of ${at.home.credentials} holds a session of awsmfa`,
    ]);
    for (const [option, what] of [
      ['--all', 'a session'],
      ['--expired', 'an ended session'],
    ] as const) {
      const { stderr } = await at.run(['write', '--remove', option]);
      expect(stderr).toEqual([`No section of ${at.home.credentials} holds ${what} of awsmfa`]);
    }
    expect((await at.run(['write', '--all', 'work'])).exit).toBe(2);
    expect((await at.run(['write', '--all', '--to', 'work'])).exit).toBe(2);
  });
});

describe('write --remove', () => {
  test('takes the section out: the file is as it was before', async () => {
    await at.runWithCode(['write', 'work', '--region', 'eu-west-1']);
    const { exit, stderr } = await at.run(['write', '--remove', 'work']);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: [`[work-mfa] is out of ${at.home.credentials}`] });
    expect(credentials().trimEnd()).toBe(files.credentials.trimEnd());
    expect(at.home.cached('written-')).toEqual([]);
    const again = await at.run(['write', '--remove', 'work']);
    expect(again).toEqual({
      exit: 0,
      stdout: '',
      stderr: [`[work-mfa] holds no session in ${at.home.credentials}`],
    });
  });

  test.for([[['work']], [['work-mfa']], [['--to', 'work-mfa']], [['gone']]])(
    '%j: the section of a profile, the section itself, also when the profile is gone',
    async ([argv]) => {
      credentialsAre(`[work-mfa]\n${sessionText()}[gone-mfa]\n${sessionText()}`);
      expect((await at.run(['write', '--remove', ...(argv ?? [])])).exit).toBe(0);
      expect(credentials().match(/\[.*\]/g)).toEqual([argv?.includes('gone') ? '[work-mfa]' : '[gone-mfa]']);
    },
  );

  test('of a pair is [NAME], and the keys stay', async () => {
    const keys = keysSection('work-long-term', alice);
    credentialsAre(`${keys}[work]\n${sessionText()}`);
    await at.run(['write', '--remove', 'work']);
    expect(credentials()).toBe(keys);
  });

  test('leaves the keys of the user, and his comments', async () => {
    credentialsAre(`[work-mfa]\n# mine\nregion = eu-west-1\n${sessionText()}output = json\n`);
    await at.run(['write', '--remove', 'work']);
    expect(credentials()).toBe('[work-mfa]\n# mine\nregion = eu-west-1\noutput = json\n');
  });

  test('refuses what awsmfa did not write', async () => {
    const before = credentials();
    expect((await at.run(['write', '--remove', '--to', 'work'])).exit).toBe(3);
    expect(credentials()).toBe(before);
  });

  test('--all: every session, and nothing else', async () => {
    credentialsAre(
      `${files.credentials}[a]\n${sessionText()}[theirs]\naws_session_token = x\n[b]\n${sessionText()}`,
    );
    expect((await at.run(['write', '--remove', '--all'])).stderr).toHaveLength(2);
    expect(credentials()).toBe(`${files.credentials}[theirs]\naws_session_token = x\n`);
  });
});

describe('logout', () => {
  test('says which sections still hold a session, and how to take it out', async () => {
    credentialsAre(
      `${files.credentials}[play-mfa]\n${sessionText({ expiration: '2099-01-01 00:00:00' })}[old]\n${sessionText()}`,
    );
    await at.runWithCode(['write', 'work', '--to', 'my ide']);
    const still = (section: string, name = section) =>
      `[${section}] in ${at.home.credentials} still holds one: awsmfa write --remove --to ${name}`;
    expect((await at.run(['logout', 'work'])).stderr).toEqual([
      'work: 1 session forgotten',
      still('my ide', "'my ide'"),
    ]);
    expect((await at.run(['logout', '--all'])).stderr).toEqual([
      'no session was cached',
      still('play-mfa'),
      still('my ide', "'my ide'"),
    ]);
    expect((await at.run(['logout', 'work', '--quiet'])).stderr).toEqual([]);
  });
});
