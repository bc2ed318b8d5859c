import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Exit } from '../../src/errors.ts';
import type { Fault } from '../../tools/local-sts/faults.ts';
import { alice, roles } from '../../tools/local-sts/sample.ts';
import { startLocalSts } from '../../tools/local-sts/server.ts';
import { found } from '../demo/shells.ts';

export interface Settings {
  /** An empty directory. */
  readonly root: string;
  /** The built program. */
  readonly program: string;
  readonly seconds: number;
  readonly seed: number;
}

export interface Report {
  readonly steps: number;
  /** What did not hold, with the step. */
  readonly broken: readonly string[];
  readonly did: ReadonlyMap<string, number>;
}

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

/** The longest that one process may wait for another one; a little more, because the machine is busy. */
const patience = 150;

const documented: ReadonlySet<number> = new Set(Object.values(Exit));

const credentials = `# mine\n[work]\naws_access_key_id = ${alice.accessKeys[0]?.id}\naws_secret_access_key = ${alice.accessKeys[0]?.secret}\n\n[last]\nregion = eu-west-1\n`;

const config = `[profile work]
mfa_serial = arn:aws:iam::123456789012:mfa/alice
[profile admin]
role_arn = arn:aws:iam::123456789012:role/open
source_profile = work
region = eu-west-1
`;

/**
 * Random steps until the time is over, two at least. Each does one thing with the program, mostly with something else that goes wrong
 * at the same time, and then checks what must hold whatever has happened.
 */
