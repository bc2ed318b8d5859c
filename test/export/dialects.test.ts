import { expect, test } from 'vitest';
import { runningShell, shellCalled } from '../../src/export/dialects.ts';
import { integrations, loadLine, rcLine } from '../../src/export/integration.ts';
import { collect, needs } from '../support/shells.ts';

test.for<[readonly string[], string | undefined, string]>([
  [['bash', 'zsh'], undefined, 'bash'],
  [['-zsh'], '/bin/bash', 'zsh'],
  [['node', 'npm exec', 'fish', 'tmux: server'], '/bin/bash', 'fish'],
  [['dash'], '/bin/zsh', 'sh'],
  [['busybox', 'bash'], undefined, 'sh'],
  [['ksh93'], undefined, 'sh'],
  [['pwsh'], '/bin/zsh', 'powershell'],
  [['nu'], '/bin/zsh', 'nushell'],
  [['sshd', 'systemd'], '/usr/local/bin/fish', 'fish'],
  [['toString', '__proto__'], '/bin/sh', 'sh'],
  [[], '/bin/tcsh', 'tcsh'],
  [['elvish', 'bash'], undefined, 'elvish'],
  [['xonsh'], '/bin/bash', 'xonsh'],
  // Where python3-setproctitle is installed.
  [['xonsh --no-rc -', 'bash'], '/bin/bash', 'xonsh'],
  [['csh'], '/bin/bash', 'tcsh'],
  [['mksh'], undefined, 'sh'],
  [['murex', 'bash'], '/bin/bash', 'murex'],
  [[], '/opt/bin/newshell', 'newshell'],
  [[], '', 'sh'],
  [[], undefined, 'sh'],
])('below %j, with SHELL=%s, it is %s', ([ancestors, login, shell]) => {
  expect(runningShell({ ancestors: () => ancestors, env: { SHELL: login }, platform: 'linux' })).toBe(shell);
});

const own = 'C:\\Users\\ada\\Documents\\WindowsPowerShell\\Modules';
const system = 'C:\\Program Files\\WindowsPowerShell\\Modules';
test.for<[readonly string[], Record<string, string>, string | undefined]>([
  [['cmd.exe'], { MSYSTEM: 'MINGW64' }, 'cmd'],
  [['PowerShell.EXE'], { PROMPT: '$P$G' }, 'powershell'],
  [['pwsh.exe'], {}, 'powershell'],
  [['bash.exe'], {}, 'bash'],
  [['nu.exe'], {}, 'nushell'],
  [['explorer.exe'], { PROMPT: '$P$G' }, 'cmd'],
  [[], { MSYSTEM: 'MINGW64' }, 'bash'],
  [[], { USERPROFILE: 'C:\\Users\\Ada', PSModulePath: `${own};${system}` }, 'powershell'],
  [[], { USERPROFILE: 'C:\\Users\\Ada', PSModulePath: system }, undefined],
  [[], { PROMPT: '$P$G', MSYSTEM: 'MINGW64' }, undefined],
  [[], {}, undefined],
])('on Windows below %j, with %j, it is %s, whatever SHELL says', ([ancestors, env, shell]) => {
  const world = { ancestors: () => ancestors, env: { SHELL: '/usr/bin/bash', ...env }, platform: 'win32' };
  expect(runningShell(world)).toBe(shell);
});

test('a name that every object has is no shell', () => {
  expect(['bash', 'toString', '__proto__', 'constructor', ''].filter(shellCalled)).toEqual(['bash']);
});

test('the lines that load are quoted for their shells', () => {
  const lines = Object.fromEntries(
    integrations.map((shell) => [shell.name, loadLine(shell, "/it's/a \\$(id)")]),
  );
  expect(lines).toMatchObject({
    zsh: `source '/it'\\''s/a \\$(id)/awsmfa.zsh'`,
    bash: `source '/it'\\''s/a \\$(id)/awsmfa.bash'`,
    fish: `source '/it\\'s/a \\\\$(id)/awsmfa.fish'`,
  });
});

for (const shell of integrations.filter(({ ifThere }) => ifThere !== undefined)) {
  test(
    `the rc line of ${shell.name} says nothing when the file is gone, also under set -e`,
    needs(shell.name, async () => {
      const [strict, status] = shell.name === 'fish' ? ['', '$status'] : ['set -e\n', '$?'];
      const script = `${strict}${rcLine(shell, "/no such/it's")}\necho "and on: ${status}"`;
      const env = { PATH: process.env.PATH ?? '' };
      expect(await collect(shell.name, ['-c', script], { env })).toMatchObject({
        status: 0,
        stdout: 'and on: 0\n',
        stderr: '',
      });
    }),
  );
}
