import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** The writer in processes of its own: `edit-driver.ts`. */
export interface EditProcesses {
  start(name: string, path: string, how?: 'loop', options?: { readonly shell?: string }): EditProcess;
  remove(): void;
}

export interface EditProcess {
  readonly child: Child;
  /** Resolves when it has said this. */
  until(word: string): Promise<void>;
  go(): void;
  /** All that it said, when it has ended. */
  readonly end: Promise<string[]>;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

export async function editProcesses(): Promise<EditProcesses> {
  const place = realpathSync(mkdtempSync(join(tmpdir(), 'awsmfa-edit-')));
  const input = fileURLToPath(new URL('edit-driver.ts', import.meta.url));
  const bundle = await rolldown({ input, platform: 'node', logLevel: 'silent' });
  await bundle.write({ file: join(place, 'driver.cjs'), format: 'cjs' });
  await bundle.close();
  return {
    // Ours are to be many, and nicer than the others in the test.
    start: (name, path, how, { shell = 'exec nice -n 19 "$@"' } = {}) =>
      follow(
        spawn('sh', ['-c', shell, 'sh', process.execPath, join(place, 'driver.cjs'), name, path, how ?? ''], {
          stdio: ['pipe', 'pipe', 'inherit'],
        }),
      ),
    remove: () => rmSync(place, { recursive: true, force: true }),
  };
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
