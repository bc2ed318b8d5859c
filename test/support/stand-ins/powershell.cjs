/**
 * Windows PowerShell by PowerShell 7, which runs the lines as they are. What only Windows has, `ProtectedData`, is played
 * by a class with the same methods, which turns the bytes round.
 */
const { spawnSync } = require('node:child_process');
const { argv, fail, isLocked, stdin } = require('./common.cjs');

const at = argv.indexOf('-Command');
const script = argv[at + 1];
if (at !== argv.length - 2 || argv.slice(0, at).join(' ') !== '-NoLogo -NoProfile -NonInteractive')
  fail(64, 'usage');
// Windows would need these quoted.
if (/["\n]/.test(script)) fail(64, 'the script has a quote or a line break');
if (isLocked()) fail(1, 'Exception calling "Unprotect": Key not valid for use in specified state.');
const methods = ['Protect', 'Unprotect'].map(
  (name) =>
    `static [byte[]] ${name}([byte[]] $d, [byte[]] $e, [StandInScope] $s) { [Array]::Reverse($d); return $d }`,
);
const stand = `enum StandInScope { CurrentUser }; class StandIn { ${methods.join('\n')} }; `;
const lines = stand + script.replace('Security.Cryptography.ProtectedData', 'StandIn');
const { status, stdout } = spawnSync(
  process.env.STAND_IN_PWSH,
  ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command', lines],
  { input: stdin(), stdio: ['pipe', 'pipe', 'inherit'] },
);
process.stdout.write(stdout ?? '');
process.exit(status ?? 1);
