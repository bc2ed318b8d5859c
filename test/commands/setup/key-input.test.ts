import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keysInCsv } from '../../../src/commands/setup/key-input.ts';
import { makeHome } from '../../support/home.ts';

const id = 'AKIAIOSFODNN7EXAMPLE';
const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const keys = { accessKeyId: id, secretAccessKey: secret };

const read = (content: string | Uint8Array) => keysInCsv(makeHome().write('keys.csv', content));

/** What is said of a file that has no keys; no value of it is in there. */
function refusal(content: string | Uint8Array, ...values: readonly string[]): string {
  const path = makeHome().write('keys.csv', content);
  try {
    keysInCsv(path);
  } catch (error) {
    expect(error).toMatchObject({ name: 'UserError', exit: 3, code: 'bad-csv' });
    const { message, hint } = error as Error & { hint: string };
    for (const value of [id, secret, ...values]) expect(`${message} ${hint}`).not.toContain(value);
    return message.replace(path, 'FILE');
  }
  throw new Error('it was accepted');
}

describe('the files of the console', () => {
  test.for([
    ['accessKeys.csv', `Access key ID,Secret access key\n${id},${secret}`],
    ['rootkey.csv', `"Access key ID","Secret access key"\r\n"${id}","${secret}"\r\n`],
    ['rootkey.csv of old', `AWSAccessKeyId=${id}\r\nAWSSecretKey=${secret}\r\n`],
    [
      'new_user_credentials.csv',
      `User name,Password,Access key ID,Secret access key,Console login link\nalice,"a,""b",${id},${secret},https://x\n`,
    ],
    ['credentials.csv of old', `User Name,Access Key Id,Secret Access Key\n"alice",${id},${secret}\n`],
    ['with a byte order mark', `\ufeffAccess key ID,Secret access key\r\n${id},${secret}\r\n`],
    ['in another order', `Secret access key,User name,Access key ID\n${secret},alice,${id}\n`],
    ['saved by Excel in Europe', `\ufeffAccess key ID;Secret access key\r\n${id};${secret}\r\n`],
    ['with blank lines and blanks', `\n Access key ID , Secret access key \n\n ${id} , ${secret} \n\n`],
  ])('%s', ([, text = '']) => {
    expect(read(text)).toEqual(keys);
  });

  test('as UTF-16', () => {
    expect(
      read(Buffer.from(`\ufeffAccess key ID\tSecret access key\r\n${id}\t${secret}\r\n`, 'utf16le')),
    ).toEqual(keys);
  });
});

describe('other files', () => {
  test('the columns are named, and no value', () => {
    expect(refusal('User name,Password\nalice,hunter2\n', 'hunter2', 'alice')).toBe(
      'FILE has the columns User name, Password; it needs "Access key ID" and "Secret access key"',
    );
  });

  test.for([
    `${id},${secret}\n`,
    `alice,hunter2!,${id},${secret}\n`,
    '{"a": "hunter2!"}',
    '',
    '\u0000\u0001\u0002',
  ])('without a header nothing is named: %j', (text) => {
    expect(refusal(text, 'hunter2!')).toBe(
      'FILE does not begin with the names of columns such as "Access key ID" and "Secret access key"',
    );
  });

  test('a key of letters alone is no name of a column', () => {
    expect(refusal('AKIAIOSFODNNXEXAMPLE,secret\n', 'AKIAIOSFODNNXEXAMPLE')).toContain('does not begin with');
  });

  test('no keys, half of one, and those of several', () => {
    const header = 'User name,Password,Access key ID,Secret access key\n';
    expect(refusal(`${header}alice,x,,\n`)).toBe('FILE has the right columns, and no access key in them');
    expect(refusal(`${header}alice,x,${id},\n`)).toBe(
      'FILE has the right columns, and half an access key in them',
    );
    expect(refusal(`${header}a,,${id},${secret}\nb,,${id},${secret}\n`)).toBe(
      'FILE has the access keys of 2 users',
    );
  });

  test('an open quote', () => {
    expect(refusal(`"Access key ID,Secret access key\n${id},${secret}`)).toMatch(
      /^FILE is no CSV file \(CSV_\w+\)$/,
    );
  });

  test('a large file', () => {
    expect(refusal('x'.repeat(1024 * 1024 + 1))).toBe('FILE is too large for a file with keys');
  });

  test('what cannot be read', () => {
    const home = makeHome();
    mkdirSync(join(home.path, 'keys.csv'));
    const messages = ['keys.csv', 'nowhere.csv'].map((name) => {
      const path = join(home.path, name);
      return () => keysInCsv(path);
    });
    expect(messages[0]).toThrow(/keys\.csv: it is a directory$/);
    expect(messages[1]).toThrow(/^Cannot read .*nowhere\.csv: there is no such file$/);
  });
});
