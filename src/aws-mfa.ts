import { fstatSync } from 'node:fs';
import { userInfo } from 'node:os';
import { translated } from './cli/aws-mfa.ts';

/** The program `aws-mfa`: `awsmfa write` with aws-mfa's command line. Its own file, so that awsmfa's stays one. */
const system = { user: userName(), isPiped: isPiped() };
process.argv.splice(2, Infinity, ...translated(process.argv.slice(2), process.env, system));
require('./awsmfa.cjs');

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}

function isPiped(): boolean {
  try {
    const stdin = fstatSync(0);
    return stdin.isFIFO() || stdin.isFile() || stdin.isSocket();
  } catch {
    return false;
  }
}
