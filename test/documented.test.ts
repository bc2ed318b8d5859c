import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Exit } from '../src/errors.ts';
import { project } from './support/desk.ts';

// docs/reference.md against the code. Its tables of commands and options are written by the program itself.

const reference = readFileSync(join(project, 'docs/reference.md'), 'utf8');

function textOf(...folders: readonly string[]): string {
  const files = folders.flatMap((folder) =>
    readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(folder, name),
    ),
  );
  const sources = files.filter((name) => /\.(ts|zsh|bash|fish|ps1|nu|cmd|sh)$/.test(name));
  return sources.map((name) => readFileSync(join(project, name), 'utf8')).join('\n');
}

const code = textOf('src', 'shell');
const variablesIn = (text: string) =>
  new Set([...text.matchAll(/\b(?:AWSMFA|AWS|MFA)_[A-Z0-9_]*[A-Z0-9]\b/g)].map(([name]) => name));

/** The part below a heading of the second level. */
function section(title: string): string {
  const from = reference.indexOf(`\n## ${title}`);
  expect(from, title).toBeGreaterThan(0);
  const to = reference.indexOf('\n## ', from + 1);
  return reference.slice(from, to < 0 ? undefined : to);
}

/** Between processes of awsmfa, or what a shell is told: no user sets or reads these. */
const internal = [
  'AWSMFA_CREDENTIAL_PROCESS',
  'AWSMFA_FAILED',
  'AWSMFA_INTEGRATION',
  'AWSMFA_QUESTION',
  'AWSMFA_RENEWAL',
];

/** Of other tools: taken away from what a session is put into, or set for one program. */
const foreign = [
  ...['AWS_ACCESS_KEY', 'AWS_SECRET_KEY', 'AWS_CREDENTIAL_FILE', 'AWS_SESSION_EXPIRATION', 'AWS_VAULT'],
  ...['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'AWS_SDK_LOAD_CONFIG'],
];

/** The code makes these of parts: a prefix and the name of a service. */
const composed = ['AWS_ENDPOINT_URL_IAM', 'AWS_ENDPOINT_URL_STS'];

describe('variables', () => {
  test('of the code are in the reference', () => {
    const known = variablesIn(reference);
    const missing = [...variablesIn(code)].filter((name) => !known.has(name)).sort();
    expect(missing).toEqual([...internal, ...foreign].filter((name) => missing.includes(name)).sort());
  });

  test('of the reference are in the code', () => {
    const known = variablesIn(code);
    const missing = [...variablesIn(reference)].filter((name) => !known.has(name));
    expect(missing.filter((name) => !composed.includes(name))).toEqual([]);
  });
});

test('every exit status of the code is in the reference, and the other way round', () => {
  const documented = [...section('Exit status').matchAll(/^\| (\d+) \|/gm)].map(([, status]) =>
    Number(status),
  );
  expect(documented.sort((a, b) => a - b)).toEqual(Object.values<number>(Exit).sort((a, b) => a - b));
});

describe('settings', () => {
  const documented = new Set(
    [...section('Settings').matchAll(/`([a-z]+(?:_[a-z0-9]+)*)`/g)].map(([, key = '']) => key),
  );

  /** What `write` and `keys` keep for themselves in a section. */
  const own = /^(assumed_role|assumed_role_arn|aws_account_id|aws_security_token|awsmfa_(old|new)_\w+)$/;

  test('of the code are in the reference', () => {
    const rooms = ['config', 'profile', 'mfa', 'sts', 'providers', 'session'].map((room) => `src/${room}`);
    const keys = [...textOf(...rooms).matchAll(/(?<![\w.])'([a-z]+(?:_[a-z0-9]+)+)'/g)].map(
      ([, key = '']) => key,
    );
    expect(keys.length).toBeGreaterThan(30);
    expect([...new Set(keys)].filter((key) => !documented.has(key) && !own.test(key))).toEqual([]);
  });

  test('of the reference are in the code', () => {
    expect(documented.size).toBeGreaterThan(30);
    expect([...documented].filter((key) => !code.includes(key))).toEqual([]);
  });
});

test('every message of the troubleshooting page is one of the program', () => {
  const plain = (text: string) => text.replace(/\\?[`'"]/g, '');
  const said = plain(textOf('src').replace(/\$\{[^}]*\}/g, '…'));
  const [page = ''] = readFileSync(join(project, 'docs/troubleshooting.md'), 'utf8').split(
    '\n## In the shell',
  );
  const rows = [...page.matchAll(/^\| (?!message \|)([^|]+) \| /gm)].map(([, message = '']) =>
    plain(message),
  );
  expect(rows.length).toBeGreaterThan(25);
  const parts = rows.flatMap((message) => message.split(/…|: its /).map((part) => part.trim()));
  expect(parts.filter((part) => !said.includes(part))).toEqual([]);
});
