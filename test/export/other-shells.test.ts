import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../src/credentials.ts';
import { formats, shells } from '../../src/export/dialects.ts';
import type { Change } from '../../src/export/environment.ts';
import { collect, needs } from '../support/shells.ts';

/** Shells without an integration of their own: how a script is run, and how its user hands over the code. */
const others = [
  { name: 'elvish', args: ['-norc'], command: '/bin/cat FILE', canHoldLines: true },
  { name: 'xonsh', args: ['--no-rc'], command: '/bin/cat FILE', canHoldLines: true },
  { name: 'tcsh', args: ['-f'], command: '/bin/cat FILE', canHoldLines: false },
] as const;

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'awsmfa-dialect-')));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const attacks = [
  "$(touch x)@`touch x`@'; touch x; '@\\'; touch x; \\'@\"; touch x; \"@\n touch x\n@!touch@!!@!$@^a^b@-n@--@=ls@~@*@{a,b}",
  "(touch x)@(e:touch x)@@(touch)@\\'@'@''@\"@\r\n@& touch x@| touch x@%(x)s@{$HOME}@$PATH@\\x41@#@;@ @\t@-@?@[a]@%d@$",
  '\u{f600}@\u2028@𝒳@é@日本@\u001b[31m@\u007f',
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...attacks.join('@').split('@')), fc.string({ maxLength: 8 })), {
    maxLength: 4,
  })
  .map((parts) => parts.join('').replaceAll('\0', ''));

const environment = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', GONE: 'it was here', V0: 'old' };

describe.each(others)('the dialect $name', ({ name, args, command, canHoldLines }) => {
  test(
    'any change comes true, and nothing else happens',
    needs(name, async () => {
      const value = canHoldLines ? text : text.filter((line) => !/[\r\n]/.test(line));
      const values = fc.array(value, { minLength: 20, maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(values, async (all) => {
          const sets = all.map((value, index) => ({ set: `V${index}`, value: new Secret(value) }));
          const change: Change = [{ unset: ['GONE', 'NEVER_THERE'] }, ...sets, { unset: ['V3'] }];
          writeFileSync(join(directory, 'code'), shells[name].render(change));
          const apply = shells[name].apply(command.replace('FILE', join(directory, 'code')));
          writeFileSync(join(directory, 'script'), `${apply}\n${apply}\n/usr/bin/env -0 > after\n`);
          const result = await collect(name, [...args, join(directory, 'script')], {
            env: { ...environment, HOME: directory },
            cwd: directory,
          });
          expect(result).toMatchObject({ status: 0, stderr: '' });
          const after = new Map(
            readFileSync(join(directory, 'after'), 'utf8')
              .split('\0')
              .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)] as const),
          );
          expect(all.map((_, index) => after.get(`V${index}`))).toEqual(
            all.map((value, index) => (index === 3 ? undefined : value)),
          );
          expect(after.has('GONE')).toBe(false);
          expect(readdirSync(directory)).not.toContain('x');
        }),
        { numRuns: 8 },
      );
    }),
    120_000,
  );

  test(
    'the code of a failure fails',
    needs(name, async () => {
      writeFileSync(join(directory, 'code'), shells[name].failure);
      const apply = shells[name].apply(`/bin/cat ${join(directory, 'code')}`);
      writeFileSync(join(directory, 'script'), `${apply}\n`);
      const env = { ...environment, HOME: directory };
      const result = await collect(name, [...args, join(directory, 'script')], { env, cwd: directory });
      expect(result.status).not.toBe(0);
    }),
  );
});

const secret = new Secret('a/b+c==');
const session: Change = [
  { unset: ['AWS_PROFILE'] },
  { set: 'AWS_ACCESS_KEY_ID', value: 'ASIAKEY' },
  { set: 'AWS_SECRET_ACCESS_KEY', value: secret },
  { set: 'AWS_SESSION_TOKEN', value: new Secret('tok/en+=') },
  { set: 'AWS_CREDENTIAL_EXPIRATION', value: '2026-11-21T11:47:46Z' },
  { set: 'AWSMFA_PROFILE', value: 'two words #1' },
];

test('tcsh refuses a value with a line break, by the name of its variable and without the value', () => {
  const change: Change = [{ set: 'AWS_SESSION_TOKEN', value: new Secret('canary\nx') }];
  expect(() => shells.tcsh.render(change)).toThrow(/^(?!.*canary)tcsh cannot hold .*AWS_SESSION_TOKEN/s);
});

test('dotenv: plain values stand bare, others in quotes that readers take off, and what no reader can hold is refused', () => {
  expect(formats.dotenv.render(session).split('\n')).toEqual([
    'AWS_ACCESS_KEY_ID=ASIAKEY',
    'AWS_SECRET_ACCESS_KEY=a/b+c==',
    'AWS_SESSION_TOKEN=tok/en+=',
    'AWS_CREDENTIAL_EXPIRATION=2026-11-21T11:47:46Z',
    "AWSMFA_PROFILE='two words #1'",
    '',
  ]);
  const quoted = formats.dotenv.render([{ set: 'A', value: `it's #1` }]);
  expect(quoted).toBe(`A="it's #1"\n`);
  for (const value of ['a\nb', 'a\\b', `'"`, "'$(id)"]) {
    expect(() => formats.dotenv.render([{ set: 'A', value }])).toThrow(/dotenv cannot hold the value of A/);
  }
});

test(
  'ini: a section that botocore reads',
  needs('python3', () => {
    const file = join(directory, 'credentials');
    writeFileSync(file, formats.ini.render(session));
    const script = `import configparser, json, sys
parser = configparser.RawConfigParser(default_section=None)
parser.read(sys.argv[1])
print(json.dumps({name: dict(parser[name]) for name in parser.sections()}))`;
    expect(JSON.parse(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }))).toEqual({
      'two words #1': {
        aws_access_key_id: 'ASIAKEY',
        aws_secret_access_key: 'a/b+c==',
        aws_session_token: 'tok/en+=',
        expiration: '2026-11-21T11:47:46Z',
      },
    });
    for (const profile of ['', 'a]b', 'a\nb']) {
      expect(() => formats.ini.render([{ set: 'AWSMFA_PROFILE', value: profile }])).toThrow(
        /ini cannot hold/,
      );
    }
  }),
);
