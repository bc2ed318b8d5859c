import { existsSync, readFileSync } from 'node:fs';

/** Whether a process is there and does something. */
export function isRunning(pid: string): boolean {
  // A zombie answers to a signal, and is gone for all that.
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : undefined;
  if (stat) return !/\) [ZX]/.test(stat);
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}
