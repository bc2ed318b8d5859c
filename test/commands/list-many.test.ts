import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type From, rowOf } from '../../src/commands/row.ts';
import { loadSharedFiles, type SharedFiles } from '../../src/config/files.ts';
import { UserError } from '../../src/errors.ts';
import { loadAllProfiles } from '../../src/profile/bulk.ts';
import { glance } from '../../src/session/glance.ts';
import { makeHome } from '../support/home.ts';
import { sharedFile } from '../support/shared-file-arbitrary.ts';
import { run } from '../support/world.ts';

const seed = 20261121;
const home = makeHome();

/** What a reader says about every profile, and about one that is not there. */
function told(load: () => SharedFiles): unknown {
  try {
    const files = load();
    return [...files.names(), 'nobody', '__proto__'].map((name) => [
      name,
      files.has(name),
      [files.profile(name), files.config(name), files.credentials(name)].map(
        (section) =>
          section && [
            section.name,
            section.keys().map((key) => [key, section.get(key), section.value(key)?.line]),
          ],
      ),
    ]);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

const surroundings = { env: {}, home: home.path };

describe('the quick reader says what the usual one says', () => {
  const pair = fc.record({ config: sharedFile('config'), credentials: sharedFile('credentials') });

  test('of every odd file', () => {
    fc.assert(
      fc.property(pair, ({ config, credentials }) => {
        home.write('.aws/config', config);
        home.write('.aws/credentials', credentials);
        expect(told(() => loadAllProfiles(surroundings))).toEqual(told(() => loadSharedFiles(surroundings)));
      }),
      { seed, numRuns: 1000 },
    );
  });

  test('of plain files with something odd in them', () => {
    fc.assert(
      fc.property(plainFile('profile '), plainFile(''), (config, credentials) => {
        home.write('.aws/config', config);
        home.write('.aws/credentials', credentials);
        expect(told(() => loadAllProfiles(surroundings))).toEqual(told(() => loadSharedFiles(surroundings)));
      }),
      { seed, numRuns: 2000 },
    );
  });

  test('and what a row says does not depend on it', () => {
    let plainRows = 0;
    fc.assert(
      fc.property(plainFile('profile '), plainFile(''), (config, credentials) => {
        home.write('.aws/config', config);
        home.write('.aws/credentials', credentials);
        const rows = (load: () => SharedFiles, isPlainUse: boolean) => {
          try {
            const files = load();
            const plain = isPlainUse ? loadAllProfiles(surroundings).plain : undefined;
            const from: From = {
              flags: {},
              env: {},
              files,
              cache: glance(undefined),
              plain,
              isPlainUse,
              twins: new Map(),
              sources: new Map(),
            };
            return files.names().map((name) => {
              if (plain?.(name)) plainRows++;
              return rowOf(name, from);
            });
          } catch (error) {
            if (error instanceof UserError) return error.message;
            throw error;
          }
        };
        expect(rows(() => loadAllProfiles(surroundings), true)).toEqual(
          rows(() => loadSharedFiles(surroundings), false),
        );
      }),
      { seed, numRuns: 2000 },
    );
    expect(plainRows).toBeGreaterThan(1000);
  });
});

/** Mostly what `aws configure` writes; one line in ten is something else. */
function plainFile(prefix: string): fc.Arbitrary<string> {
  const name = fc.constantFrom('a', 'b', 'c', 'default', 'a-long-term', 'two words', 'DEFAULT', 'ü');
  const header = name.map((text) => (text === 'default' || !prefix ? `[${text}]` : `[${prefix}${text}]`));
  const value = fc.constantFrom(
    ...[
      'a',
      'b',
      'AKIAIOSFODNN7EXAMPLE',
      'ASIAIOSFODNN7EXAMPLE',
      'eu-west-1',
      '3600',
      '12h',
      'x y',
      'a#b',
      'region',
    ],
    'arn:aws:iam::123456789012:role/Admin',
    'arn:aws:iam::123456789012:mfa/alice',
  );
  const key = fc.constantFrom(
    ...['role_arn', 'source_profile', 'mfa_serial', 'region', 'duration_seconds', 'output', 'sso_session'],
    ...[
      'aws_access_key_id',
      'aws_secret_access_key',
      'aws_session_token',
      'credential_process',
      'xregion',
      'regions',
    ],
  );
  const equals = fc.constantFrom(' = ', '=', ' =', '\t= ');
  const entry = fc
    .tuple(key, equals, value, fc.constantFrom('', '', ' ', '\t'))
    .map((parts) => parts.join(''));
  const other = fc.constantFrom(
    ...[
      '',
      '# region = x',
      '; [profile d]',
      '  region = us-east-1',
      's3 =\n  x = y',
      'region',
      'REGION = x',
      'a = é',
    ],
    ...[
      'region = x # why',
      ' [profile d]',
      '[profile d] x',
      '[]',
      'region =',
      'region : x',
      ' ',
      '\ufeff',
      'a\rb = c',
    ],
  );
  const line = fc.oneof({ weight: 9, arbitrary: entry }, { weight: 1, arbitrary: other });
  const section = fc.tuple(header, fc.array(line, { maxLength: 6 }));
  return fc
    .tuple(
      fc.uniqueArray(section, { maxLength: 5, selector: ([text]) => text }),
      fc.constantFrom('\n', '\n', '\n', '\r\n'),
      fc.constantFrom('', '\n', '\n\n'),
      fc.constantFrom('', '', '# top\n', '\ufeff'),
    )
    .map(([sections, lineBreak, end, top]) => {
      const lines = sections.flatMap(([text, body]) => [text, ...body]);
      return top + lines.join('\n').replaceAll('\n', lineBreak) + end;
    });
}

test('2,000 profiles are all listed, in order', async () => {
  const names = Array.from({ length: 2000 }, (_, index) => `profile-${index}`);
  const many = makeHome({
    config: names.map((name) => `[profile ${name}]\nregion = eu-west-1\n`).join('\n'),
    credentials: names
      .map(
        (name, index) =>
          `[${name}]\naws_access_key_id = AKIA${1e15 + index}\naws_secret_access_key = canary\n`,
      )
      .join('\n'),
  });
  const { exit, stdout } = await run(['list', '--json'], { home: many });
  expect([exit, JSON.parse(stdout).map(({ profile }: { profile: string }) => profile)]).toEqual([0, names]);
});
