import { CsvError, parse } from 'csv-parse/sync';
import { type Credentials, Secret } from '../../credentials.ts';
import { attempt, Exit, UserError } from '../../errors.ts';
import { readSharedBytes } from '../../files/shared-file.ts';
import { askSecret, askText } from '../../mfa/prompt.ts';
import { printable } from '../../text.ts';
import type { Ui } from '../../ui.ts';

/** Keys that a person entered, and the CSV file that they were in, if any. */
export interface Entered {
  readonly keys: Credentials;
  readonly from: 'typing' | { readonly csv: string };
}

/**
 * Asks for an access key. The answer may also be the path of the CSV file.
 *
 * @param knownId an ID that AWS knows: then only the secret is wrong
 */
export async function askKeys(
  knownId: string | undefined,
  ui: Ui,
  home: string | undefined,
): Promise<Entered> {
  for (;;) {
    const answer = await askText(ui, {
      message: 'Access key ID, or the path of its .csv file:',
      suggestion: knownId,
      problem: (text) => (csvPath(text, home) ? undefined : idProblem(text)),
    });
    const path = csvPath(answer, home);
    if (path === undefined) return { keys: await withSecret(cleaned(answer), ui), from: 'typing' };
    const keys = attempt(() => keysFromCsv(path));
    if (!(keys instanceof UserError)) return { keys, from: { csv: path } };
    ui.warn(keys.message);
  }
}

async function withSecret(accessKeyId: string, ui: Ui): Promise<Credentials> {
  for (;;) {
    const answer = await askSecret(ui, 'Secret access key:');
    const problem = secretProblem(answer, accessKeyId);
    if (problem === undefined) return pair(accessKeyId, answer);
    ui.warn(problem);
  }
}

/** @throws UserError (configuration) for a file without an access key */
export function keysFromCsv(path: string): Credentials {
  const given = keysInCsv(path);
  const accessKeyId = cleaned(given.accessKeyId);
  const problem = idProblem(accessKeyId) ?? secretProblem(given.secretAccessKey, accessKeyId);
  if (problem) throw new UserError(Exit.configuration, 'bad-csv', `${printable(path)}: ${problem}`);
  return pair(accessKeyId, given.secretAccessKey);
}

/** An access key as it is entered, in the shape of a long-term key. */
function pair(accessKeyId: string, secret: string): Credentials {
  return {
    accessKeyId: cleaned(accessKeyId),
    secretAccessKey: new Secret(cleaned(secret)),
    sessionToken: undefined,
  };
}

