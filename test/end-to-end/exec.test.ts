import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, type TestContext, test } from 'vitest';
import { programFile } from '../support/desk.ts';
import { some } from '../support/matrix.ts';
import { needsNewerNode } from '../support/newer-node.ts';
import { start as begin, until } from '../support/processes.ts';
import { stage } from '../support/stage.ts';

const at = stage();

// Whatever a test is about, its session is in the cache.
beforeEach(async () => {
  await at.runWithCode(['login', 'work']);
});

const path = '/usr/bin:/bin';

const start = (argv: readonly string[], env: Record<string, string> = {}, node?: string) =>
  begin(argv, at, { env, ...(node && { node }) });

function variables(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => /^[A-Z_]+=/.test(line));
  return Object.fromEntries(lines.map((line) => [line.replace(/=.*/, ''), line.replace(/^[^=]*=/, '')]));
}

describe('the environment', () => {
  const before = {
    KEPT: 'as it was',
    AWS_PROFILE: 'play',
    AWS_VAULT: 'old',
    AWS_SECURITY_TOKEN: 'stale',
    AWS_SESSION_TOKEN: 'stale',
    AWS_ACCOUNT_ID: '999999999999',
    AWS_ACCESS_KEY: 'stale',
    AWSMFA_TOKEN_CODE: '000000',
    // Of the function that runs awsmfa, and about it alone.
    AWSMFA_INTEGRATION: 'bash:0.1.0:/integration',
  };

  test('is that of section 7 of a session, and everything else stays', async () => {
    const { status, stdout, stderr } = await start(['exec', 'work', 'env'], before).result;
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const { AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, ...rest } = variables(stdout);
    const [session] = at.sts.sessions().slice(-1);
    expect(rest).toEqual({
      HOME: at.home.path,
      PATH: path,
      KEPT: 'as it was',
      AWS_ENDPOINT_URL_STS: at.sts.url,
      AWS_ACCESS_KEY_ID: session?.accessKeyId,
      AWS_CREDENTIAL_EXPIRATION: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      AWS_ACCOUNT_ID: '123456789012',
      AWSMFA_PROFILE: 'work',
      AWSMFA_EXPIRES_AT: expect.stringMatching(/^\d+$/),
      AWSMFA_RESTORE: 'AWS_PROFILE=play&AWS_ACCOUNT_ID=999999999999',
      AWSMFA_EXEC: 'work',
    });
    expect(AWS_SESSION_TOKEN).not.toBe('stale');
    expect(AWS_SECRET_ACCESS_KEY).toMatch(/^\S{20,}$/);
  });

  test.for([
    ['--keep-profile', {}],
    ['--quiet', { AWSMFA_KEEP_PROFILE: '1' }],
  ] as const)('sets AWS_PROFILE to the profile in use with %s %o', async ([option, more]) => {
    const { stdout } = await start(['exec', option, 'work', 'env'], { ...before, ...more }).result;
    expect(variables(stdout).AWS_PROFILE).toBe('work');
  });

  test('says nothing of what awsmfa needs for itself, after a call of STS either', async () => {
    await at.run(['logout', '--all']);
    const code = at.code();
    const { stdout, stderr } = await start(['exec', 'work', 'env'], { AWSMFA_TOKEN_CODE: code }).result;
    expect(stderr).toBe('work: new session, 12h left\n');
    expect(Object.keys(variables(stdout)).filter((name) => name.startsWith('AWS_SDK'))).toEqual([]);
  });

  test('is not that of awsmfa itself, whose arguments hold no secret either', async () => {
    // A command that awsmfa cannot become: its script has no first line that names an interpreter.
    chmodSync(at.home.write('up', 'echo up; exec sleep 30\n'), 0o755);
    const { child, printed } = start(['exec', 'work', './up']);
    await until(() => printed() === 'up\n');
    const own = ['environ', 'cmdline']
      .map((file) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8'))
      .join();
    expect(own).toContain('awsmfa.cjs');
    expect(own).not.toMatch(/AWS_SE|ASIA/);
    child.kill();
  });

  test('of one exec inside another: the inner one, which says so', async () => {
    at.home.write(
      '.aws/config',
      `${readFileSync(at.home.config, 'utf8')}[profile twin]\nsource_profile = work\nrole_arn = x\n`,
    );
    const inner = ['exec', 'play', '--serial-number', 'arn:aws:iam::123456789012:mfa/bob'];
    const code = ['--token-code', at.sts.nextCode('bob'), '--', 'env'];
    const program = [process.execPath, programFile, ...inner, ...code];
    const { stdout, stderr } = await start(['exec', 'work', '--', ...program]).result;
    expect(stderr).toBe('play: new session, 12h left\nInside awsmfa exec of work: the command gets play\n');
    expect(variables(stdout)).toMatchObject({ AWSMFA_PROFILE: 'play', AWSMFA_EXEC: 'play' });
  });
});

describe('the command line', () => {
  const echo = ['printf', '%s|', '--profile', 'x', '--debug', '--json', '-h'];
  const printed = '--profile|x|--debug|--json|-h|';
  test.for([
    ['exec', 'work', ...echo],
    ['exec', 'work', '--', ...echo],
    ['exec', '--profile', 'work', ...echo],
    ['exec', '--profile=work', '--', ...echo],
    ['--profile', 'work', 'exec', ...echo],
    ['exec', 'work', '--min-ttl', '1m', ...echo],
    ['exec', '--quiet', 'work', '--duration', '12h', '--', ...echo],
  ])('awsmfa %s %s %s %s %s %s', async (argv) => {
    expect(await start(argv).result).toEqual({ status: 0, stdout: printed, stderr: '' });
  });

  test('behind -- the profile is that of the environment', async () => {
    const { stdout } = await start(['exec', '--', ...echo], { AWS_PROFILE: 'work' }).result;
    expect(stdout).toBe(printed);
  });

  test('without a command it is the user’s shell, with its status', async () => {
    const shell = at.home.write('my shell', '#!/bin/sh\necho "$# $AWSMFA_PROFILE"\nexit 9\n');
    chmodSync(shell, 0o755);
    expect(await start(['exec', 'work'], { SHELL: shell }).result).toEqual({
      status: 9,
      stdout: '0 work\n',
      stderr: expect.stringMatching(/^work: session, 12h left \(until .*\)\n$/),
    });
  });
});

/**
 * awsmfa becomes the command where Node can, and is its parent elsewhere; both look the same from outside. What becomes of a
 * command that awsmfa has become is the kernel's affair: `npm test` looks at a part of that.
 */
const nodes: readonly [
  string,
  (body: (node: string) => Promise<void>) => (context: TestContext) => Promise<void>,
][] = [
  ['replaced by it', needsNewerNode],
  ['with it as a child', (body) => () => body(process.execPath)],
];

function part<T>(cases: readonly T[], how: string): readonly T[] {
  return how === 'replaced by it' ? some(cases, 3) : cases;
}

describe.for(nodes)('its status, %s', ([how, withNode]) => {
  const statuses = [
    [0, ['true']],
    [1, ['false']],
    [255, ['sh', '-c', 'exit 255']],
    [137, ['sh', '-c', 'kill -KILL $$']],
    [143, ['sh', '-c', 'kill -TERM $$']],
    [134, ['sh', '-c', 'kill -ABRT $$']],
    [130, ['sh', '-c', 'kill -INT $$']],
  ] as const;
  test.for(part(statuses, how))('is %i of %s', ([status, command], context) =>
    withNode(async (node) => {
      expect(await start(['exec', 'work', '--', ...command], {}, node).result).toEqual({
        status,
        stdout: '',
        stderr: '',
      });
    })(context),
  );

  // awsmfa ends by a SIGHUP of its own then: Node aborts when it is to put a terminal right that is gone.
  test('is 129, as shells see it, of one that was hung up', async () => {
    const awsmfa = `'${process.execPath}' '${programFile}'`;
    const script = `${awsmfa} exec work -- sh -c 'kill -HUP $$'; echo $?`;
    expect((await start(['exec', 'work', '--', 'sh', '-c', script]).result).stdout).toBe('129\n');
  });

  test('is 126 for what cannot be run', (context) =>
    withNode(async (node) => {
      mkdirSync(join(at.home.path, 'directory'));
      at.home.write('plain', 'text');
      chmodSync(at.home.write('orphan', '#!/no/such/interpreter\n'), 0o755);
      const hint = '  Look at it with: ls -l, file.\n';
      const faults = {
        './directory': 'it is a directory',
        './plain': 'it is not executable',
        './orphan': 'the interpreter that its first line names is not there',
      };
      for (const [name, why] of Object.entries(faults)) {
        expect(await start(['exec', 'work', name], {}, node).result).toEqual({
          status: 126,
          stdout: '',
          stderr: `awsmfa: "${name}" cannot be run: ${why}\n${hint}`,
        });
      }
    })(context));

  test.for([
    ['a script without an interpreter in its first line', 'echo "read by a shell"; exit 3\n'],
    ['a script of a script', '#!./first\n'],
    ['arguments of 200 kB', '#!/bin/sh\ntest $# = 2 && exit 3\n'],
  ] as const)('is that of %s', ([, script], context) =>
    withNode(async (node) => {
      chmodSync(at.home.write('first', '#!/bin/sh\nexit 3\n'), 0o755);
      chmodSync(at.home.write('command', script), 0o755);
      const args = [1, 2].map(() => 'x'.repeat(100_000));
      const { status, stderr } = await start(['exec', 'work', './command', ...args], {}, node).result;
      expect({ status, stderr }).toEqual({ status: 3, stderr: '' });
    })(context),
  );

  test('is that of a program for another machine: 126, and no abort', (context) =>
    withNode(async (node) => {
      // The header of a program for a processor that is not this one (elf(5): e_machine 0x1234).
      const header = Buffer.alloc(64);
      header.write('\x7fELF\x02\x01\x01', 'latin1');
      header.writeUInt16LE(0x1234, 18);
      chmodSync(at.home.write('foreign', header), 0o755);
      const { status, stderr } = await start(['exec', 'work', './foreign'], {}, node).result;
      // The C library gives what the kernel does not know to a shell, as every shell does.
      expect([126, 127, 2]).toContain(status);
      expect(stderr).not.toContain('execve');
    })(context));
});

describe.for(nodes)('signals, %s', ([how, withNode]) => {
  const names = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
  test.for(part(names, how))(
    '%s goes to the command, once, and awsmfa waits for its end',
    (signal, context) =>
      withNode(async (node) => {
        const name = signal.slice(3);
        const script = `trap 'echo got ${name}' ${name}; echo up; n=0; while [ $n -lt 8 ]; do sleep 0.1; n=$((n+1)); done; exit 3`;
        const { child, result, printed } = start(['exec', 'work', '--', 'sh', '-c', script], {}, node);
        await until(() => printed() === 'up\n');
        child.kill(signal);
        expect(await result).toEqual({ status: 3, stdout: `up\ngot ${name}\n`, stderr: '' });
      })(context),
  );

  test('a reader that goes away ends a writer as it would without awsmfa', (context) =>
    withNode(async (node) => {
      const { child, result } = start(['exec', 'work', '--', 'yes'], {}, node);
      child.stdout?.destroy();
      // 128 + SIGPIPE
      expect(await result).toMatchObject({ status: 141, stderr: '' });
      const pipe = start(['exec', 'work', '--', 'sh', '-c', 'yes | head -n 1'], {}, node);
      expect(await pipe.result).toEqual({ status: 0, stdout: 'y\n', stderr: '' });
    })(context));
});

describe('stdin and stdout', () => {
  test('100 MB get through as they are', async () => {
    const block = randomBytes(1_000_000);
    const [sent, received] = [createHash('sha256'), createHash('sha256')];
    const child = spawn(process.execPath, [programFile, 'exec', 'work', '--', 'cat'], {
      env: { HOME: at.home.path, PATH: path, AWS_ENDPOINT_URL_STS: at.sts.url },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdout.on('data', (chunk) => received.update(chunk));
    for (let count = 0; count < 100; count++) {
      sent.update(block);
      if (!child.stdin.write(block)) await new Promise((resolve) => child.stdin.once('drain', resolve));
    }
    child.stdin.end();
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect({ status, hash: received.digest('hex') }).toEqual({ status: 0, hash: sent.digest('hex') });
  });

  test('a stdin that is closed is empty for the command', async () => {
    const awsmfa = `'${process.execPath}' '${programFile}' exec work`;
    const script = `${awsmfa} -- cat <&-; echo status $?`;
    const child = spawn('sh', ['-c', script], {
      env: { HOME: at.home.path, PATH: path, AWS_ENDPOINT_URL_STS: at.sts.url },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (text) => {
        said += text;
      });
    await new Promise((resolve) => child.on('close', resolve));
    expect(said).toBe('status 0\n');
  });
});
