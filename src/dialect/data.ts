import { type Dialect, settings } from './dialect.ts';

/** The credential_process protocol, version 1, as the AWS CLI's `export-credentials --format process` prints it. */
export const process: Dialect = {
  kind: 'data',
  render: (change) => {
    const values = settings(change);
    return `${JSON.stringify({
      Version: 1,
      AccessKeyId: values.get('AWS_ACCESS_KEY_ID'),
      SecretAccessKey: values.get('AWS_SECRET_ACCESS_KEY'),
      SessionToken: values.get('AWS_SESSION_TOKEN'),
      Expiration: values.get('AWS_CREDENTIAL_EXPIRATION'),
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
