import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What differs from one Node to the next: files, locks, processes, signals, sockets, the terminal. */
const core = [
  'test/start.test.ts',
  'test/parallel-process.test.ts',
  'test/{files,session,sts,system}/**/*.test.ts',
  'test/commands/{env,exec,list,process,serve,status}.test.ts',
  'test/end-to-end/{exec,roles,serve,terminal}.test.ts',
];

export default defineConfig(({ mode }) => ({
  test: {
    include: included(mode),
    exclude: ['test/windows/**'],
    setupFiles: 'test/support/process.ts',
    // A process runs one file after the other and loads once what they test: that was a third of the CPU of short files.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // node-pty is a native addon: worker threads and addons do not mix.
    pool: 'forks',
    // Half of the time a test waits: for a shell, a clock, a lock. With three for each core, tests of the matrix time out.
    maxWorkers: mode === 'crowds' ? 1 : 2 * availableParallelism(),
    env: isLarge(mode) ? { AWSMFA_TEST_MATRIX: '1' } : {},
    // Only what runs in the tests' own processes counts: the built program has its own (bin, start, exec's last step).
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
      reportsDirectory: 'build/coverage',
      reportOnFailure: true,
    },
    globalSetup: 'test/support/build.ts',
    // A machine that is busy with others is given a second try; the report says so.
    retry: process.env.CI ? 1 : 0,
    testTimeout: isLarge(mode) ? 300_000 : 60_000,
    hookTimeout: 60_000,
  },
}));

/** Files that wait long, for a clock or one process after the other: they would be waited for in the end. */
const long = [
  'end-to-end/two-minutes',
  'end-to-end/identity-table',
  'test/soak',
  'keys/kills',
  'shared-file-edit-kills',
  'stores/stores',
  'shells/powershell',
  'test/demo',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) =>
      (long.findIndex((name) => moduleId.includes(name)) + 1 || long.length + 1) - 1;
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

function isLarge(mode: string): boolean {
  return mode === 'matrix' || mode === 'crowds';
}

function included(mode: string): string[] {
  if (mode === 'core') return core;
  if (!isLarge(mode)) return ['test/**/*.test.ts'];
  // The files with more to do in the matrix than in `npm test`.
  const names = readdirSync('test', { recursive: true, encoding: 'utf8' }).map((name) => `test/${name}`);
  const isLarger = (name: string) => readFileSync(name, 'utf8').includes('support/matrix.ts');
  const larger = names.filter((name) => name.endsWith('.test.ts') && isLarger(name));
  // 200 processes at once, beside others, take longer to start on a slow machine than an MFA code is valid.
  return larger.filter((name) => name.startsWith('test/parallel') === (mode === 'crowds'));
}
