import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';

/** A pair of keys as somebody gave it, not yet looked at. */
export interface GivenKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * The access key in a CSV file of the AWS console: `accessKeys.csv`, `rootkey.csv`, `new_user_credentials.csv`, by the
 * names of its columns, in any order.
 *
 * @throws UserError configuration; what it quotes are names of columns, never values
 */
export function keysInCsv(path: string): GivenKeys {
  const shown = printable(path);
  const rows = rowsOf(textOf(path, shown), shown);
  const [header = [], ...records] = rows;
  const idColumn = columnOf(header, idNames);
  const secretColumn = columnOf(header, secretNames);
  if (idColumn < 0 || secretColumn < 0) throw otherColumns(header, shown);
  const found = records.map((record) => ({
    accessKeyId: record[idColumn] ?? '',
    secretAccessKey: record[secretColumn] ?? '',
  }));
  const keys = found.filter(({ accessKeyId, secretAccessKey }) => accessKeyId || secretAccessKey);
  const [first, second] = keys;
  if (!first?.accessKeyId || !first.secretAccessKey) {
    throw refusal(
      `${shown} has the right columns, and ${first ? 'half an access key' : 'no access key'} in them`,
      'Create an access key in IAM: Users, your user, Security credentials, Create access key.',
    );
  }
  if (second) {
    throw refusal(
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

/** The console has changed its formats before; Excel writes semicolons in half of Europe. */
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
    if (error instanceof CsvError) throw refusal(`${shown} is no CSV file (${error.code})`, whichFile);
    throw error;
  }
}

function textOf(path: string, shown: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
    const stats = fstatSync(file);
    if (!stats.isFile()) throw refusal(`${shown} is not a regular file`, whichFile);
    if (stats.size > 1024 * 1024) throw refusal(`${shown} is too large for a file with keys`, whichFile);
    const bytes = readFileSync(file);
    // Excel's "Unicode text".
    const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
    return bytes.toString(isUtf16 ? 'utf16le' : 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : code;
    throw refusal(`Cannot read ${shown}: ${why}`, whichFile);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const whichFile = 'Name the .csv file that the AWS console offers when it creates an access key.';

/** In a file without a header the first line has values, and they are not shown. */
function otherColumns(header: readonly string[], shown: string): UserError {
  const isHeader =
    header.length > 0 &&
    header.every((name) => /^[A-Za-z][A-Za-z ._-]{0,29}$/.test(name) && !/^A[KS]IA/.test(name));
  const columns = header.slice(0, 12).map((name) => printable(name, 40));
  return refusal(
    isHeader
      ? `${shown} has the columns ${columns.join(', ')}; wanted are "Access key ID" and "Secret access key"`
      : `${shown} does not begin with the names of columns such as "Access key ID" and "Secret access key"`,
    whichFile,
  );
}

function refusal(message: string, hint: string): UserError {
  return new UserError(Exit.configuration, 'bad-csv', message, hint);
}
