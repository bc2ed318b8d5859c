import { describe, expect, it } from 'vitest';
import { parseDocument } from '../../src/config/document.ts';
import { removeKeys, setKeys } from '../../src/config/edit.ts';
import { configuredRegion } from '../../src/profile/choice.ts';
import { resolveProfile } from '../../src/profile/resolve.ts';
import { keys, refusal, resolver, way } from '../profile/resolving.ts';

const { load, resolve } = resolver();

describe('a line that belongs to no section makes the file unreadable', () => {
  it.each([
    ['a key', 'canary = x\n[work]\n', 1, 'the line stands above the first [section]'],
    ['a continuation', '# top\n\n  canary\n[work]\n', 3, 'the line stands above the first [section]'],
    ['a file without a header', 'canary', 1, 'the line stands above the first [section]'],
    ['a key behind a byte order mark', '\ufeffcanary = x\n', 1, 'the line stands above the first [section]'],
    ['a header that is not closed', '[work]\n[canary\nx = 1\n', 2, 'the header has no closing ]'],
    ['a header without a name', '[work]\r\nx = 1\r\n[]\r\n', 3, 'the header [] has no name'],
  ])('%s', (_what, text, line, what) => {
    for (const file of ['config', 'credentials'] as const) {
      const { hint, ...rest } = refusal(() => load({ [file]: text }));
      expect(rest).toEqual({ exit: 3, code: 'malformed-file', message: `${file}:${line}: ${what}` });
      expect(hint).toMatch(/^\S.*\.$/);
    }
  });
});

describe('a line that cannot be read makes its section unusable', () => {
  const broken: readonly (readonly [what: string, lines: string, line: number, message: string])[] = [
    ['a line without =', 'x = 1\ncanary\n', 4, 'the line has no = and continues nothing'],
    ['a value without a key', ' = canary\n', 3, 'there is no key in front of the = or :'],
    [
      'a continuation of nothing',
      '# x\n  canary\n',
      4,
      'the line is indented, and there is no key above it to continue',
    ],
    ['a block without =', 's3 =\n  a = 1\n\n  canary\n', 6, 'a line in an indented block has no ='],
  ];

  it.each(broken)('%s', (_what, lines, line, what) => {
    const text = `[good]\n[work]\n${lines}`;
    const { hint, ...rest } = refusal(() => resolve({ credentials: text }, 'work'));
    expect(rest).toEqual({ exit: 3, code: 'malformed-file', message: `credentials:${line}: ${what}` });
    expect(hint).toMatch(/^Write KEY = VALUE, /);
  });

  it.each(broken)('%s, below the second header of the same name', (_what, lines, line, what) => {
    const text = `[work]\n${keys('AKIA1')}[work]\n${lines}`;
    expect(refusal(() => resolve({ credentials: text }, 'work')).message).toBe(
      `credentials:${line + 2}: ${what}`,
    );
  });

  it.each(broken)('%s, and an edit keeps it', (_what, lines) => {
    const text = `[good]\na = 1\n[work]\n${lines}`;
    const changed = setKeys(parseDocument(text, 'c'), 'good', [['a', '2']]);
    expect(changed.text).toBe(text.replace('a = 1', 'a = 2'));
    expect(removeKeys(changed, 'good', ['a']).text).toBe(text.replace('a = 1\n', ''));
  });

  it.each([
    ['its source', '[profile work]\nrole_arn = r\nsource_profile = base\n', '[base]\ncanary\n'],
    ['its long-term section', '', `[work-long-term]\n${keys('AKIA1')}canary\n`],
    ['[DEFAULT]', '', `[DEFAULT]\ncanary\n[work]\n${keys('AKIA1')}`],
  ])('that of %s, too', (_what, config, credentials) => {
    expect(refusal(() => resolve({ config, credentials }, 'work')).code).toBe('malformed-file');
  });

  it.each([
    ['keys', { AWS_ACCESS_KEY_ID: 'AKIA1', AWS_SECRET_ACCESS_KEY: 'canary' }],
    ['a web identity', { AWS_WEB_IDENTITY_TOKEN_FILE: '/t', AWS_ROLE_ARN: 'r' }],
  ])('that of [default], whose settings go with %s of the environment', (_what, env) => {
    expect(refusal(() => resolve({ config: '[default]\ncanary\n' }, undefined, env)).code).toBe(
      'malformed-file',
    );
  });

  it('that of the sso-session and of the services, when they are asked for', () => {
    const files = load({ config: '[sso-session s]\ncanary\n[services t]\ncanary\n' });
    expect(refusal(() => files.ssoSession('s')).message).toMatch(/^config:2: /);
    expect(refusal(() => files.services('t')).message).toMatch(/^config:4: /);
  });

  it('and no other: profile, region and names of the others are there', () => {
    const files = load({ credentials: `[broken]\nregion = eu-west-1\njunk\n[work]\n${keys('AKIA1')}` });
    expect(way(resolveProfile({ name: 'work', by: 'x' }, files, {}))).toEqual(['AKIA1']);
    expect(files.names()).toEqual(['broken', 'work']);
    expect(configuredRegion('broken', files)).toBe('eu-west-1');
  });

  it.each([
    'x: 1',
    'k =\n  a = 1\n  = 2',
    'two words = 1',
    'x = 1\nX = 2',
    'x = 1\n[work]\ny = 2',
    'k = # no block for the AWS CLI\n  more',
    'k =\n\n',
  ])('what the AWS CLI or the SDKs accept is accepted: %j', (lines) => {
    const text = `[work]\n${keys('AKIA1')}${lines}\n`;
    expect(way(resolve({ credentials: text }, 'work'))).toEqual(['AKIA1']);
  });
});
