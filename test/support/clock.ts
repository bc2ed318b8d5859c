import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The clocks of programs of Node, which a test puts on while they run. */
export interface Clock {
  /** For the environment of these programs. */
  readonly env: Readonly<Record<string, string>>;
  /** So many milliseconds before the real time. */
  set(ahead: number): void;
  /** The command of a shell that does the same. */
  line(ahead: number): string;
}

export function clockAhead(home: string): Clock {
  const [file, script] = [join(home, 'clock-ahead'), join(home, 'clock-ahead.cjs')];
  const set = (ahead: number) => {
    writeFileSync(`${file}.new`, String(ahead));
    renameSync(`${file}.new`, file);
  };
  set(0);
  writeFileSync(
    script,
    `const ahead = () => Number(require('node:fs').readFileSync(${JSON.stringify(file)}, 'utf8'));
for (const clock of [Date, performance]) {
  const now = clock.now.bind(clock);
  clock.now = () => now() + ahead();
}
`,
  );
  const line = (ahead: number) => `echo ${ahead} >'${file}.new' && mv '${file}.new' '${file}'`;
  return { env: { NODE_OPTIONS: `--require ${script}` }, set, line };
}
