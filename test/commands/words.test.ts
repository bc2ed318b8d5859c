import { relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { roles } from '../../tools/local-sts/sample.ts';
import { files, stage } from '../support/stage.ts';

const at = stage({ roles });
const open = 'arn:aws:iam::123456789012:role/open';

describe('where nobody can be asked, the error names what helps', () => {
  test('for an SDK, in its one line', async () => {
    const { exit, stderr } = await at.run(['process', 'work']);
    expect([exit, stderr]).toEqual([
      4,
      [expect.stringContaining('no terminal to ask on. In any terminal: awsmfa login work. ')],
    ]);
  });

  test('with what makes the session', async () => {
    const argv = ['process', '--profile', 'work', '--role-arn', open, '--duration', '2h', '--refresh'];
    const { stderr } = await at.run(argv);
    expect(stderr[0]).toContain(`In any terminal: awsmfa login work --role-arn=${open} --duration=2h. `);
  });

  test('with the whole path of a policy, because a terminal may be in another directory', async () => {
    const path = at.home.write('p.json', '{"Statement":[]}');
    const { stderr } = await at.run(['process', 'work', '--policy', relative('.', path)]);
    expect(stderr[0]).toContain(`In any terminal: awsmfa login work --policy=${path}. `);
  });

  test('and a device that is not known is asked for there too', async () => {
    const { exit, stderr } = await at.run(['env', 'play'], { env: { AWSMFA_TOKEN_CODE: '123456' } });
    expect([exit, stderr.at(-1)]).toEqual([
      4,
      expect.stringMatching(/^ {2}In any terminal: awsmfa login play\. /),
    ]);
  });
});

test('env in a terminal repeats the profile in its hint', async () => {
  const hint = async (argv: readonly string[], env = {}) =>
    (await at.runWithCode(argv, { env, stdoutIsTerminal: true })).stderr.at(-1);
  expect(await hint(['env', 'work'])).toContain('run eval "$(awsmfa env work)"');
  expect(await hint(['env'], { AWS_PROFILE: 'work' })).toContain('run eval "$(awsmfa env)"');
});

describe('exec', () => {
  test('of one word with blanks is told to give the words one by one', async () => {
    const { exit, stderr } = await at.runWithCode(['exec', 'work', 'aws s3 ls']);
    expect([exit, stderr[1], at.calls()]).toEqual([
      127,
      '  Give its words one by one: awsmfa exec … -- aws s3 ls',
      [],
    ]);
  });

  test('--json, as aws-vault has it, is process here', async () => {
    const { exit, stderr } = await at.runWithCode(['exec', '--json', 'work']);
    expect([exit, JSON.parse(stderr[0] ?? '').error.hint]).toEqual([
      2,
      'Use awsmfa process, or awsmfa env --format json.',
    ]);
  });
});

describe('--no-mfa', () => {
  test('asks for no device and no code', async () => {
    expect(await at.run(['login', 'work', '--no-mfa'])).toMatchObject({ exit: 0 });
    expect(await at.run(['login', 'play', '--no-mfa', '--no-prompt'])).toMatchObject({ exit: 0 });
    const params = at.calls().map(({ action, params }) => [action, params.SerialNumber]);
    expect(params).toEqual([
      ['GetSessionToken', undefined],
      ['GetSessionToken', undefined],
    ]);
  });

  test('has a session of its own', async () => {
    await at.run(['login', 'work', '--no-mfa']);
    expect(await at.run(['process', 'work'])).toMatchObject({ exit: 4 });
  });

  test.for([
    ['--serial-number', 'GAHT12345678'],
    ['--token-code', '123456'],
  ])('and %s exclude each other', async ([option, value]) => {
    const { exit } = await at.run(['login', 'work', '--no-mfa', option as string, value as string]);
    expect([exit, at.calls()]).toEqual([2, []]);
  });
});

test('blanks in a code are dropped, wherever it comes from', async () => {
  const spaced = () => at.code().replace(/^(...)/, ' $1 ');
  expect(await at.run(['login', 'work', '--token-code', spaced()])).toMatchObject({ exit: 0 });
  at.sts.forgetSpentCodes();
  await at.run(['logout', '--all']);
  at.home.write('.aws/config', files.config);
  expect(await at.run(['login', 'work', '--token-code', '-'], { stdin: `${spaced()}\n` })).toMatchObject({
    exit: expect.toSatisfy((exit: number) => exit === 0 || exit === 5),
  });
});