/** Removes what people paste with a key: blanks and quotes around it, a comma after it, the name of its setting before it. */
function cleaned(text: string): string {
  return text
    .trim()
    .replace(/^(?:export\s+)?aws_(?:access_key_id|secret_access_key)\s*=\s*/i, '')
    .replace(/^["'“”‘’`]+|["'“”‘’`,;]+$/g, '')
    .trim();
}

/**
 * Checks an access key ID; returns the text for people, undefined if nothing is wrong. IAM: 16 to 128 letters and digits
 * (API reference of AccessKey); the ID of a session begins with `ASIA`, that of a user with `AKIA`.
 */
function idProblem(text: string): string | undefined {
  const id = cleaned(text);
  if (id === '') return 'Without an access key there is nothing to set up; Ctrl-C ends this';
  if (/^ASIA/.test(id)) return 'ASIA… is a temporary key; awsmfa needs the long-term key, AKIA…';
  if (/\s/.test(id))
    return 'There is a blank in it: an access key ID is one word of 20 letters and digits, AKIA…';
  if (/[+/]/.test(id) && id.length === 40) {
    return 'That looks like the secret access key, which is asked for next; this question needs the ID, AKIA…';
  }
  if (/^\w{16,128}$/.test(id)) return undefined;
  return `An access key ID has 20 letters and digits, AKIA…; ${/^\w*$/.test(id) ? `this has ${id.length}` : 'this has other characters'}`;
}

/** The same for a secret, which is in none of the texts. */
function secretProblem(text: string, accessKeyId: string): string | undefined {
  const secret = cleaned(text);
  if (secret === '') return 'That was nothing; paste the secret access key that belongs to the ID';
  if (secret === accessKeyId)
    return 'That was the access key ID again; the secret is the longer one of the two';
  // A blank or a control character breaks the signature, and STS's answer would show the key.
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    return 'There is a blank in it, or a character that no secret has: copy it again, all of it on one line';
  }
  return undefined;
}

/**
 * The path that was typed, or dragged into the terminal, in place of a key: in quotes, or with backslashes before
 * what a shell would read.
 */
function csvPath(text: string, home: string | undefined): string | undefined {
  const trimmed = text.trim();
  const quoted = /^(["'])(.*)\1$/.exec(trimmed)?.[2];
  const path = quoted ?? trimmed.replace(/\\(.)/g, '$1');
  if (!/\.csv$/i.test(path)) return undefined;
  return home !== undefined && path.startsWith('~/') ? home + path.slice(1) : path;
}

/**
 * The access key in a CSV file of the AWS console: `accessKeys.csv`, `rootkey.csv`, `new_user_credentials.csv`, by the
 * names of its columns, in any order.
 *
 * @throws UserError configuration; it quotes names of columns, never values
 */
export function keysInCsv(path: string): { readonly accessKeyId: string; readonly secretAccessKey: string } {
  const shown = printable(path);
  const [header = [], ...records] = rowsOf(textOf(path, shown), shown);
  const [idColumn, secretColumn] = [columnOf(header, idNames), columnOf(header, secretNames)];
  if (idColumn < 0 || secretColumn < 0) throw otherColumns(header, shown);
  const keys = records
    .map((record) => ({ accessKeyId: record[idColumn] ?? '', secretAccessKey: record[secretColumn] ?? '' }))
    .filter(({ accessKeyId, secretAccessKey }) => accessKeyId || secretAccessKey);
  const [first, second] = keys;
  if (!first?.accessKeyId || !first.secretAccessKey) {
    throw badCsv(
      `${shown} has the right columns, and ${first ? 'half an access key' : 'no access key'} in them`,
      'Create an access key in IAM: Users, your user, Security credentials, Create access key.',
    );
  }
  if (second) {
    throw badCsv(
      `${shown} has the access keys of ${keys.length} users`,
      'Leave the line of yours in it, below the first line, or type the keys.',
    );
  }
  return first;
}

const idNames = ['accesskeyid', 'awsaccesskeyid'];
const secretNames = ['secretaccesskey', 'awssecretaccesskey', 'awssecretkey', 'secretkey'];

function columnOf(header: readonly string[], names: readonly string[]): number {
  return header.findIndex((name) => names.includes(name.toLowerCase().replace(/[^a-z]/g, '')));
}

/** The console has changed its formats before. Excel writes semicolons in many countries of Europe. */
function rowsOf(text: string, shown: string): readonly (readonly string[])[] {
  const pairs = text.match(/^\s*AWSAccessKeyId=(\S*)\s+AWSSecretKey=(\S*)\s*$/);
  if (pairs) return [['AWSAccessKeyId', 'AWSSecretKey'], pairs.slice(1)];
  try {
    return parse(text, {
      delimiter: [',', ';', '\t'],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
    });
  } catch (error) {
    // Its message may quote the line.
    if (!(error instanceof CsvError)) throw error;
    throw badCsv(`${shown} is no CSV file (${error.code})`, whichFile);
  }
}

function textOf(path: string, shown: string): string {
  const content = attempt(() => readSharedBytes(path));
  if (content instanceof UserError) throw badCsv(content.message, whichFile);
  if (!content) throw badCsv(`Cannot read ${shown}: there is no such file`, whichFile);
  const { bytes } = content;
  if (bytes.length > 1024 * 1024) throw badCsv(`${shown} is too large for a file with keys`, whichFile);
  // Excel's "Unicode text" is UTF-16.
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return bytes.toString(isUtf16 ? 'utf16le' : 'utf8').replace(/^\ufeff/, '');
}

const whichFile = 'Name the .csv file that the AWS console offers when it creates an access key.';

/** In a file without a header the first line has values, and they are not shown. */
function otherColumns(header: readonly string[], shown: string): UserError {
  const isHeader =
    header.length > 0 &&
    header.every((name) => /^[A-Za-z][A-Za-z ._-]{0,29}$/.test(name) && !/^A[KS]IA/.test(name));
  const columns = header.slice(0, 12).map((name) => printable(name, 40));
  return badCsv(
    isHeader
      ? `${shown} has the columns ${columns.join(', ')}; it needs "Access key ID" and "Secret access key"`
      : `${shown} does not begin with the names of columns such as "Access key ID" and "Secret access key"`,
    whichFile,
  );
}

function badCsv(message: string, hint: string): UserError {
  return new UserError(Exit.configuration, 'bad-csv', message, hint);
}
