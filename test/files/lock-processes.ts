import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { project } from '../support/desk.ts';

export interface Flight {
  readonly child: ChildProcess;
  /** Resolves when it has said this: `holding`, `waiting`, or what it got in the end. */
  until(word: string): Promise<void>;
  /** What it has said so far. */
  said(): string[];
  /** All that it said: `holding`, `waiting`, `got WORD` of somebody else, or `did it`. */
  end(): Promise<string[]>;
}

/** A process that wants the lock, works as long as it is told, and says `word`: `lock-driver.ts`, built before the tests. */
export function startFlight(
  directory: string,
  { key = 'key', ms, word = 'word' }: { readonly key?: string; readonly ms: number; readonly word?: string },
): Flight {
  return flight([join(project, 'build/lock-driver.cjs'), directory, key, String(ms), word]);
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
