/** For the environment of awsmfa in a test: on a Mac it would ask whoever runs the tests, in a dialog. */
export const noDialog: Readonly<Record<string, string>> =
  process.platform === 'darwin' ? { SSH_CONNECTION: '127.0.0.1 1 127.0.0.1 22' } : {};
