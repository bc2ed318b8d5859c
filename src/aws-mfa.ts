import { fstatSync } from 'node:fs';
import { userInfo } from 'node:os';
import { translated } from './cli/aws-mfa.ts';
import { orUndefined } from './errors.ts';

/** The program `aws-mfa`: `awsmfa write` with aws-mfa's command line. Its own file, so that awsmfa's stays one. */
const system = { user: orUndefined(() => userInfo().username) ?? '', isPiped: isPiped() };
process.argv.splice(2, Infinity, ...translated(process.argv.slice(2), process.env, system));
require('./awsmfa.cjs');

function isPiped(): boolean {
  const stdin = orUndefined(() => fstatSync(0));
  return stdin !== undefined && (stdin.isFIFO() || stdin.isFile() || stdin.isSocket());
}
