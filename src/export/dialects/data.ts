import { type Dialect, settings } from '../dialect.ts';
import { sessionNames } from '../environment.ts';

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
