import { existsSync, readFile } from 'node:fs';
import { singleFlight } from '../../src/files/lock.ts';
import { isStopped } from '../../src/system/processes.ts';

/** What runs in the processes of `lock-processes.ts`. */
const [directory = '', key = '', word = '', end = ''] = process.argv.slice(2);
const parent = process.ppid;
const say = (line: string) => process.stdout.write(`${line}\n`);

async function work(): Promise<string> {
  say('holding');
  // Until this file is there, or the test has ended, it is busy, and Node takes in nobody who connects. Then it goes on as after an answer from a
  // network or a disk: Node does not look for connections before the next turn but one.
  await new Promise((resolve) => readFile(__filename, resolve));
  while (!existsSync(end) && process.ppid === parent)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  return word;
}

const self = () => ({ pid: process.pid, command: 'use', terminal: undefined, hasCode: false });
let last = 0;
const onHolder = ({ pid }: { readonly pid: number }) => {
  if (pid !== last) say(`behind ${pid}`);
  last = pid;
};
singleFlight(directory, key, work, () => say('waiting'), { self, isStopped, onHolder }).then(
  (got) => say(got === undefined ? 'did it' : `got ${got}`),
  (error) => say(`failed ${error.message}`),
);
