import { readFileSync } from 'node:fs';

/**
 * Whether nobody is there whose foreground job this process could be. `eval "$(awsmfa serve &)"` leaves it in the process
 * group of an interactive shell, where every Ctrl-C that is typed at the prompt would end it. A shell has such a program
 * ignore SIGINT (POSIX, "Asynchronous Lists"), and Node undoes that when it starts.
 */
export function isLeftAlone(): boolean {
  try {
    if (process.platform === 'win32') return false;
    return process.platform === 'linux' ? fromProc() : fromPs();
  } catch {
    return false;
  }
}

/** Its parent has gone, and another one has taken its place, of another session. Who leads a group is a job. */
function fromProc(): boolean {
  const [parent, group, session] = stat('self');
  return group !== process.pid && stat(String(parent))[2] !== session;
}

function fromPs(): boolean {
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  const args = ['-o', 'ppid=,pgid=', '-p', String(process.pid)];
  const [parent, group] = execFileSync('ps', args, { encoding: 'utf8' }).trim().split(/\s+/).map(Number);
  return group !== process.pid && parent === 1;
}

/** `ppid`, `pgrp` and `session` of proc(5). The name of the program stands in brackets before them and may hold anything. */
function stat(process: string): readonly (number | undefined)[] {
  const text = readFileSync(`/proc/${process}/stat`, 'utf8');
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(1, 4)
    .map(Number);
}
