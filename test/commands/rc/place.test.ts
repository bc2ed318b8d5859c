import { describe, expect, test } from 'vitest';
import { allRcFiles, rcFileOf } from '../../../src/commands/rc/file.ts';
import { integrations } from '../../../src/export/integration.ts';
import type { World } from '../../../src/world.ts';
import { type Home, makeHome } from '../../support/home.ts';
import { fakeWorld } from '../../support/world.ts';

/** The path below the home. */
function place(name: string, { home, platform = 'linux', env = {} }: Given): string | undefined {
  const world: World = { ...fakeWorld([], { home, env }), platform };
  return rcFileOf({ name }, world)?.replace(`${home?.path}/`, '');
}

interface Given {
  readonly home?: Home;
  readonly platform?: string;
  readonly env?: Record<string, string>;
}

test('is what a new interactive shell reads', () => {
  const home = makeHome();
  expect(['zsh', 'bash', 'fish'].map((name) => place(name, { home }))).toEqual([
    '.zshrc',
    '.bashrc',
    '.config/fish/config.fish',
  ]);
});

test('is where ZDOTDIR and XDG_CONFIG_HOME say', () => {
  const env = { ZDOTDIR: '/z', XDG_CONFIG_HOME: '/x' };
  expect(place('zsh', { env })).toBe('/z/.zshrc');
  expect(place('fish', { env })).toBe('/x/fish/config.fish');
});

test('is nowhere without a home', () => {
  expect(['zsh', 'bash', 'fish'].map((name) => place(name, {}))).toEqual([undefined, undefined, undefined]);
});

describe('bash on macOS, where terminals open login shells', () => {
  test.for([
    [{}, '.bash_profile'],
    [{ '.bash_profile': 'a\n', '.profile': 'b\n' }, '.bash_profile'],
    [{ '.bash_login': 'a\n' }, '.bash_login'],
    // A new .bash_profile would hide it.
    [{ '.profile': 'a\n' }, '.profile'],
    [{ '.bash_profile': '[ -r ~/.bashrc ] && . ~/.bashrc\n' }, '.bashrc'],
    [{ '.bash_profile': '# . ~/.bashrc\n' }, '.bash_profile'],
  ] as const)('%j: %s', ([files, wanted]) => {
    const home = makeHome();
    for (const [name, text] of Object.entries(files)) home.write(name, text);
    expect(place('bash', { home, platform: 'darwin' })).toBe(wanted);
  });
});

test('to be cleaned are all that may have been written to', () => {
  const home = makeHome();
  const files = allRcFiles(integrations, fakeWorld([], { home }));
  expect(files.map((path) => path.replace(`${home.path}/`, ''))).toEqual([
    '.zshrc',
    '.bashrc',
    '.config/fish/config.fish',
    '.config/powershell/Microsoft.PowerShell_profile.ps1',
    '.config/nushell/config.nu',
    '.bash_profile',
    '.bash_login',
    '.profile',
  ]);
});

test.for<[string, Record<string, string>, string]>([
  [
    'powershell',
    { PSModulePath: 'C:\\Users\\Ada\\OneDrive\\Documents\\WindowsPowerShell\\Modules;C:\\x' },
    'C:\\Users\\Ada\\OneDrive\\Documents\\WindowsPowerShell',
  ],
  [
    'powershell',
    { PSModulePath: 'C:\\Program Files\\PowerShell\\Modules' },
    'C:\\Users\\ada/Documents/PowerShell',
  ],
])('on Windows $PROFILE of %s lies beside the modules: %j', ([shell, env, directory]) => {
  const world = { ...fakeWorld([], { env, platform: 'win32' }), home: 'C:\\Users\\ada' };
  expect(rcFileOf({ name: shell }, world)).toBe(`${directory}/Microsoft.PowerShell_profile.ps1`);
});
