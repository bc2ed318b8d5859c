import { readFileSync } from 'node:fs';

/** Signals that are meant for the command, and by which awsmfa itself would end. */
const passed = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/** Keys send these, to every process of the group that has the terminal. */
const keys: readonly string[] = ['SIGINT', 'SIGQUIT'];

/**
 * Passes signals on to a child from now until `stop`, and survives them. One from the keyboard has reached the child
 * already: terraform takes a second one for "give up at once".
 */
export function passSignals(): { to(child: Child): void; stop(): void } {
  let child: Child | undefined;
  const pass = (signal: NodeJS.Signals) => {
    if (keys.includes(signal) && hasTerminal()) return;
    child?.kill(signal);
  };
  for (const signal of passed) process.on(signal, pass);
  return {
    to: (started) => {
      child = started;
    },
    stop: () => {
      for (const signal of passed) process.off(signal, pass);
    },
  };
}

interface Child {
  kill(signal: NodeJS.Signals): boolean;
}

/** Whether our process group, which is the child's, is in the foreground of its terminal. */
function hasTerminal(): boolean {
  try {
    if (process.platform === 'win32') return true;
    const [group, foreground] = process.platform === 'linux' ? fromProc() : fromPs();
    return group === foreground;
  } catch {
    return false;
  }
}

/** `pgrp` and `tpgid` of proc(5). The name of the program stands in brackets before them and may hold anything. */
function fromProc(): readonly (string | undefined)[] {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return [fields[2], fields[5]];
}

function fromPs(): readonly (string | undefined)[] {
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  const args = ['-o', 'pgid=,tpgid=', '-p', String(process.pid)];
  return execFileSync('ps', args, { encoding: 'utf8' }).trim().split(/\s+/);
}
