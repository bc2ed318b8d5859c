import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** The lock in processes of its own, out of which one can be killed. */
export interface LockProcesses {
  /** A process that wants the lock, works as long as it is told, and says `word`. */
  start(
    directory: string,
    options: { readonly key?: string; readonly ms: number; readonly word?: string },
  ): Flight;
  remove(): void;
}

export interface Flight {
  readonly child: ChildProcess;
  /** Resolves when it has said this: `holding`, `waiting`, or what it got in the end. */
  until(word: string): Promise<void>;
  /** What it has said so far. */
  said(): string[];
  /** All that it said: `holding`, `waiting`, `got WORD` of somebody else, or `did it`. */
  end(): Promise<string[]>;
}

const script = `const { singleFlight } = require('./lock.cjs');
const [directory, key, ms, word] = process.argv.slice(2);
const say = (line) => process.stdout.write(line + '\\n');
const work = async () => {
  say('holding');
  await new Promise((resolve) => setTimeout(resolve, Number(ms)));
  return word;
};
singleFlight(directory, key, work, () => say('waiting')).then(
  (got) => say(got === undefined ? 'did it' : 'got ' + got),
  (error) => say('failed ' + error.message),
);
`;

export async function lockProcesses(): Promise<LockProcesses> {
  const place = realpathSync(mkdtempSync(join(tmpdir(), 'awsmfa-lock-')));
  const input = fileURLToPath(new URL('../../src/files/lock.ts', import.meta.url));
  const bundle = await rolldown({ input, platform: 'node', logLevel: 'silent' });
  await bundle.write({ file: join(place, 'lock.cjs'), format: 'cjs' });
  await bundle.close();
  writeFileSync(join(place, 'flight.cjs'), script);
  return {
    start: (directory, { key = 'key', ms, word = 'word' }) =>
      flight([join(place, 'flight.cjs'), directory, key, String(ms), word]),
    remove: () => rmSync(place, { recursive: true, force: true }),
  };
}

function flight(args: readonly string[]): Flight {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const closed = new Promise((resolve) => child.on('close', resolve));
  const lines = () => said.split('\n').slice(0, -1);
  return {
    child,
    said: lines,
    until: async (word) => {
      while (!said.includes(word)) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended with: ${said}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
    end: async () => {
      await closed;
      return lines();
    },
  };
}
