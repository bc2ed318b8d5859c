import { expect, test } from 'vitest';
import { runningShell, shellCalled } from '../../src/export/dialects.ts';
import { integrations, rcLine } from '../../src/export/integration.ts';

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
  [['csh'], '/bin/bash', 'tcsh'],
  [['mksh'], undefined, 'sh'],
  [['murex', 'bash'], '/bin/bash', 'murex'],
  [[], '/opt/bin/newshell', 'newshell'],
  [[], '', 'sh'],
  [[], undefined, 'sh'],
])('below %j, with SHELL=%s, it is %s', ([ancestors, login, shell]) => {
  expect(runningShell(ancestors, login)).toBe(shell);
});

test('a name that every object has is no shell', () => {
  expect(['bash', 'toString', '__proto__', 'constructor', ''].filter(shellCalled)).toEqual(['bash']);
});

test('the rc lines are quoted for their shells', () => {
  const lines = Object.fromEntries(
    integrations.map((shell) => [shell.name, rcLine(shell, "/it's/a \\$(id)")]),
  );
  expect(lines).toMatchObject({
    zsh: `source '/it'\\''s/a \\$(id)/awsmfa.zsh'`,
    bash: `source '/it'\\''s/a \\$(id)/awsmfa.bash'`,
    fish: `source '/it\\'s/a \\\\$(id)/awsmfa.fish'`,
  });
});
