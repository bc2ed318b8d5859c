import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { programFile } from './support/desk.ts';
import { collect } from './support/shells.ts';
import { stage } from './support/stage.ts';

const at = stage();

/** A script of bash, in which `awsmfa` is the program. */
const bash = (script: string) =>
  collect('bash', ['-c', `awsmfa() { "${process.execPath}" "${programFile}" "$@"; }\n${script}`], {
    env: { HOME: at.home.path, AWS_ENDPOINT_URL_STS: at.sts.url, PATH: '/usr/bin:/bin' },
    cwd: at.home.path,
  });

describe('output that cannot be written', () => {
  test.skipIf(!existsSync('/dev/full'))('is an error', async () => {
    await at.runWithCode(['login', 'work']);
    for (const command of ['env work --shell sh', 'process work', '--help', 'list --json']) {
      const { status, stderr } = await bash(`awsmfa ${command} >/dev/full`);
      expect({ command, status, last: stderr.split('\n').at(-2) }).toEqual({
        command,
        status: 1,
        last: 'awsmfa: The output cannot be written: ENOSPC: no space left on device',
      });
    }
  });

  test.skipIf(!existsSync('/dev/full'))('ends a server that nobody would find', async () => {
    await at.runWithCode(['login', 'work']);
    expect(await bash('awsmfa serve work >/dev/full')).toMatchObject({ status: 1 });
  });

  test('because its reader went away is none', async () => {
    const { stdout, stderr } = await bash('set -o pipefail; awsmfa --help | true; echo $?');
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
  });
});
