import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { main } from '../../src/main.ts';
import { fakeWorld, run } from '../support/world.ts';

const shells = ['zsh', 'bash', 'fish'] as const;

test.for(shells)('the line for %s, and for people where it belongs', async (shell) => {
  const file = `'/opt/awsmfa/shell/awsmfa.${shell}'`;
  const guard = shell === 'fish' ? `test ! -f ${file}; or ` : `[ ! -f ${file} ] || `;
  const stdout = `${guard}source ${file}\n`;
  expect(await run(['init', shell])).toEqual({ exit: 0, stdout, stderr: [] });
  expect(await run(['init', shell], { stdoutIsTerminal: true })).toEqual({
    exit: 0,
    stdout,
    stderr: [expect.stringMatching(/^Add this line to ~\/\S+, then open a new shell:$/)],
  });
  expect((await run(['init', shell, '--quiet'], { stdoutIsTerminal: true })).stderr).toEqual([]);
});

test.for([
  [
    'powershell',
    "$_awsmfa = '/opt/awsmfa/shell/awsmfa.ps1'; if (Test-Path -LiteralPath $_awsmfa) { . $_awsmfa }",
  ],
  ['cmd', 'doskey awsmfa="/opt/awsmfa/shell/awsmfa.cmd" $*'],
  ['nushell', 'use "/opt/awsmfa/shell/awsmfa.nu" *'],
] as const)('the line for %s', async ([shell, line]) => {
  expect(await run(['init', shell])).toEqual({ exit: 0, stdout: `${line}\n`, stderr: [] });
  const { stderr } = await run(['init', shell], { stdoutIsTerminal: true });
  expect(stderr).toEqual([expect.stringMatching(/^Add this line to .*, then open a new shell:$/)]);
});

test.for(shells)('--print: the file for %s itself', async (shell) => {
  const world = { ...fakeWorld(['init', shell, '--print'], {}), shellDirectory: 'shell' };
  expect(await main(world)).toEqual({ exit: 0, stdout: readFileSync(`shell/awsmfa.${shell}`, 'utf8') });
});

test.for([
  [[], 'init: for which shell?'],
  [['tcsh'], 'init: there is no integration for "tcsh"'],
  [['a\u001b[2J'], 'init: there is no integration for "a?[2J"'],
] as const)('%j is wrong usage', async ([argv, message]) => {
  const { exit, stdout, stderr } = await run(['init', ...argv]);
  expect({ exit, stdout, first: stderr[0] }).toEqual({ exit: 2, stdout: '', first: `awsmfa: ${message}` });
});

test('unload without the integration: there is nothing to unload', async () => {
  expect(await run(['unload'])).toEqual({
    exit: 0,
    stdout: '',
    stderr: ['This shell has no integration loaded that can be taken out: nothing to do'],
  });
});
