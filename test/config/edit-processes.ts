import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { project } from '../support/desk.ts';

export interface EditProcess {
  readonly child: Child;
  /** Resolves when it has said this. */
  until(word: string): Promise<void>;
  go(): void;
  /** All that it said, when it has ended. */
  readonly end: Promise<string[]>;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

/** Starts the writer in a process of its own: `edit-driver.ts`, as it was built before the tests. */
export function startEdit(
  name: string,
  path: string,
  how?: 'loop',
  { shell = 'exec "$@"' }: { readonly shell?: string } = {},
): EditProcess {
  const driver = join(project, 'build/edit-driver.cjs');
  return follow(
    spawn('sh', ['-c', shell, 'sh', process.execPath, driver, name, path, how ?? ''], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
}

function follow(child: Child): EditProcess {
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
  });
  child.stdin.on('error', () => {});
  let isClosed = false;
  const end = new Promise<string[]>((resolve) =>
    child.on('close', () => {
      isClosed = true;
      resolve(said.split('\n').slice(0, -1));
    }),
  );
  return {
    child,
    end,
    go: () => child.stdin.end('\n'),
    until: async (word) => {
      while (!said.includes(word)) {
        if (isClosed) throw new Error(`it ended with: ${said}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    },
  };
}
