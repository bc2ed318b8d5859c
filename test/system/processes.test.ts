import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import {
  ancestors,
  endTree,
  isBackground,
  isForeground,
  isLeftAlone,
  isRunning,
  isStopped,
  ownTerminal,
} from '../../src/system/processes.ts';
import { until } from '../support/processes.ts';
import { needs } from '../support/shells.ts';

// macOS has no /proc: there `ps` says it, as POSIX describes it. Linux has both.
const own = process.platform;
const onPlatform = (value: string) => Object.defineProperty(process, 'platform', { value });
afterEach(() => onPlatform(own));

/** A shell that sleeps, in a process group of its own, and has a child that sleeps too. */
async function sleeper() {
  const child = spawn('/bin/sh', ['-c', 'sleep 60 & echo $!; wait'], { detached: true });
  const [line] = await once(child.stdout, 'data');
  return { child, pid: child.pid ?? 0, grandchild: Number(String(line)) };
}

test.runIf(own === 'linux')(
  'ps and /proc say the same of this process and of its ancestors',
  needs('ps', () => {
    const facts = () => ({
      names: [...ancestors()].map((name) => name.slice(0, 15)),
      terminal: ownTerminal(),
      background: isBackground(),
      foreground: isForeground(),
      alone: isLeftAlone(),
    });
    const byProc = facts();
    onPlatform('darwin');
    expect(facts()).toEqual(byProc);
  }),
);

test(
  'ps tells a process that runs from one that was stopped, and both from none',
  needs('ps', async () => {
    onPlatform('darwin');
    const { child, pid } = await sleeper();
    expect([isRunning(pid), isStopped(pid)]).toEqual([true, false]);
    child.kill('SIGSTOP');
    await until(() => isStopped(pid));
    expect(isRunning(pid)).toBe(false);
    process.kill(-pid, 'SIGKILL');
    await once(child, 'exit');
    expect([isRunning(pid), isStopped(pid)]).toEqual([false, false]);
  }),
);

test(
  'by ps the descendants of a process are found, and end with it',
  needs('ps', async () => {
    onPlatform('darwin');
    const { child, pid, grandchild } = await sleeper();
    const ended = once(child, 'exit');
    await endTree(pid, 'darwin');
    await ended;
    await until(() => !isRunning(grandchild));
  }),
);
