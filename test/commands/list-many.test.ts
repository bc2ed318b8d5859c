import { expect, test } from 'vitest';
import { makeHome } from '../support/home.ts';
import { run } from '../support/world.ts';

test('2,000 profiles are all listed, in order', async () => {
  const names = Array.from({ length: 2000 }, (_, index) => `profile-${index}`);
  const many = makeHome({
    config: names.map((name) => `[profile ${name}]\nregion = eu-west-1\n`).join('\n'),
    credentials: names
      .map(
        (name, index) =>
          `[${name}]\naws_access_key_id = AKIA${1e15 + index}\naws_secret_access_key = canary\n`,
      )
      .join('\n'),
  });
  const { exit, stdout } = await run(['list', '--json'], { home: many });
  expect([exit, JSON.parse(stdout).map(({ profile }: { profile: string }) => profile)]).toEqual([0, names]);
});
