import { userInfo } from 'node:os';
import { translated } from './cli/aws-mfa.ts';

/** The program `aws-mfa`: `awsmfa write` with aws-mfa's command line. Its own file, so that awsmfa's stays one. */
process.argv.splice(2, Infinity, ...translated(process.argv.slice(2), process.env, userName()));
require('./awsmfa.cjs');

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
