import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allRcFiles,
  ownLine,
  rcFileOf,
  readRcFile,
  withBlock,
  withoutBlock,
  writeRcFile,
} from '../../src/commands/rc-file.ts';
import { integrations } from '../../src/export/integration.ts';
import type { World } from '../../src/world.ts';
import { type Home, makeHome } from '../support/home.ts';
import { fakeWorld } from '../support/world.ts';

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

test.each([
  [{ XDG_CONFIG_HOME: '/xdg' }, 'linux', '/xdg/nushell'],
  [{ APPDATA: 'C:\\Users\\ada\\AppData\\Roaming' }, 'win32', 'C:\\Users\\ada\\AppData\\Roaming/nushell'],
  [{}, 'darwin', '/home/ada/Library/Application Support/nushell'],
  [{}, 'linux', '/home/ada/.config/nushell'],
])('nushell has its files by its own rules: %j, %s', (env, platform, directory) => {
  const world = { ...fakeWorld([], { env, platform }), home: '/home/ada' };
  expect(rcFileOf({ name: 'nushell' }, world)).toBe(`${directory}/config.nu`);
});

const advice = 'Add it by hand.';
const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);

async function append(path: string, text: string): Promise<void> {
  const file = readRcFile(path, advice);
  await writeRcFile(file, file.text + text, advice);
}

test('every byte but the new ones stays, and so does the mode', async () => {
  const home = makeHome();
  const bytes = Buffer.from([0x23, 0xff, 0xfe, 0x00, 0xe9, 0x0d, 0x0a]);
  const path = home.write('.zshrc', bytes);
  chmodSync(path, 0o664);
  await append(path, 'x\n');
  expect(readFileSync(path)).toEqual(Buffer.concat([bytes, Buffer.from('x\n')]));
  expect(modeOf(path)).toBe('664');
  expect(readdirSync(home.path)).toEqual(['.zshrc']);
});

test('a profile of PowerShell in UTF-16 is refused: bytes at its end would not be text there', () => {
  const path = makeHome().write('profile.ps1', Buffer.from('\ufeffx = 1', 'utf16le'));
  expect(() => readRcFile(path, advice)).toThrow(`${path} is in UTF-16`);
});

test('a file that is missing is made as the umask has it, with its directory', async () => {
  const home = makeHome();
  const path = join(home.path, '.config/fish/config.fish');
  const before = process.umask(0o027);
  try {
    await append(path, 'x\n');
  } finally {
    process.umask(before);
  }
  expect({ text: readFileSync(path, 'utf8'), mode: modeOf(path) }).toEqual({ text: 'x\n', mode: '640' });
});

test('a symbolic link stays, and what it points to is written, there or not', async () => {
  const home = makeHome();
  home.write('dotfiles/zshrc', 'a\n');
  for (const name of ['zshrc', 'bashrc']) symlinkSync(`dotfiles/${name}`, join(home.path, `.${name}`));
  for (const name of ['zshrc', 'bashrc']) {
    await append(join(home.path, `.${name}`), 'x\n');
    expect(lstatSync(join(home.path, `.${name}`)).isSymbolicLink()).toBe(true);
    expect(readlinkSync(join(home.path, `.${name}`))).toBe(`dotfiles/${name}`);
  }
  expect(readFileSync(join(home.path, 'dotfiles/zshrc'), 'utf8')).toBe('a\nx\n');
  expect(readFileSync(join(home.path, 'dotfiles/bashrc'), 'utf8')).toBe('x\n');
});

test('one that is read-only stays as it is, also for root', async () => {
  const home = makeHome();
  const path = home.write('.zshrc', 'a\n');
  chmodSync(path, 0o444);
  await expect(append(path, 'x\n')).rejects.toMatchObject({
    exit: 3,
    code: 'cannot-write',
    message: `Cannot write ${path}: it is read-only`,
    hint: advice,
  });
  expect(readFileSync(path, 'utf8')).toBe('a\n');
});

test('one that has changed since it was read is not overwritten', async () => {
  const home = makeHome();
  const path = home.write('.zshrc', 'a\n');
  const file = readRcFile(path, advice);
  home.write('.zshrc', 'b\n');
  await expect(writeRcFile(file, 'a\nx\n', advice)).rejects.toMatchObject({
    code: 'cannot-write',
    hint: advice,
  });
  expect(readFileSync(path, 'utf8')).toBe('b\n');
});

test('what is no file is said with its path', () => {
  const home = makeHome();
  const path = join(home.path, '.zshrc');
  mkdirSync(path);
  expect(() => readRcFile(path, advice)).toThrow(
    expect.objectContaining({ exit: 3, message: `Cannot read ${path}: it is a directory`, hint: advice }),
  );
});

