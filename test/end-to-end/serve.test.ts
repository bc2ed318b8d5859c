import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { heldCall } from '../support/calls.ts';
import { programFile } from '../support/desk.ts';
import { start as begin, until } from '../support/processes.ts';
import { integrated, needs, run, type Shell, shells } from '../support/shells.ts';
import { stage, variablesIn } from '../support/stage.ts';

const at = stage();

beforeEach(async () => {
  await at.runWithCode(['login', 'work']);
});

const start = (argv: readonly string[], env: Record<string, string> = {}) => begin(argv, at, { env });

describe('it ends at once', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('at %s, whoever is connected', async (signal, status) => {
    const { child, printed, said, result } = start(['serve', 'work']);
    await until(() => said().includes('served at'));
    await until(() => printed().includes('AWS_CONTAINER_AUTHORIZATION_TOKEN'));
    const socket = connect(Number(new URL(variablesIn(printed()).url).port), '127.0.0.1');
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    child.kill(signal);
    const { status: ended, stderr } = await result;
    expect(ended).toBe(status);
    expect(stderr).toMatch(/^work: served at \S+ until kill \d+, session 12h left\n$/);
  });

  test('while it asks STS for its first session too', async () => {
    await at.run(['logout', '--all']);
    const { came } = heldCall(at.sts);
    const { child, result } = start(['serve', 'work'], { AWSMFA_TOKEN_CODE: at.code() });
    await came;
    child.kill('SIGTERM');
    expect(await result).toMatchObject({ status: 143 });
  });
});

test('the process holds nothing secret in its arguments', async () => {
  const { child, printed, result } = start(['serve', 'work']);
  await until(() => printed().includes('AWS_CONTAINER_AUTHORIZATION_TOKEN'));
  expect(readFileSync(`/proc/${child.pid}/cmdline`, 'utf8')).not.toContain(variablesIn(printed()).token);
  child.kill();
  await result;
});

/** What a shell has after it has taken what serve prints, and what the server says to it. */
const proof = `/usr/bin/curl -s -o /dev/null -w '%{http_code} ' -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"
/usr/bin/env | /usr/bin/grep -c '^AWS_CONTAINER_'
`;

/** With a program on PATH, as an installation makes it, and the server ended when the script is. */
function inShell(shell: Shell, script: string) {
  at.home.write('bin/awsmfa', `#!/bin/sh\nexec '${process.execPath}' '${programFile}' "$@"\n`);
  const path = `${at.home.path}/bin:/usr/bin:/bin`;
  const env = { HOME: at.home.path, AWS_ENDPOINT_URL_STS: at.sts.url, PATH: path };
  return run(shell, `/bin/chmod +x ${at.home.path}/bin/awsmfa\n${script}`, { env, cwd: at.home.path });
}

/** Its stderr goes into a file: the test would wait for the end of the server otherwise. */
function end(): void {
  const said = readFileSync(join(at.home.path, 'said'), 'utf8');
  process.kill(Number(/kill (\d+)/.exec(said)?.[1]), 'SIGTERM');
}

describe.each(shells.filter(({ name }) => name !== 'fish'))('$name', (shell) => {
  test(
    'takes it by eval, and does not wait for the end of the server',
    needs(shell, async () => {
      const { stdout, status } = await inShell(
        shell,
        `eval "$(command awsmfa serve work 2>said &)"\n${proof}`,
      );
      end();
      expect({ stdout, status }).toEqual({ stdout: '200 2\n', status: 0 });
    }),
  );

  test(
    'knows by the status that there is no server',
    needs(shell, async () => {
      const { stdout, stderr } = await inShell(
        shell,
        'eval "$(command awsmfa serve nobody &)" || echo failed',
      );
      expect({ stdout, stderr: stderr.split('\n')[0] }).toEqual({
        stdout: 'failed\n',
        stderr: expect.stringContaining('No profile "nobody"'),
      });
    }),
  );
});

const fish = shells.find(({ name }) => name === 'fish') as Shell;

describe('fish', () => {
  test(
    'takes it from a file that only the user can read',
    needs(fish, async () => {
      const { stdout, status } = await inShell(
        fish,
        `umask 077
awsmfa serve work --shell fish >serving.fish 2>said &
while not test -s serving.fish; sleep 0.1; end
source serving.fish
${proof}`,
      );
      end();
      expect({ stdout, status }).toEqual({ stdout: '200 2\n', status: 0 });
    }),
  );
});

describe.each(integrated)('clear in $name', (shell) => {
  test(
    'takes the two variables out again',
    needs(shell, async () => {
      const url = 'http://127.0.0.1:1/';
      writeFileSync(
        join(at.home.path, 'before'),
        [
          shell.assign('AWS_CONTAINER_CREDENTIALS_FULL_URI', url),
          shell.assign('AWS_CONTAINER_AUTHORIZATION_TOKEN', 'token'),
          shell.assign('AWSMFA_PROFILE', 'work'),
          shell.assign('AWSMFA_RESTORE', `server=${encodeURIComponent(url)}`),
        ].join('\n'),
      );
      const { stdout } = await inShell(
        shell,
        `source before\nsource ${shell.quote(shell.integration)}\nawsmfa clear\n/usr/bin/env | /usr/bin/grep -c 'AWS_CONTAINER\\|AWSMFA'`,
      );
      expect(stdout).toBe('0\n');
    }),
  );
});
