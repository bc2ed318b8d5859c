import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { work } from '../demo/accounts.ts';
import { found, integrated, quote, type Shell } from '../demo/shells.ts';
import type { Chapter, Ground } from './chapter.ts';
import { shown } from './figures.ts';
import type { Subject } from './measure.ts';
import { limited, type Row, told } from './table.ts';

/** How often the bare `awsmfa` is called in one shell: one call is far below what starting a shell varies by. */
const calls = 500;

/** How often a kept answer is taken again: it may be that a process is started for each. */
const again = 20;

/** What the integration costs each installed shell: reading it, a bare `awsmfa` with time left, a prompt, a kept answer. */
export function inShells(ground: Ground): Chapter {
  const there = integrated.filter(({ name }) => found(name).length > 0);
  const missing = integrated.filter((shell) => !there.includes(shell)).map(({ name }) => name);
  return {
    subjects: there.flatMap((shell) => subjects(shell, ground)),
    rows: (of) => [
      ...there.map(({ name }): Row => {
        const [bare, sourced] = [of(`${name} bare`), of(`${name} sourced`)];
        const from = `${shown(sourced)} − ${shown(bare)}`;
        return limited(`${name}: sourcing the integration`, sourced.median - bare.median, 3, 'ms', from);
      }),
      ...there.map(({ name }): Row => {
        const [idle, busy] = [of(`${name} idle`), of(`${name} busy`)];
        const each = (busy.median - idle.median) / calls;
        return told(
          `${name}: bare awsmfa, time left`,
          `${each.toFixed(2)} ms`,
          `${calls} calls: ${shown(busy)} − ${shown(idle)}`,
        );
      }),
      ...there.map(({ name }): Row => {
        const [idle, prompts] = [of(`${name} idle`), of(`${name} prompts`)];
        const each = (prompts.median - idle.median) / calls;
        const from = `${calls} calls: ${shown(prompts)} − ${shown(idle)}`;
        return limited(`${name}: prompt hook, nothing due`, each, 0.2, 'ms', from);
      }),
      ...there.map(({ name }): Row => {
        const [sourced, kept] = [of(`${name} sourced`), of(`${name} kept`)];
        const from = `${again} calls: ${shown(kept)} − ${shown(sourced)}`;
        return limited(
          `${name}: awsmfa use, from a kept answer`,
          (kept.median - sourced.median) / again,
          2,
          'ms',
          from,
        );
      }),
    ],
    ...(missing.length > 0 ? { note: `Not installed, and left out: ${missing.join(', ')}.` } : {}),
  };
}

function subjects(shell: Shell, { root, project, core, few, held }: Ground): readonly Subject[] {
  // By a variable, which needs no quotes of this shell's kind.
  const integration = join(project, shell.integration ?? '');
  const source = 'source "$INTEGRATION"\n';
  const loop = (body: string, count = calls) =>
    shell.name === 'fish'
      ? `for i in (seq ${count}); ${body}; end\n`
      : `for ((i = 0; i < ${count}; i++)); do ${body}; done\n`;
  const stop = shell.name === 'fish' ? 'awsmfa; or exit 1' : 'awsmfa || exit 1';
  // Without a program awsmfa on PATH, the function fails as soon as it wants to start one.
  const holding = { ...few, ...held, PATH: pathWithoutCore() };
  const subject = (name: string, script: string, env: Ground['few']): Subject => {
    const path = join(root, `${shell.name}-${name}`);
    writeFileSync(path, script);
    const command = found(shell.name)[0] ?? shell.name;
    return {
      name: `${shell.name} ${name}`,
      run: () => ({ command, args: [...shell.args, path], env: { ...env, INTEGRATION: integration } }),
    };
  };
  const [bare, sourced] = [subject('bare', '', few), subject('sourced', source, few)];
  return [
    // A difference of less than a millisecond wants more samples than the rest, and they take no time.
    ...[bare, sourced, bare, sourced, bare, sourced],
    subject('idle', source + loop('true'), holding),
    subject('busy', source + loop(stop), holding),
    subject('prompts', source + loop(shell.name === 'bash' ? '_awsmfa_precmd x' : '_awsmfa_precmd'), {
      ...holding,
      AWSMFA_AUTO: 'renew',
    }),
    subject('kept', source + loop(`awsmfa use ${work.profile} 2>/dev/null`, again), {
      ...few,
      PATH: `${withCore(root, core)}:${few.PATH}`,
    }),
  ];
}

/** A directory with the program, as a package manager installs it. */
export function withCore(root: string, core: string): string {
  const bin = join(root, 'installed');
  mkdirSync(bin, { recursive: true });
  const program = `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(core)} "$@"\n`;
  writeFileSync(join(bin, 'awsmfa'), program, { mode: 0o755 });
  return bin;
}

function pathWithoutCore(): string {
  const cores = found('awsmfa').map((path) => path.slice(0, -'/awsmfa'.length));
  return (process.env.PATH ?? '')
    .split(':')
    .filter((directory) => !cores.includes(directory))
    .join(':');
}
