import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Client, clients, found, quietSdk } from '../support/clients.ts';
import { ada, arnOf, desk, project } from '../support/desk.ts';
import { isMatrix } from '../support/matrix.ts';
import { type IntegratedShell, integrated, needs } from '../support/shells.ts';

const home = desk({ users: [ada], roles: [{ arn: 'arn:aws:iam::444455556666:role/admin' }] });
beforeEach(async () => {
  await home.login('work');
});

/** The pieces of code under a heading of the page, as they stand there. */
function recipe(heading: string, language: string): readonly string[] {
  const page = readFileSync(join(project, 'docs/serve.md'), 'utf8');
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const pieces = [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  return pieces.flatMap(([, name, text = '']) => (name === language ? [text] : []));
}

/** A program on PATH. */
function program(name: string, script: string): void {
  const path = join(home.home, '../bin', name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}

const [cli] = clients as readonly [Client];
const me = `${arnOf(ada)}\n`;

/** In `npm test` another client in each shell. */
const all = isMatrix ? integrated.flatMap((shell) => clients.map((client) => ({ shell, client }))) : pairs();
function pairs() {
  return integrated.map((shell, index) => ({ shell, client: clients[index % clients.length] as Client }));
}

describe.each(all)('A shell: $shell.name, $client.name', ({ shell, client }) => {
  test('also with the function of the integration loaded', (context) =>
    needs(shell, async () => {
      const [piece = ''] = recipe('A shell', shell.name === 'fish' ? 'fish' : 'sh');
      const serve = 'command awsmfa serve work';
      expect(piece).toContain(serve);
      // Else the test would wait for the end of the server, which has its stderr.
      const line = piece.replace(serve, `${serve} 2>said`);
      const ask = client.line(found(client, context), home);
      const { status, stdout, stderr } = await home.run(shell, `${line}\n${ask}`, quietSdk);
      process.kill(Number(/kill (\d+)/.exec(readFileSync(join(home.home, 'said'), 'utf8'))?.[1]));
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: me, stderr: '' });
    })(context));
});

describe('Docker', () => {
  const [host = '', network = '', bridge = ''] = recipe('Docker', 'sh');
  const shell = integrated[0] as IntegratedShell;

  /** What `docker` does that counts here: nothing of the environment gets in but what `-e` names. */
  function docker(aws: string): void {
    program(
      'docker',
      `echo "$@" >'${home.home}/docker'
set -- "$@" end
env=
while test "$1" != amazon/aws-cli; do
  case $1 in -e) shift; eval "env=\\"\\$env $1=\\$$1\\"" ;; esac
  shift
done
shift
exec /usr/bin/env -i $env ${aws} sts get-caller-identity --endpoint-url ${home.sts.url} --query Arn --output text`,
    );
  }

  test('with the network of the host', async (context) => {
    docker(found(cli, context));
    const { status, stdout, stderr } = await home.run(shell, host);
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: me, stderr: '' });
    expect(readFileSync(join(home.home, 'docker'), 'utf8')).toMatch(
      /^run --rm --network host -e AWS_CONT.* sts/,
    );
    expect(home.sts.sessions()).toHaveLength(1);
  });

  test('with a network of its own, whose host has the address that is bound', async (context) => {
    expect(network).toContain('--gateway 169.254.170.2 awsmfa\n');
    expect(bridge).toContain('--bind 169.254.170.2 ');
    docker(found(cli, context));
    // An address that every machine has stands for the one that the network would make.
    const { status, stdout } = await home.run(shell, bridge.replace('169.254.170.2', '127.0.0.1'));
    expect({ status, stdout }).toEqual({ status: 0, stdout: me });
  });
});

test('Several profiles: each at its path', async () => {
  const [line = ''] = recipe('Several profiles', 'sh');
  home.config(readFileSync(join(home.home, '.aws/config'), 'utf8') + profiles);
  const { stderr } = await home.awsmfa(['exec', 'work', '--', 'sh', '-c', `timeout 2 ${line}`]);
  expect(stderr.split('\n').map((said) => said.replace(/127.*?\//, '…/').replace(/ until.*/, ''))).toEqual([
    'work: served at http://…/',
    'admin: served at http://…/role/admin',
    'two words: served at http://…/role/two%20words',
    '',
  ]);
});

const profiles = ['admin', '"two words"']
  .map(
    (name) => `[profile ${name}]\nrole_arn = arn:aws:iam::444455556666:role/admin\nsource_profile = work\n`,
  )
  .join('');
