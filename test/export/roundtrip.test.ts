import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../src/credentials.ts';
import { type Dialect, plain } from '../../src/export/dialect.ts';
import { formats, shells } from '../../src/export/dialects.ts';
import { apply, type Change, clear } from '../../src/export/environment.ts';
import { runs } from '../support/matrix.ts';
import { shells as hosts, needs, run, type Shell } from '../support/shells.ts';

/** Which real shells read a dialect: by its own name, unless it stands here. */
const readers: Readonly<Record<string, readonly string[]>> = {
  sh: ['dash', 'busybox'],
  env: ['bash', 'zsh', 'dash', 'busybox'],
  'env-no-export': ['bash', 'zsh', 'dash', 'busybox'],
};

/** What users do to their shells, for the dialects of `--shell`. */
const taken = ['unset', 'export', 'eval', 'set', 'false', 'source', 'typeset', 'declare', 'local'];
const aliases = taken.map((name) => `\\builtin alias ${name}='echo ALIAS; true'`).join('\n');
const functions = taken.map((name) => `function ${name} { \\builtin echo FUNCTION; }`).join('\n');
const habits: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bash: {
    aliases: `shopt -s expand_aliases\n${aliases}`,
    functions,
    both: `shopt -s expand_aliases\n${functions}\n${aliases}`,
    'posix mode': 'set -o posix',
    'history expansion': 'set -o history -o histexpand',
    strict: 'set -eu -o pipefail',
    options: 'set -afCE; shopt -s nocasematch extglob failglob xpg_echo',
    locale: 'LC_ALL=C',
  },
  zsh: {
    aliases: `setopt aliases\n${aliases}`,
    functions,
    ksh: 'setopt ksh_arrays sh_word_split ksh_glob posix_builtins posix_strings posix_identifiers',
    globs: 'setopt glob_subst no_unset ignore_braces extended_glob magic_equal_subst null_glob',
    'rc quotes': 'setopt rc_quotes',
    'csh quotes': 'setopt csh_junkie_quotes',
    history: 'setopt bang_hist all_export err_exit warn_create_global',
    'emulated sh': 'emulate sh',
    locale: 'LC_ALL=C',
  },
  sh: {
    aliases: "alias unset='echo ALIAS' export='echo ALIAS'",
    strict: 'set -eu',
    options: 'set -afC',
  },
  fish: {
    functions: ['echo', 'printf', 'true', 'false', 'source']
      .map((name) => `function ${name}; builtin echo FUNCTION; end`)
      .join('\n'),
    locale: 'set -gx LC_ALL C',
  },
};

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'awsmfa-dialect-')));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** The others have a grammar, or a format, of their own: see other-shells, pipelines, windows. */
const elsewhere = 'elvish xonsh tcsh dotenv ini powershell cmd windows-cmd nushell'.split(' ');
const dialects = Object.entries({ ...formats, ...shells }).filter(([name]) => !elsewhere.includes(name));
const code = dialects.filter(([, { kind }]) => kind === 'code');
const data = dialects.filter(([, { kind }]) => kind === 'data');

describe.each(code)('%s', (name, dialect: Dialect) => {
  const known = hosts.filter((host) => (readers[name] ?? [name]).includes(host.name));
  test('has a real shell to be read by', () => expect(known).not.toEqual([]));

  test.for(known.flatMap((shell) => ways(shell).map((way) => ({ shell, way }))))(
    'any change comes true in $shell.name by $way',
    ({ shell, way }, context) =>
      needs(shell, async () => {
        const strict = shell.name === 'fish' ? '' : 'set -eu';
        const habit = name === 'env-no-export' ? `${strict}; set -a` : strict;
        const property = (change: Change) => comesTrue({ shell, way, habit, dialect, change });
        await fc.assert(fc.asyncProperty(changes(value), property), { numRuns: runs(2, 12) });
      })(context),
  );

  const hostile = Object.hasOwn(shells, name) ? Object.entries(habits[name] ?? {}) : [];
  test.for(hostile.flatMap(([title, habit]) => known.map((shell) => ({ shell, title, habit }))))(
    'any change comes true in $shell.name with $title',
    ({ shell, title, habit }, context) =>
      needs(shell, async () => {
        // There a line break inside quotes is an error by definition; no value of awsmfa's own has one.
        const fit = title === 'csh quotes' ? value.filter((text) => !text.includes('\n')) : value;
        const property = (change: Change) =>
          comesTrue({ shell, way: 'the script itself', habit, dialect, change });
        await fc.assert(fc.asyncProperty(changes(fit), property), { numRuns: runs(2, 10) });
      })(context),
  );
});

test.each(data)('%s says the same values', (name, dialect: Dialect) => {
  fc.assert(
    fc.property(applying(value, true), (change) => {
      const model = after(change, {});
      const read = JSON.parse(dialect.render(change));
      if (name === 'json') expect(read).toEqual(model);
      else {
        const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration, ...more } = read;
        expect([Version, more]).toEqual([1, {}]);
        expect({ AccessKeyId, SecretAccessKey, SessionToken, Expiration }).toEqual({
          AccessKeyId: model.AWS_ACCESS_KEY_ID,
          SecretAccessKey: model.AWS_SECRET_ACCESS_KEY,
          SessionToken: model.AWS_SESSION_TOKEN,
          Expiration: model.AWS_CREDENTIAL_EXPIRATION,
        });
      }
    }),
  );
});

