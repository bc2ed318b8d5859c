import { existsSync } from 'node:fs';
import { singleFlight } from '../../src/files/lock.ts';
import { isStopped } from '../../src/system/processes.ts';

/** What runs in the processes of `lock-processes.ts`. */
const [directory = '', key = '', word = '', end = ''] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

async function work(): Promise<string> {
  say('holding');
  // The work ends when this file is there.
  while (!existsSync(end)) await new Promise((resolve) => setTimeout(resolve, 5));
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