const line = "source '/opt/awsmfa/shell/awsmfa.zsh'";
const block = `# >>> awsmfa >>>\n${line}\n# <<< awsmfa <<<\n`;
const add = (text: string, its = line) => withBlock(text, its, '/home/u/.zshrc');
const remove = (text: string) => withoutBlock(text, '/home/u/.zshrc');

describe('the block', () => {
  test.for([
    ['an empty file', '', block],
    ['a usual one', 'alias ll=ls\n', `alias ll=ls\n${block}`],
    ['one whose last line has no end', 'alias ll=ls', `alias ll=ls\n${block}`],
    ['one with CRLF', 'alias ll=ls\r\n', `alias ll=ls\r\n${block}`],
    ['one with bytes that are no UTF-8', '# caf\xe9\n', `# caf\xe9\n${block}`],
  ] as const)('goes to the end of %s', ([, before, after]) => {
    expect(add(before)).toBe(after);
    expect(add(after)).toBe(after);
    expect(remove(after)).toBe(before.endsWith('ls') ? `${before}\n` : before);
  });

  test('with another path takes the place of the old one', () => {
    const old = `a\n${block.replace('/opt/', '/old/')}b\n`;
    expect(add(old)).toBe(`a\n${block}b\n`);
  });

  test('comes once and goes altogether, whatever was there', () => {
    const twice = `a\n${block}b\n${block}c`;
    expect(add(twice)).toBe(`a\n${block}b\nc`);
    expect(remove(twice)).toBe('a\nb\nc');
  });

  test('that an editor gave CRLF is written anew: a shell would look for a file with a CR in its name', () => {
    expect(add(`a\r\n${block.replaceAll('\n', '\r\n')}`)).toBe(`a\r\n${block}`);
  });

  test('at the end of a file without a last line feed is the same block', () => {
    const text = `a\n${block.trimEnd()}`;
    expect(add(text)).toBe(text);
    expect(remove(text)).toBe('a\n');
  });

  test('holds a path that is not ASCII as UTF-8', () => {
    const text = add('', "source '/home/Zoë/awsmfa.zsh'");
    expect(Buffer.from(text, 'latin1').toString('utf8')).toContain("source '/home/Zoë/awsmfa.zsh'\n");
  });

  test.for([`a\n# >>> awsmfa >>>\n${line}\n`, `a\n# >>> awsmfa >>>\n${line}\n${block}`])(
    'without an end is not guessed at: %j',
    (text) => {
      for (const edit of [add, remove])
        expect(() => edit(text)).toThrow(/^\/home\/u\/\.zshrc:2: .* begins here/);
    },
  );

  test('an end without a beginning is a comment like any other', () => {
    expect(remove('a\n# <<< awsmfa <<<\nb\n')).toBe('a\n# <<< awsmfa <<<\nb\n');
  });

  test('added and removed, any file is what it was', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', '#', ' ', '\n', '\r\n', '\xff', '>>> awsmfa'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, (before) => {
        const after = add(before);
        expect(add(after)).toBe(after);
        expect(remove(after)).toBe(before === '' || before.endsWith('\n') ? before : `${before}\n`);
      }),
    );
  });
});

describe('a line of the user', () => {
  const own = (text: string, shell = 'zsh') =>
    ownLine(text, { name: shell, file: `awsmfa.${shell}` }, '/home/u/.zshrc');

  test.for([
    line,
    '. ~/awsmfa/shell/awsmfa.zsh',
    '\t[[ -r ~/a/awsmfa.zsh ]] && source ~/a/awsmfa.zsh # mine',
    'source <(awsmfa init zsh --print)',
    'eval "$(awsmfa init zsh --print)"',
    'awsmfa init zsh --print | source',
  ])('%j loads it', (text) => {
    expect(own(`a\n${text}\nb\n`)).toEqual({ number: 2, line: text.replace('\t', '  ') });
    expect(own(`a\r\n${text}\r\nb`)).toEqual({ number: 2, line: text.replace('\t', '  ') });
  });

  test.for([
    '# source /x/awsmfa.zsh',
    'source /x/awsmfa.bash',
    'alias zsh=awsmfa',
    'source /x/myawsmfa.zsh',
    block,
  ])('%j does not', (text) => {
    expect(own(`${text}\n`)).toBeUndefined();
  });

  test('is shown without what a terminal would obey', () => {
    expect(own(`source '\u001b[2J/awsmfa.zsh'`)?.line).toBe("source '?[2J/awsmfa.zsh'");
  });
});
