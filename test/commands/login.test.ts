import { mkdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { alice, bob } from '../../tools/local-sts/sample.ts';
import { keysSection } from '../support/home.ts';
import { files, stage, timeless } from '../support/stage.ts';
import { fakeTerminal } from '../support/world.ts';

const at = stage();

describe('login', () => {
  test('gets a session for later, prints no code, and says until when', async () => {
    const { exit, stdout, stderr } = await at.runWithCode(['login', 'work']);
    expect({ exit, stdout, stderr: timeless(stderr) }).toEqual({
      exit: 0,
      stdout: '',
      stderr: ['work: new session, 12h left (until TIME)'],
    });
    const again = await at.run(['login', 'work']);
    expect(timeless(again.stderr)).toEqual(['work: session, 12h left (until TIME)']);
    expect(at.calls()).toHaveLength(1);
  });

  test('says the day when it is not today', async () => {
    await at.runWithCode(['login', 'work', '--duration', '36h']);
    const { stderr } = await at.run(['login', 'work', '--duration', '36h']);
    expect(stderr[0]).toMatch(/^work: session, 1d12h left \(until \d{4}-\d\d-\d\d \d\d:\d\d\)$/);
  });
});

test('--debug shows what is asked for, and no command of a program: there may be a password in it', async () => {
  at.home.write('.aws/config', `[profile prog]\ncredential_process = get "keys" --password canary-word\n`);
  const { exit, stderr } = await at.run(['login', 'prog', '--debug']);
  expect(exit).toBe(3);
  expect(stderr.filter((line) => line.startsWith('debug: plan'))).toEqual([
    expect.stringMatching(/"process","prog","[0-9a-f]{3}"/),
  ]);
  expect(stderr.join('\n')).not.toContain('canary-word');
});

describe('logout', () => {
  const bare = { home: undefined, env: { AWS_PROFILE: '' } };

  test('forgets what came of this key, and nothing else', async () => {
    at.home.write(
      '.aws/credentials',
      keysSection('work', alice) + keysSection('play', bob) + keysSection('twin', alice),
    );
    at.home.write('.aws/config', files.config + files.config.replace('work', 'twin'));
    await at.run(['login', 'play'], { terminal: fakeTerminal('none\r') });
    await at.runWithCode(['login', 'work']);
    await at.runWithCode(['login', 'work', '--duration', '24h']);
    expect(await at.run(['logout', 'twin'])).toEqual({
      exit: 0,
      stdout: '',
      stderr: ['twin: 1 session forgotten'],
    });
    expect(await at.run(['env', 'work'])).toMatchObject({ exit: 4 });
    expect(await at.run(['env', 'play'])).toMatchObject({ exit: 0, stderr: [] });
    expect((await at.run(['logout', 'work'])).stderr).toEqual(['work: no session was cached']);
  });

  test('--all forgets everything, also where no profile is', async () => {
    await at.run(['login', 'play'], { terminal: fakeTerminal('none\r') });
    await at.runWithCode(['login', 'work']);
    at.home.write('.aws/credentials', '');
    expect((await at.run(['logout', '--all'])).stderr).toEqual(['2 sessions forgotten']);
    // A code stays spent.
    expect(at.home.cached('')).toEqual(at.home.cached('spent-'));
    expect((await at.run(['logout', '--all'])).stderr).toEqual(['no session was cached']);
    expect((await at.run(['logout', '--all'], bare)).stderr).toEqual(['no session was cached']);
  });

  test('says that a shell still holds one', async () => {
    await at.runWithCode(['login', 'work']);
    expect((await at.run(['logout'], { env: { AWSMFA_PROFILE: 'work' } })).stderr).toEqual([
      'work: 1 session forgotten',
      'This shell still holds one until it ends: awsmfa clear takes it out',
    ]);
    expect((await at.run(['logout', 'work', '--quiet'])).stderr).toEqual([]);
  });

  test('of a section that write made means the profile it came from', async () => {
    await at.runWithCode(['write', 'work', '--to', 'ide']);
    expect((await at.run(['logout', 'ide'])).stderr).toEqual([
      'ide: 1 session forgotten',
      expect.stringMatching(/^\[ide\] in .* still holds one: awsmfa write --remove --to ide$/),
    ]);
    expect(await at.run(['env', 'work'])).toMatchObject({ exit: 4 });
  });

  test('of nobody is an error', async () => {
    expect(await at.run(['logout', 'nobody'])).toMatchObject({ exit: 3, stdout: '' });
  });

  test('leaves what is not a session, and minds no directory in its way', async () => {
    await at.runWithCode(['login', 'work']);
    at.home.write('.aws/awsmfa/notes.txt', 'mine');
    mkdirSync(`${at.home.cached()[0]?.replace(/\.json$/, '')}-directory.json`);
    expect(await at.run(['logout', 'work'])).toMatchObject({ exit: 0 });
    expect(at.home.cached('notes')).toHaveLength(1);
  });
});
