import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { windowsPath } from '../support/wine.ts';
import { windowsDesk } from './desk.ts';

const at = windowsDesk();

/** Keeps files open until there is a file `stop`; `sharing` says whether others may open them too, as most programs do. */
async function keepOpen(sharing: boolean, ...names: readonly string[]) {
  const files = JSON.stringify(names.map((name) => windowsPath(at.home(name))));
  // 0x10000000 is UV_FS_O_EXLOCK of libuv: CreateFile without a FILE_SHARE flag.
  const script = `const fs = require('fs');
const opened = ${files}.map((file) => fs.openSync(file, fs.constants.O_RDONLY | ${sharing ? 0 : 0x10000000}));
fs.writeFileSync('opened', 'yes');
const timer = setInterval(() => {
  if (!fs.existsSync('stop')) return;
  clearInterval(timer);
  for (const file of opened) fs.closeSync(file);
}, 20);`;
  writeFileSync(at.work('hold.js'), script);
  const run = at.machine.cmd(['node hold.js']);
  await at.fileOf('opened');
  return async () => {
    writeFileSync(at.work('stop'), '');
    await run;
  };
}

/**
 * Makes an awsmfa end `keepOpen` when it could not open a file four times. Twice it would try without waiting: it looks
 * into the cache again when it has the lock.
 */
function letGoOnError() {
  const script = `const fs = require('fs');
const { openSync } = fs;
let failed = 0;
fs.openSync = (...args) => {
  try {
    return openSync(...args);
  } catch (error) {
    if (error.code === 'EBUSY' && ++failed === 4) fs.writeFileSync('stop', 'yes');
    throw error;
  }
};`;
  writeFileSync(at.work('tell.js'), script);
  return { NODE_OPTIONS: '--require ./tell.js' };
}

test('credentials that another program keeps open: an error, and nothing has changed', async () => {
  const before = at.credentials();
  const letGo = await keepOpen(true, '.aws/credentials');
  const env = at.code();
  const { status, stdout, stderr } = await at.machine.awsmfa('write work', env);
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  expect(stderr).toMatch(/^awsmfa: Cannot write [A-Z]:\\.*\\credentials: another program keeps it open\n/);
  // Others may read it, and so may awsmfa: it is no reason to refuse what does not write.
  expect(await at.machine.awsmfa('process work')).toMatchObject({ status: 0, stderr: '' });
  await letGo();
  expect(at.credentials()).toBe(before);
  expect(readdirSync(at.home('.aws')).sort()).toEqual(['awsmfa', 'config', 'credentials']);
  expect((await at.machine.awsmfa('write work')).status).toBe(0);
  expect(at.sts.count('GetSessionToken')).toBe(1);
});

test('files that another program shares with nobody: an error, or a moment of waiting', async () => {
  await at.machine.awsmfa('login work', at.code());
  const letGo = await keepOpen(false, '.aws/credentials', '.aws/config');
  for (const command of ['process work', 'write work', 'list']) {
    const { status, stdout, stderr } = await at.machine.awsmfa(command);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(/^awsmfa: Cannot read [A-Z]:\\.*\\config: another program keeps it open[.\n]/);
  }
  expect(await at.machine.awsmfa('process work', letGoOnError())).toMatchObject({ status: 0, stderr: '' });
  await letGo();
});

test('a session that a virus scanner looks at: no second code', async () => {
  await at.machine.awsmfa('login work', at.code());
  const kept = readdirSync(at.home('.aws/awsmfa')).filter((name) => name.endsWith('.json'));
  expect(kept.length).toBeGreaterThan(0);
  const letGo = await keepOpen(false, ...kept.map((name) => `.aws/awsmfa/${name}`));
  expect(await at.machine.awsmfa('process work', letGoOnError())).toMatchObject({ status: 0, stderr: '' });
  await letGo();
});

test('a read-only file is refused before a code is spent', async () => {
  const before = at.credentials();
  const file = windowsPath(at.home('.aws/credentials'));
  await at.machine.cmd([`attrib +r "${file}"`]);
  const { status, stdout, stderr } = await at.machine.awsmfa('write work', at.code());
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
  expect(stderr).toMatch(/^awsmfa: Cannot write [A-Z]:\\.*\\credentials: it is read-only\n/);
  expect(at.credentials()).toBe(before);
  expect(at.sts.count('GetSessionToken')).toBe(0);
  // What reads it works.
  expect((await at.machine.awsmfa('login work', at.code())).status).toBe(0);
});

test('AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE with any slashes, relative, and on another drive', async () => {
  mkdirSync(at.work('etc'));
  writeFileSync(at.work('etc/config'), '[profile other]\r\nregion = eu-west-3\r\n');
  writeFileSync(
    at.work('etc/credentials'),
    readFileSync(at.home('.aws/credentials'), 'utf8').replace('work', 'other'),
  );
  const root = windowsPath(at.work('etc'));
  for (const [config, credentials] of [
    ['etc/config', '.\\etc\\credentials'],
    [`${root.replaceAll('\\', '/')}/config`, `${root}\\credentials`],
  ] as const) {
    const names = await at.machine.awsmfa('list --names', {
      AWS_CONFIG_FILE: config,
      AWS_SHARED_CREDENTIALS_FILE: credentials,
    });
    expect(names).toEqual({ status: 0, stdout: 'other\n', stderr: '' });
  }
});

test('a key store is the program on PATH, and not one of that name in the current directory', async () => {
  // Stands in for 1Password, and says which file was started.
  writeFileSync(
    at.work('which.js'),
    `if (/op\\.exe$/i.test(process.execPath)) {
  require('fs').appendFileSync('started', process.execPath + '\\n');
  process.exit(1);
}`,
  );
  mkdirSync(at.home('bin'));
  for (const file of [at.work('op.exe'), at.home('bin/op.exe')]) copyFileSync(at.machine.nodeFile, file);
  const PATH = `${windowsPath(at.home('bin'))};${at.machine.env.PATH}`;
  const env = { PATH, NODE_OPTIONS: '--require ./which.js' };
  await at.machine.awsmfa('keys store work --store 1password --no-prompt', env);
  const started = (await at.fileOf('started')).trim().split('\n');
  expect([...new Set(started)]).toEqual([windowsPath(at.home('bin/op.exe'))]);
});
