import { setKeys } from '../../src/config/edit.ts';
import { editSharedFile } from '../../src/config/shared-file-edit.ts';

/**
 * What runs in the processes of `edit-processes.ts`: `NAME PATH` sets `count` in a section once it is told to go on,
 * and `NAME PATH loop` counts up until it is killed.
 */
const [name = '', path = '', how] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

async function set(count: number): Promise<void> {
  const pad = 'x'.repeat(100);
  const keys = [
    ['count', `${count}`],
    ['pad', pad + count],
    ['again', `${count}`],
  ] as const;
  say(await editSharedFile(path, (document) => setKeys(document, name, keys)));
}

async function run(): Promise<void> {
  say('ready');
  if (how === 'loop') for (let count = 1; ; count++) await set(count);
  await new Promise((resolve) => process.stdin.once('data', resolve));
  process.stdin.destroy();
  await set(1);
}

run().catch((error) => say(`${error}`));
