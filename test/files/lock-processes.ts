import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { project } from '../support/desk.ts';

export interface Flight {
  readonly child: ChildProcess;
  /** Resolves when it has said this: `holding`, `waiting`, `behind PID`, or what it got in the end. */
  until(word: string): Promise<void>;
  /** What it has said so far. */
  said(): string[];
  /** Ends its work. */
  letGo(): void;
  /** All that it said: `holding`, `waiting`, for whom (`behind PID`), `got WORD` of somebody else, or `did it`. */
  end(): Promise<string[]>;
}

/** A process that wants the lock, works until `letGo`, and says `word`: `lock-driver.ts`, built before the tests. */
export function startFlight(
  directory: string,
  { key = 'key', word = 'word' }: { readonly key?: string; readonly word?: string } = {},
): Flight {
  ends += 1;
  return flight(`${directory}-end-${ends}`, [directory, key, word]);
}

let ends = 0;

function flight(end: string, args: readonly string[]): Flight {
  const driver = join(project, 'build/lock-driver.cjs');
  const child = spawn(process.execPath, [driver, ...args, end], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  const closed = new Promise((resolve) => child.on('close', resolve));
  const lines = () => said.split('\n').slice(0, -1);
  return {
    child,
    said: lines,
    letGo: () => writeFileSync(end, ''),
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
