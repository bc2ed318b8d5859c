import { type Dialect, plain, unwritable } from '../dialect.ts';
import type { Change } from '../environment.ts';
import { profileName, sessionNames } from '../names.ts';

/** The variables that a change sets. */
function settings(change: Change): ReadonlyMap<string, string> {
  return new Map(change.flatMap((step) => ('set' in step ? [[step.set, plain(step.value)] as const] : [])));
}

/** The credential_process protocol, version 1, as the AWS CLI's `export-credentials --format process` prints it. */
export const process: Dialect = {
  kind: 'data',
  render: (change) => {
    const values = settings(change);
    return `${JSON.stringify({
      Version: 1,
      AccessKeyId: values.get(sessionNames.accessKeyId),
      SecretAccessKey: values.get(sessionNames.secretAccessKey),
      SessionToken: values.get(sessionNames.sessionToken),
      Expiration: values.get(sessionNames.expiration),
      AccountId: values.get(sessionNames.accountId),
    })}\n`;
  },
  failure: '',
};

/** One object of variable names and values: what nushell's `load-env` and scripts in any language read. */
export const json: Dialect = {
  kind: 'data',
  render: (change) => `${JSON.stringify(Object.fromEntries(settings(change)), undefined, 2)}\n`,
  failure: '',
};

/**
 * `NAME=value` lines. Readers of `.env` files disagree on quotes: Docker keeps them, and only some know escapes. Plain
 * values have no quotes; other values have quotes that all readers but Docker remove.
 */
export const dotenv: Dialect = {
  kind: 'data',
  render: (change) =>
    [...settings(change)].map(([name, value]) => `${name}=${dotenvValue(name, value)}\n`).join(''),
  failure: '',
};

function dotenvValue(name: string, value: string): string {
  if (/^[\w./:+=@,-]*$/.test(value)) return value;
  if (/[\u0000-\u001f\u007f\\]/.test(value)) throw unwritable(name, 'dotenv');
  if (!value.includes("'")) return `'${value}'`;
  if (/["$`]/.test(value)) throw unwritable(name, 'dotenv');
  return `"${value}"`;
}

/** A section of a shared credentials file, as the AWS CLI reads it. */
export const ini: Dialect = {
  kind: 'data',
  render: (change) => {
    const values = settings(change);
    const section = values.get(profileName) ?? '';
    if (section === '' || /[\u0000-\u001f\u007f\]]/.test(section)) throw unwritable(profileName, 'ini');
    const rows = [
      ['aws_access_key_id', sessionNames.accessKeyId],
      ['aws_secret_access_key', sessionNames.secretAccessKey],
      ['aws_session_token', sessionNames.sessionToken],
      ['aws_account_id', sessionNames.accountId],
      ['expiration', sessionNames.expiration],
    ] as const;
    const lines = rows.flatMap(([key, name]) => {
      const value = values.get(name);
      if (value === undefined) return [];
      if (/[\s\u0000-\u001f\u007f]/.test(value)) throw unwritable(name, 'ini');
      return [`${key} = ${value}\n`];
    });
    return `[${section}]\n${lines.join('')}`;
  },
  failure: '',
};
