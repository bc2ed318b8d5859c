import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stage } from '../support/stage.ts';

const at = stage();
const answer = { Version: 1, AccessKeyId: 'ASIATOOLTOOLTOOL', SecretAccessKey: 's', SessionToken: 't' };

test('the command line of a credential process is in no file of the cache, nor anywhere in --debug', async () => {
  const tool = at.home.write('bin/tool', `#!/bin/sh\necho '${JSON.stringify(answer)}'\n`);
  configure(`sh ${tool} --password hunter2hunter2`);
  const first = await at.run(['process', 'tool', '--debug']);
  expect(first.exit).toBe(0);
  const kept = readdirSync(at.home.cache).filter((name) => name.endsWith('.json'));
  expect(kept).toHaveLength(1);
  const everything = [...kept, ...kept.map((name) => readFileSync(join(at.home.cache, name), 'utf8'))];
  expect([...everything, ...first.stderr].join('\n')).not.toMatch(/hunter2|password|bin.tool/);
});

test('a command that was changed gets a session of its own', async () => {
  const other = { ...answer, AccessKeyId: 'ASIAOTHEROTHEROT' };
  configure(`echo '${JSON.stringify(answer)}'`);
  expect((await at.run(['process', 'tool'])).stdout).toContain(answer.AccessKeyId);
  configure(`echo '${JSON.stringify(other)}'`);
  expect((await at.run(['process', 'tool'])).stdout).toContain(other.AccessKeyId);
});

function configure(command: string): void {
  at.home.write('.aws/config', `[profile tool]\ncredential_process = ${command}\n`);
}