test('no dialect knows the name of a variable: they stand in src/export/environment.ts', () => {
  const rooms = new URL('../../src/export/dialects/', import.meta.url);
  const knowing = readdirSync(rooms).filter((file) =>
    /['"`]AWS_[A-Z_]+['"`]/.test(readFileSync(new URL(file, rooms), 'utf8')),
  );
  expect(knowing).toEqual([]);
});

const base = { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', KEPT: 'as it\nwas' };
const session = {
  accessKeyId: 'ASIA',
  secretAccessKey: new Secret('s'),
  sessionToken: new Secret('t'),
  expiration: 1e9,
};
const applied = { profile: 'work', region: 'eu-west-1', profileRegion: 'eu-west-1', heldRegion: undefined };

/** Any text that an environment variable can hold; every attack sets out to make a file. */
const attacks = [
  "$(touch x)@`touch x`@'; touch x; '@\\'; touch x; \\'@\"; touch x; \"@\n touch x\n@!touch@!!@!$@^a^b@-n@--@=ls@~@*@{a,b}",
  "\\@\\'@'@''@'''@\"@\r\n@(touch x)@<(touch x)@>x@& touch x@| touch x@%(x)s@$PATH@$'\\x41'@#@;@ @\t@-@?@[a]@%d@&@$",
  '\u0081\u0088@\u{f600}\u{fdd0}@\u2028@\ufeff@𝒳@é@\u0007\u001b[31m@\u007f',
];
const attack = fc.constantFrom(...attacks.join('@').split('@'));
const value = fc
  .array(fc.oneof(attack, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 4 })
  .map((parts) => parts.join('').replaceAll('\0', ''));

/** Names of which some are set, cleared and set again: the order of the steps counts. */
const names = Array.from({ length: 30 }, (_, index) => `V${index}`);
function changes(values: fc.Arbitrary<string>): fc.Arbitrary<Change> {
  const unset = fc.subarray([...names, 'BEFORE'], { minLength: 1, maxLength: 5 }).map((unset) => ({ unset }));
  const set = fc.record({ set: fc.constantFrom(...names), value: values });
  const secret = set.map((step) => ({ ...step, value: new Secret(step.value) }));
  const steps = fc.array(fc.oneof({ weight: 1, arbitrary: unset }, { weight: 5, arbitrary: set }, secret), {
    minLength: 10,
    maxLength: 60,
  });
  return fc.oneof({ weight: 3, arbitrary: steps }, applying(values, true), clearing(values));
}

/** What `env` really prints, and what `clear` prints after it. */
function applying(values: fc.Arbitrary<string>, keepProfile: boolean): fc.Arbitrary<Change> {
  const text = values.filter((text) => text !== '');
  return fc.tuple(text, text, text, text, text).map(([id, secret, token, profile, region]) => {
    const secrets = { secretAccessKey: new Secret(secret), sessionToken: new Secret(token) };
    return apply(
      { ...session, accessKeyId: id, ...secrets },
      { ...applied, profile, region, keepProfile },
      { AWS_PROFILE: profile },
    );
  });
}
function clearing(values: fc.Arbitrary<string>): fc.Arbitrary<Change> {
  return applying(values, false).map((change) => [...change, ...(clear(after(change, {}), undefined) ?? [])]);
}

type Reading = { shell: Shell; way: string; habit: string; dialect: Dialect; change: Change };

/** Nothing but the change differs; nothing is said, nothing is run, and twice is once. */
async function comesTrue({ shell, way, habit, dialect, change }: Reading): Promise<void> {
  const path = join(directory, 'code');
  writeFileSync(path, dialect.render(change));
  const read = way === 'the script itself' ? readFileSync(path, 'utf8') : way.replaceAll('FILE', path);
  const tell = "/usr/bin/env -0; /usr/bin/printf '\\0'";
  // A pipe into `.` has its effect in the subshell at its end only.
  const [open, close] = read.endsWith('{') ? ['. /dev/stdin', '}'] : ['', ''];
  const twice = open ? `. '${path}'` : read;
  const script = [habit, tell, read, open, tell, twice, tell, close].join('\n');
  const env = { ...base, BEFORE: 'set before', V1: 'old', AWS_PROFILE: 'old' };
  const { stdout, stderr, status } = await run(shell, script, { env, cwd: directory });
  const [start = {}, ...later] = stdout.split('\0\0').slice(0, -1).map(exported);
  const expected = after(change, start);
  expect({ stderr, status, later }).toEqual({ stderr: '', status: 0, later: [expected, expected] });
  expect(readdirSync(directory)).toEqual(['code']);
}

/** How people hand code to their shell. */
function ways({ name }: Shell): readonly string[] {
  if (name === 'fish') return ['eval "$(cat FILE)"', 'source FILE', 'cat FILE | source'];
  return ['eval "$(cat FILE)"', name === 'bash' || name === 'zsh' ? 'source FILE' : '. FILE', 'cat FILE | {'];
}

function after(change: Change, before: Variables): Variables {
  const variables = new Map(Object.entries(before));
  for (const step of change) {
    if ('set' in step) variables.set(step.set, plain(step.value));
    else for (const name of step.unset) variables.delete(name);
  }
  return Object.fromEntries(variables);
}

type Variables = Record<string, string>;

function exported(text: string): Variables {
  const pairs = text.split('\0').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}
