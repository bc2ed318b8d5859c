import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunResult, run, type Shell } from './shells.ts';

/** What the stub does when it is called. */
export type Answer = {
  stdout?: string;
  stderr?: string;
  status?: number;
  /** Shell code (sh) that runs first: to wait, to read from the terminal, to trap a signal. */
  script?: string;
};

/** One call of the stub: what it was told. */
export type Call = { args: string[]; env: Record<string, string> };

/** A home, and a PATH on which `awsmfa` is a stub that remembers its calls and answers as told. */
export type Sandbox = {
  home: string;
  /** The first directory of PATH, with the stub in it. */
  bin: string;
  env: Record<string, string>;
  answer(answer: Answer): void;
  calls(): Call[];
  /** Runs a script with the integration sourced before it. */
  run(script: string, env?: Record<string, string>): Promise<RunResult>;
  remove(): void;
};

/** The one place that stands in for the real core in the tests of the integration. */
export function sandbox(shell: Shell): Sandbox {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'awsmfa-shell-')));
  const [home, bin, log] = [join(root, 'home'), join(root, 'bin'), join(root, 'calls')];
  mkdirSync(home);
  mkdirSync(bin);
  writeFileSync(join(bin, 'awsmfa'), stub(root));
  chmodSync(join(bin, 'awsmfa'), 0o755);
  const env = { HOME: home, PATH: `${bin}:/usr/bin:/bin`, LANG: 'C.UTF-8', TERM: 'dumb' };
  const self: Sandbox = {
    home,
    bin,
    env,
    answer: ({ stdout = '', stderr = '', status = 0, script = '' }) => {
      writeFileSync(join(root, 'stdout'), stdout);
      writeFileSync(join(root, 'stderr'), stderr);
      writeFileSync(join(root, 'script'), `${script}\nanswer=${status}\n`);
    },
    calls: () => (existsSync(log) ? parseCalls(readFileSync(log, 'utf8')) : []),
    run: (script, more = {}) =>
      run(shell, `source ${shell.quote(shell.integration ?? '')}\n${script}`, {
        env: { ...env, ...more },
        cwd: home,
      }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  self.answer({});
  return self;
}

/** Code as the core prints it: first everything that is cleared, then what is exported. */
export function code(shell: Shell, set: Record<string, string>, clear: readonly string[] = []): string {
  const erase = (name: string) => (shell.name === 'fish' ? `set -e ${name};` : `\\builtin unset ${name};`);
  return [
    ...clear.map(erase),
    ...Object.entries(set).map(([name, value]) => `${shell.assign(name, value)};`),
    '',
  ].join('\n');
}

/** In sh and not in Node, which would need fifty times as long. NUL-separated, since no value can hold a NUL. */
function stub(root: string): string {
  return `#!/bin/sh
{
  printf 'call\\0%s\\0' "$#"
  if [ "$#" -gt 0 ]; then printf '%s\\0' "$@"; fi
  /usr/bin/env -0
} >>'${root}/calls'
. '${root}/script'
/bin/cat '${root}/stderr' >&2
/bin/cat '${root}/stdout'
exit "$answer"
`;
}

function parseCalls(log: string): Call[] {
  const calls: Call[] = [];
  const fields = log.split('\0').slice(0, -1);
  for (let at = 0; at < fields.length; ) {
    const count = Number(fields[at + 1]);
    const args = fields.slice(at + 2, at + 2 + count);
    at += 2 + count;
    const env: Record<string, string> = {};
    for (; at < fields.length && fields[at] !== 'call'; at++) {
      const [name = '', ...value] = (fields[at] ?? '').split('=');
      env[name] = value.join('=');
    }
    calls.push({ args, env });
  }
  return calls;
}
