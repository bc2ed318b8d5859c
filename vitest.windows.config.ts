import { defineConfig } from 'vitest/config';

// The program under the real node.exe and cmd.exe, by Wine: `npm run test:windows`.
export default defineConfig({
  test: {
    include: ['test/windows/**/*.test.ts'],
    globalSetup: 'test/windows/prepare.ts',
    setupFiles: 'test/support/process.ts',
    pool: 'forks',
    maxWorkers: 2,
    // A machine that is busy with others is given a second try; the report says so.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
