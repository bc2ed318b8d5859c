import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configFile, credentialsFile } from './accounts.ts';
import { quote } from './shells.ts';

/** A temporary home, with an `awsmfa` of its own on PATH; nothing of the caller's environment but PATH gets in. */
export interface Home {
  readonly root: string;
  /** The whole environment of everything the demo starts. */
  readonly env: Readonly<Record<string, string>>;
  /** How often the program `awsmfa` was started. */
  started(): number;
  remove(): void;
}

/**
 * @param core the program behind `awsmfa`, a file for Node
 * @param stsUrl where it finds STS
 */
export function makeHome(core: string, stsUrl: string): Home {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'awsmfa demo ')));
  const [home, bin, starts] = [join(root, 'home'), join(root, 'bin'), join(root, 'starts')];
  mkdirSync(join(home, '.aws'), { recursive: true });
  mkdirSync(bin);
  writeFileSync(join(home, '.aws', 'config'), configFile);
  writeFileSync(join(home, '.aws', 'credentials'), credentialsFile, { mode: 0o600 });
  writeFileSync(starts, '');
  writeFileSync(join(root, 'report.cjs'), reporter);
  const node = quote(process.execPath);
  program(join(bin, 'awsmfa'), `echo started >>${quote(starts)}\nexec ${node} ${quote(core)} "$@"`);
  program(join(bin, 'demo-report'), `exec ${node} ${quote(join(root, 'report.cjs'))} ${quote(root)} "$@"`);
  return {
    root,
    env: {
      HOME: home,
      PATH: `${bin}:${process.env.PATH ?? ''}`,
      LANG: 'C.UTF-8',
      TERM: 'dumb',
      AWS_ENDPOINT_URL_STS: stsUrl,
      AWS_ENDPOINT_URL_IAM: stsUrl,
    },
    started: () => lines(starts),
    remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** What a shell says about itself: the status of its last command, and what a child of it finds in the environment. */
export interface Report {
  readonly status: number;
  readonly env: Readonly<Record<string, string>>;
  /** Starts of `awsmfa` until then, the earlier shells' included. */
  readonly started: number;
}

/** A child process on purpose: it sees what is exported, and nothing else. */
const reporter = `const { readFileSync, writeFileSync } = require('node:fs');
const [root, name, status] = process.argv.slice(2);
const started = readFileSync(root + '/starts', 'utf8').split('\\n').length - 1;
writeFileSync(root + '/' + name, JSON.stringify({ status: Number(status), env: process.env, started }));
process.stdout.write('\\x1e');
`;

/** Stands in the output of a shell wherever it has reported. */
export const reported = '\x1e';

function program(path: string, script: string): void {
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

function lines(path: string): number {
  return readFileSync(path, 'utf8').split('\n').length - 1;
}