export async function soak({ root, program, seconds, seed }: Settings): Promise<Report> {
  const random = generator(seed);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const sts = await startLocalSts({ users: [alice], roles });
  const [home, cache] = [join(root, 'home'), join(root, 'home/.aws/awsmfa')];
  const file = (name: string) => join(home, '.aws', name);
  mkdirSync(join(home, '.aws'), { recursive: true });
  writeFileSync(file('config'), config);
  writeFileSync(file('credentials'), credentials, { mode: 0o600 });
  const broken: string[] = [];
  const did = new Map<string, number>();
  const [faketime] = found('faketime');
  const running: (() => void)[] = [];

  /** Runs the program with a code, and with what the step adds; the clock and the disk are those of the step. */
  function run(args: readonly string[], { env = {}, kill, stop, clock, disk }: Trouble = {}): Promise<Ended> {
    const words = [process.execPath, program, ...args];
    if (clock && faketime) words.unshift(faketime, '-f', clock);
    if (disk) words.unshift('sh', '-c', 'ulimit -f 0; exec "$@"', 'sh');
    const [command = '', ...rest] = words;
    const start = performance.now();
    const child = spawn(command, rest, {
      env: {
        HOME: home,
        PATH: '/usr/bin:/bin',
        AWS_ENDPOINT_URL_STS: sts.url,
        AWS_ENDPOINT_URL_IAM: sts.url,
        AWSMFA_TOKEN_CODE: sts.nextCode('alice'),
        SSH_CONNECTION: '127.0.0.1 1 127.0.0.1 22',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const signal = (name: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, name);
      } catch {
        // It has ended.
      }
    };
    running.push(() => signal('SIGKILL'));
    if (kill !== undefined) setTimeout(() => signal('SIGKILL'), kill);
    if (stop !== undefined) {
      setTimeout(() => signal('SIGSTOP'), stop);
      setTimeout(() => signal('SIGCONT'), stop + 1500);
    }
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, signal) =>
        resolve({ status, signal, stdout, stderr, seconds: (performance.now() - start) / 1000 }),
      );
    });
  }

  const commands: readonly (readonly string[])[] = [
    ['env', 'work', '--shell', 'bash'],
    ['env', 'admin', '--format', 'json'],
    ['process', 'work'],
    ['process', 'admin', '--region', 'us-west-2'],
    ['login', 'work', '--refresh'],
    ['exec', 'work', '--', 'true'],
    ['write', 'work'],
    ['write', 'admin', '--to', 'out'],
    ['list', '--json'],
    ['status', '--json'],
    ['logout', '--all'],
    ['env', 'nosuch'],
    ['env', 'work', '--duration', '1s'],
  ];
  const faults: readonly Fault[] = [
    'reset',
    'lost-answer',
    'garbage',
    'throttling',
    'unavailable',
    { slow: 700 },
  ];
  const steps: Readonly<Record<string, () => Promise<readonly Ended[]>>> = {
    plain: async () => [await run(pick(commands))],
    kill: async () => [await run(pick(commands), { kill: random() * 400 })],
    stop: async () => {
      const first = run(['process', 'work'], { stop: random() * 300 });
      return Promise.all([first, run(['process', 'work'])]);
    },
    disk: async () => [await run(pick(commands), { disk: true })],
    clock: async () => [await run(pick(commands), { clock: pick(['-3d', '+3d', '+20m', '-1y']) })],
    fault: async () => {
      sts.fault(pick(faults));
      const ended = await run(pick(commands));
      sts.clearFaults();
      return [ended];
    },
    cache: async () => {
      for (const name of existsSync(cache) ? readdirSync(cache) : []) {
        const path = join(cache, name);
        if (!name.endsWith('.json') || random() < 0.5) continue;
        const text = readFileSync(path);
        writeFileSync(
          path,
          pick([text.subarray(0, text.length / 2), Buffer.alloc(0), Buffer.from('{}'), flip(text)]),
        );
        if (random() < 0.2) chmodSync(path, 0o666);
      }
      return [await run(pick(commands))];
    },
    region: async () => [
      await run(pick(commands), {
        env: { AWS_REGION: pick(['eu-north-1', 'us-east-1', 'mars', 'cn-north-1']) },
      }),
    ],
    crowd: async () => {
      await run(['logout', '--all']);
      sts.forgetSpentCodes();
      for (const name of existsSync(cache) ? readdirSync(cache) : [])
        if (name.startsWith('spent-')) rmSync(join(cache, name));
      const before = sts.count('GetSessionToken');
      const all = await Promise.all(Array.from({ length: 8 }, () => run(['process', 'work'])));
      const calls = sts.count('GetSessionToken') - before;
      if (calls !== 1) broken.push(`crowd: ${calls} calls of STS for 8 processes`);
      const answers = new Set(all.map(({ stdout }) => stdout));
      if (answers.size !== 1) broken.push(`crowd: ${answers.size} different answers`);
      return all;
    },
    writers: () =>
      Promise.all(['a', 'b', 'c'].map((to) => run(['write', 'work', '--to', to], { kill: random() * 900 }))),
  };

  const end = Date.now() + seconds * 1000;
  let count = 0;
  try {
    while ((Date.now() < end || count < 2) && broken.length < 20) {
      const [name, step] = pick(Object.entries(steps));
      count += 1;
      did.set(name, (did.get(name) ?? 0) + 1);
      sts.forgetSpentCodes();
      const wrong = broken.length;
      for (const ended of await step()) check(ended);
      checkFiles();
      for (let at = wrong; at < broken.length; at++) broken[at] = `step ${count}, ${name}: ${broken[at]}`;
    }
  } finally {
    for (const stop of running) stop();
    await sts.close();
  }
  return { steps: count, broken, did };

  /** All that must never be shown: the long-term key, and what the cache holds now. */
  function secrets(): readonly string[] {
    const kept = existsSync(cache) ? readdirSync(cache).filter((name) => name.startsWith('session-')) : [];
    const texts = kept.map((name) => readFileSync(join(cache, name), 'utf8'));
    const values = texts.flatMap((text) => [
      ...text.matchAll(/"(?:secretAccessKey|sessionToken)":"([^"]{8,})"/g),
    ]);
    return [...alice.accessKeys.map(({ secret }) => secret), ...values.map(([, value = '']) => value)];
  }

  /** What holds for every process, whatever has happened to it. */
  function check({ status, signal, stderr, stdout, seconds }: Ended): void {
    if (signal === null && (status === null || !documented.has(status)))
      broken.push(`exit status ${status}: ${stderr}`);
    if (seconds > patience) broken.push(`took ${seconds.toFixed(0)} s`);
    if (/\n\s+at |should not have happened/.test(stderr))
      broken.push(`an error of its own: ${stderr.slice(0, 300)}`);
    for (const secret of secrets()) if (stderr.includes(secret)) broken.push('a secret on stderr');
    if (status !== 0 && signal === null && /SECRET|Secret/.test(stdout))
      broken.push('a session on stdout of a failure');
  }

  /** The user's file is a whole one, old or new, and private; everything in the cache is the user's own. */
  function checkFiles(): void {
    const text = readFileSync(file('credentials'), 'utf8');
    if (!text.startsWith('# mine\n[work]\n') || !text.includes('\n[last]\nregion = eu-west-1\n'))
      broken.push(`the credentials file lost something: ${text.length} bytes`);
    for (const [section = ''] of text.matchAll(/^\[(?!work\]|last\]).*\n(?:(?!\[).*\n?)*/gm)) {
      const keys = ['aws_access_key_id', 'aws_secret_access_key', 'aws_session_token', 'expiration'];
      if (!keys.every((key) => section.includes(`${key} = `)))
        broken.push('half a section in the credentials file');
    }
    if (readFileSync(file('config'), 'utf8') !== config) broken.push('the config file changed');
    for (const name of existsSync(cache) ? readdirSync(cache) : [])
      if (
        !/^(session|spent|lock|entry|kept|answer|written|recent|device)/.test(name) &&
        !name.startsWith('.')
      )
        broken.push(`a file in the cache that nobody knows: ${name}`);
  }
}

/** What goes wrong while the program runs. */
interface Trouble {
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until SIGKILL. */
  readonly kill?: number;
  /** Milliseconds until it is stopped for 1.5 s. */
  readonly stop?: number;
  /** For faketime. */
  readonly clock?: string;
  /** True for a disk on which no file can grow. */
  readonly disk?: boolean;
}

function flip(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = 5; at < copy.length; at += 31) copy[at] = (copy[at] ?? 0) ^ 4;
  return copy;
}

/** The same numbers for the same seed, from 0 to below 1 (mulberry32). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
