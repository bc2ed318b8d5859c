import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hash } from '../../src/files/entries.ts';
import { project } from '../support/desk.ts';
import { until } from '../support/processes.ts';
import { windowsPath } from '../support/wine.ts';
import { windowsDesk } from './desk.ts';

const at = windowsDesk();

/** A process of awsmfa that wants the lock, works until there is a file `end`, and says `word`; what it prints goes to a file. */
function driver(word: string, output: string) {
  const program = windowsPath(join(project, 'build/lock-driver.cjs'));
  return at.machine.cmd([`node "${program}" "${directory()}" key ${word} end > ${output}`]);
}

const directory = () => windowsPath(at.work('cache'));
const pipe = () => JSON.stringify(`\\\\.\\pipe\\awsmfa-${hash(directory())}-lock-${hash('key')}-0`);
const printed = (name: string) => readFileSync(at.work(name), 'utf8').trim().split(/\r?\n/);

test('another local user who connects to the pipe of a lock reads no session', async () => {
  mkdirSync(at.work('cache'));
  writeFileSync(
    at.work('spy.js'),
    `const socket = require('net').connect(${pipe()}, () => require('fs').writeFileSync('spying', 'yes'));
let heard = '';
socket.on('data', (part) => { heard += part; });
socket.on('close', () => require('fs').writeFileSync('heard', heard));`,
  );
  const holder = driver('canary', 'holder');
  await at.fileOf('holder');
  const others = [at.machine.cmd(['node spy.js']), driver('other', 'waiter')];
  await at.fileOf('spying');
  await until(() => existsSync(at.work('waiter')) && printed('waiter').includes('waiting'));
  writeFileSync(at.work('end'), '');
  await Promise.all([holder, ...others]);
  expect(printed('waiter')).toEqual([expect.stringMatching(/^behind/), 'waiting', 'got canary']);
  expect(printed('heard')[0]).toMatch(/^[A-Za-z0-9+/]{40,}=*$/);
});

test('what another local user says under the name of a lock is not believed', async () => {
  mkdirSync(at.work('cache'));
  writeFileSync(
    at.work('forge.js'),
    `const server = require('net').createServer((socket) => {
  server.close();
  setTimeout(() => socket.end('forged'), 5000);
});
server.listen(${pipe()}, () => require('fs').writeFileSync('listening', 'yes'));`,
  );
  const forger = at.machine.cmd(['node forge.js']);
  await at.fileOf('listening');
  writeFileSync(at.work('end'), '');
  await Promise.all([forger, driver('own', 'honest')]);
  expect(printed('honest')).toEqual(['waiting', 'holding', 'did it']);
});
