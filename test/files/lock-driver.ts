import { singleFlight } from '../../src/files/lock.ts';
import { isStopped } from '../../src/system/processes.ts';

/** What runs in the processes of `lock-processes.ts`. */
const [directory = '', key = '', ms, word = '', code] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

async function work(): Promise<string> {
  say('holding');
  await new Promise((resolve) => setTimeout(resolve, Number(ms)));
  return word;
}

const self = () => ({ pid: process.pid, command: 'use', terminal: undefined, hasCode: code === 'code' });
singleFlight(directory, key, work, () => say('waiting'), { self, isStopped }).then(
  (got) => say(got === undefined ? 'did it' : `got ${got}`),
  (error) => say(`failed ${error.message}`),
);
