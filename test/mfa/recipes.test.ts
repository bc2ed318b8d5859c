import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { aliceSerial, stage } from '../support/stage.ts';

const at = stage();
const page = readFileSync(fileURLToPath(new URL('../../docs/token-codes.md', import.meta.url)), 'utf8');

/** The lines of the page as a user copies them. */
const recipes = [...page.matchAll(/^mfa_process = (?!…)(.*)$/gm)].map(([, command = '']) => command);

/** The secret of the device, as AWS shows it. */
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

/** What the real programs take, and how they print the code. */
const standIns: Readonly<Record<string, string>> = {
  ykman: `[ "$*" = 'oath accounts code --single Amazon Web Services:alice@work' ] || exit 2
echo 'Touch your YubiKey...' >&2
echo "$CODE"`,
  op: `[ "$1 $2 $3 $4" = 'item get AWS work --otp' ] || exit 2
echo "$CODE"`,
  bw: `[ "$1 $2 $3" = 'get totp AWS work' ] && [ -n "$BW_SESSION" ] || exit 2
printf %s "$CODE"`,
  pass: `[ "$1 $2" = 'otp aws/work' ] || exit 2
echo "$CODE"`,
  gpg: `[ "$1 $2" = '--quiet --decrypt' ] && [ "$3" = "$HOME/.aws/work.totp.gpg" ] || exit 2
echo ${secret}`,
  oathtool: `[ "$1 $2" = '--totp --base32' ] || exit 2
case "$3" in -) read -r key ;; @*) read -r key <"\${3#@}" ;; esac
[ "$key" = ${secret} ] && echo "$CODE"`,
};

test('the page has a recipe for each', () => {
  expect(recipes.map((command) => command.replace(/ .*/, ''))).toEqual([
    'ykman',
    'op',
    'bw',
    'pass',
    'oathtool',
    'gpg',
  ]);
});

test.for(recipes)('%s', async (command) => {
  for (const [name, script] of Object.entries(standIns)) {
    chmodSync(at.home.write(`bin/${name}`, `#!/bin/sh\n${script}\n`), 0o755);
  }
  at.home.write('.aws/work.totp', `${secret}\n`);
  at.home.write(
    '.aws/config',
    `[profile work]\nregion = eu-west-1\nmfa_serial = ${aliceSerial}\nmfa_process = ${command}\n`,
  );
  const env = { PATH: `${join(at.home.path, 'bin')}:/usr/bin:/bin`, CODE: at.code(), BW_SESSION: 'x' };
  expect(await at.run(['login', 'work'], { env })).toMatchObject({ exit: 0 });
  expect(at.calls()).toMatchObject([{ action: 'GetSessionToken', status: 200 }]);
});

test('no recipe has a secret among its words', () => {
  expect(recipes.join('\n')).not.toMatch(/[A-Z2-7]{16}/);
});
