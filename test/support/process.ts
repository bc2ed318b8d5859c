import { afterAll, vi } from 'vitest';
import { removeHomes } from './home.ts';
import { removeGpg } from './key-stores.ts';

// vitest runs this before each test file. A process runs many files, and none leaves anything to the next.

/** `--version` reads what the build writes there. */
Object.assign(globalThis, { VERSION: '1.2.3' });

const [directory, before] = [process.cwd(), { ...process.env }];

// The AWS SDK reads the environment of its process, and the shared files of the user who runs the tests.
for (const name of Object.keys(process.env)) {
  if (/^(AWS|AWSMFA(?!_TEST)|MFA)_/i.test(name)) delete process.env[name];
}
process.env.AWS_CONFIG_FILE = '/dev/null';
process.env.AWS_SHARED_CREDENTIALS_FILE = '/dev/null';
// Times for people are local.
process.env.TZ = 'UTC';
// The process of the tests is not to become the command of an `exec`.
delete (process as { execve?: unknown }).execve;

afterAll(() => {
  removeHomes();
  removeGpg();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.chdir(directory);
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});
