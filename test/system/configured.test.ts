import { expect, test } from 'vitest';
import { runOnTerminal } from '../../src/system/configured.ts';

test('a program gets neither the token code nor a temporary session', async () => {
  const env = {
    PATH: process.env.PATH,
    AWSMFA_TOKEN_CODE: '123456',
    AWS_ACCESS_KEY_ID: 'ASIAOLD',
    AWS_SECRET_ACCESS_KEY: 'old',
    AWS_SESSION_TOKEN: 'old',
  };
  const program = { words: ['env'], command: 'env', env: { OF_THE_SETTING: 'x' }, most: 65_536 };
  const { ran } = await runOnTerminal(program, { env, platform: 'linux', openTerminal: () => undefined });
  const names = ran.ok ? ran.stdout.split('\n').flatMap((line) => line.match(/^\w+(?==)/)?.[0] ?? []) : [];
  expect(names.sort()).toEqual(['OF_THE_SETTING', 'PATH']);
});
