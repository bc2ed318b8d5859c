import { PassThrough, Writable } from 'node:stream';
import { expect } from 'vitest';
import { readCommandLine } from '../../src/cli/parse.ts';
import { shells } from '../../src/export/dialects.ts';
import { main } from '../../src/main.ts';
import type { Environment, Terminal, World } from '../../src/world.ts';
import { type Home, noDialog, secretsIn } from './home.ts';

/** What a test says about the world; everything else is that of a script: no terminal, bash above, nothing on stdin. */
export interface Setting {
  /** The whole environment; `HOME` goes without saying. */
  readonly env?: Environment;
  /** Undefined for a user who has none. */
  readonly home?: Home | undefined;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly stdin?: string;
  readonly terminal?: FakeTerminal;
  readonly ancestors?: readonly string[];
  readonly stdoutIsTerminal?: boolean;
  readonly stderrIsTerminal?: boolean;
  readonly platform?: string;
  readonly shellDirectory?: string;
  /** What a shell function asks. */
  readonly question?: string;
  /** Called with each line for people, when it is said. */
  readonly heard?: (line: string) => void;
}

export interface Run {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: readonly string[];
}

/**
 * `main` in this process. What must hold for every run is checked for every run: no secret where people look, at
 * most two lines for an error, and nothing but a `false` on stdout when it fails.
 */
export async function run(argv: readonly string[], setting: Setting = {}): Promise<Run> {
  const stderr: string[] = [];
  const world = fakeWorld(argv, setting, (line) => {
    stderr.push(line);
    setting.heard?.(line);
  });
  const { stdout, exit } = await main(world);
  // A report for people, which says with its status what it has found.
  const isReport = argv[0] === 'doctor' && stdout !== '';
  checkSecrets([...stderr, exit === 0 && !isReport ? '' : stdout], secretsOf(argv, setting, stdout));
  if (exit !== 0 && !isReport) {
    expect(['', ...Object.values(shells).map(({ failure }) => failure)]).toContain(stdout);
    if (!argv.includes('--debug')) checkError(stderr, readCommandLine(argv).flags.json ?? false);
  }
  return { exit, stdout, stderr };
}

export function fakeWorld(
  argv: readonly string[],
  setting: Setting,
  say: (line: string) => void = () => {},
): World {
  const { home, now = Date.now, stdin = '', terminal, ancestors = ['bash'] } = setting;
  const { stdoutIsTerminal = false, stderrIsTerminal = false, platform = process.platform } = setting;
  return {
    argv,
    env: { ...(home && { HOME: home.path }), ...noDialog, ...localIam(setting.env), ...setting.env },
    home: home?.path,
    question: setting.question,
    platform,
    now,
    say,
    stdoutIsTerminal: () => stdoutIsTerminal,
    stderrIsTerminal: () => stderrIsTerminal,
    readStdin: () => stdin,
    ancestors: () => ancestors,
    openTerminal: () => terminal?.open(),
    shellDirectory: setting.shellDirectory ?? '/opt/awsmfa/shell',
  };
}

/** The local STS is IAM as well: a test that has one never looks for devices elsewhere. */
function localIam({ AWS_ENDPOINT_URL_STS: url }: Environment = {}): Environment {
  return url ? { AWS_ENDPOINT_URL_IAM: url } : {};
}

/** A terminal on which somebody answers each question, once it is shown, with the next of these key strokes. */
export interface FakeTerminal {
  open(): Terminal;
  /** All that was drawn on it, without the sequences that move the cursor and choose colours. */
  shown(): string;
  /** Answers that nobody asked for yet. */
  left(): readonly string[];
}

export function fakeTerminal(...answers: readonly string[]): FakeTerminal {
  const waiting = [...answers];
  let drawn = '';
  return {
    open: () => {
      const input = new PassThrough();
      let asked = false;
      const output = new Writable({
        write: (chunk, _encoding, done) => {
          drawn += String(chunk);
          // A line that announces something asks nothing.
          if (String(chunk).startsWith('awsmfa: ')) return done();
          if (!asked) setTimeout(() => type(waiting.shift() ?? ctrlC, input), 5);
          asked = true;
          done();
        },
      });
      // Wide enough that nothing a test looks for is broken over two lines.
      return { input, output: Object.assign(output, { columns: 500 }), close: () => input.destroy() };
    },
    shown: () => drawn.replace(/\u001b\[[\d;?]*[A-Za-z]/g, ''),
    left: () => waiting,
  };
}

const ctrlC = '\u0003';

/** After Enter the prompt is deaf until it has looked at the answer, and one that is refused stays on its line. */
async function type(keys: string, input: PassThrough): Promise<void> {
  for (const line of keys.split(/(?<=\r)/)) {
    input.write(line);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

function checkSecrets(texts: readonly string[], secrets: readonly string[]): void {
  const text = texts.join('\n');
  // A code is six digits, and account numbers have twelve.
  const shown = secrets.filter((secret) =>
    /^\d+$/.test(secret) ? new RegExp(`(?<!\\d)${secret}(?!\\d)`).test(text) : text.includes(secret),
  );
  expect(shown).toEqual([]);
}

function secretsOf(
  argv: readonly string[],
  { env = {}, home, stdin = '' }: Setting,
  stdout: string,
): string[] {
  const code = argv.findIndex((word) => /^--token(-code)?(=|$)/.test(word));
  const secrets = [
    ...(home ? secretsIn(home.path) : []),
    ...(stdout.match(/(?<=AWS_SE\w+=')[^']+/g) ?? []),
    env.AWS_SECRET_ACCESS_KEY,
    env.AWS_SESSION_TOKEN,
    env.AWS_SECURITY_TOKEN,
    env.AWSMFA_TOKEN_CODE,
    stdin.trim(),
    code < 0 ? undefined : (argv[code]?.split('=')[1] ?? argv[code + 1]),
  ];
  return secrets.filter((secret): secret is string => secret !== undefined && secret.length > 4);
}

/** What and why in one line, what to do in another; nothing that a terminal would obey. */
function checkError(stderr: readonly string[], json: boolean): void {
  const plain = stderr.map((line) => line.replace(/\u001b\[3[19]m/g, ''));
  const from = plain.findIndex((line) => line.startsWith('awsmfa: '));
  if (json) expect(Object.keys(JSON.parse(stderr.at(-1) ?? ''))).toEqual(['error']);
  else expect(from < 0 ? 'no error' : plain.length - from).toBeOneOf([1, 2]);
  expect(plain.filter((line) => /[\u0000-\u001f]/.test(line))).toEqual([]);
  expect(plain.join('\n')).not.toContain('should not have happened');
}
