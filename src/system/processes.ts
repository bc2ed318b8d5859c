import { readdirSync, readFileSync } from 'node:fs';
import { orUndefined } from '../errors.ts';
import { systemProgram, windowsParent } from './windows.ts';

/** A process, as the system describes it. */
export interface ProcessInfo {
  readonly pid: number;
  /** The name of the program, at most 15 bytes on Linux. */
  readonly name: string;
  readonly parent: number;
  /** One letter: `T` for a process that was stopped (Ctrl-Z), `Z` for one that has ended. */
  readonly state: string;
  /** The process group. */
  readonly group: number;
  /** The process group in the foreground of the terminal; -1 without a terminal. */
  readonly foreground: number;
  /** The controlling terminal below `/dev`, also where stdin, stdout and stderr are pipes; undefined for none. */
  readonly terminal: string | undefined;
  /** Known on Linux only. */
  readonly session: number | undefined;
}

/** From `/proc` on Linux, elsewhere from `ps`, which POSIX requires. Undefined on Windows, and for a process that is not there. */
function readProcess(pid: number): ProcessInfo | undefined {
  if (process.platform === 'linux') return fromProc(pid);
  return process.platform === 'win32' ? undefined : fromPs(['-p', String(pid)])[0];
}

/**
 * The names of the ancestors of this process, nearest first; at most eight, which is enough for any wrapper. On Windows
 * only the parent.
 */
export function* ancestors(): Iterable<string> {
  if (process.platform === 'win32') {
    const parent = windowsParent(process.env);
    if (parent !== undefined) yield parent;
    return;
  }
  let pid = process.ppid;
  for (let level = 0; level < 8 && pid > 1; level++) {
    const parent = readProcess(pid);
    if (!parent) return;
    yield parent.name;
    pid = parent.parent;
  }
}

/** The controlling terminal of this process below `/dev`, e.g. `pts/3`. */
export function ownTerminal(): string | undefined {
  return readProcess(process.pid)?.terminal;
}

/** Whether a process was stopped, as by Ctrl-Z. */
export function isStopped(pid: number): boolean {
  return readProcess(pid)?.state === 'T';
}

/** Whether a process exists and is neither stopped nor a zombie. */
export function isRunning(pid: number): boolean {
  const state = readProcess(pid)?.state ?? 'Z';
  return !/[TZX]/.test(state);
}

/** Whether another process group is in the foreground of this process's terminal. */
export function isBackground(): boolean {
  const own = readProcess(process.pid);
  return own !== undefined && own.foreground > 0 && own.group !== own.foreground;
}

/** Whether this process group is in the foreground of its terminal. False without a terminal, and where it is not known. */
export function isForeground(): boolean {
  if (process.platform === 'win32') return true;
  const own = readProcess(process.pid);
  return own !== undefined && own.group === own.foreground;
}

/**
 * Whether the shell that started this process in the background has ended. `eval "$(awsmfa serve &)"` leaves the process in
 * the group of an interactive shell, where every Ctrl-C at the prompt would end it. A shell makes such a program
 * ignore SIGINT (POSIX, "Asynchronous Lists"), and Node undoes that when it starts.
 */
export function isLeftAlone(): boolean {
  const own = readProcess(process.pid);
  // The leader of a group is its own job.
  if (!own || own.group === own.pid) return false;
  // An orphan's new parent belongs to another session.
  return own.session === undefined ? own.parent === 1 : readProcess(own.parent)?.session !== own.session;
}

/** Ends a process and its descendants: with SIGTERM, so that they can restore the terminal, then with SIGKILL. */
export async function endTree(pid: number, platform: string): Promise<void> {
  if (platform === 'win32') {
    await new Promise((resolve) => {
      const { execFile } = process.getBuiltinModule('node:child_process');
      execFile(
        systemProgram('taskkill.exe', process.env),
        ['/pid', String(pid), '/t', '/f'],
        { timeout: 5000 },
        resolve,
      );
    });
    return;
  }
  // Find them before the first signal: orphans get another parent.
  const tree = [pid, ...descendants(pid, readAll())];
  for (const each of tree) signal(each, 'SIGTERM');
  for (let waited = 0; waited < 500 && tree.some((each) => signal(each, 0)); waited += 25) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  for (const each of tree) signal(each, 'SIGKILL');
}

function descendants(pid: number, all: readonly ProcessInfo[]): readonly number[] {
  const children = all.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child.pid, ...descendants(child.pid, all)]);
}

function readAll(): readonly ProcessInfo[] {
  if (process.platform !== 'linux') return fromPs(['-A']);
  const names = orUndefined(() => readdirSync('/proc')) ?? [];
  return names.flatMap((name) => (/^\d+$/.test(name) ? (fromProc(Number(name)) ?? []) : []));
}

/** proc(5). The name of the program is in brackets and may contain any character. */
function fromProc(pid: number): ProcessInfo | undefined {
  const stat = orUndefined(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === undefined) return undefined;
  const end = stat.lastIndexOf(')');
  const name = stat.slice(stat.indexOf('(') + 1, end);
  const [state = '', ...fields] = stat.slice(end + 2).split(' ', 6);
  const [parent = 0, group = 0, session, device = 0, foreground = -1] = fields.map(Number);
  return { pid, name, state, parent, group, session, terminal: terminalOf(device), foreground };
}

/** Majors of the kernel's devices.txt: 136 to 143 are pseudo-terminals, 256 each; below 64, 4 is a console. */
function terminalOf(device: number): string | undefined {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  return major === 4 && minor < 64 ? `tty${minor}` : undefined;
}

function fromPs(which: readonly string[]): readonly ProcessInfo[] {
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  const args = ['-o', 'pid=,ppid=,pgid=,tpgid=,state=,tty=,comm=', ...which];
  const lines = orUndefined(() => execFileSync('ps', args, { encoding: 'utf8', timeout: 5000 })) ?? '';
  return lines.split('\n').flatMap((line) => {
    const [pid, parent, group, foreground, state = '', tty = '', ...comm] = line.trim().split(/\s+/);
    if (comm.length === 0) return [];
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      foreground: Number(foreground) || -1,
      state: state.slice(0, 1),
      terminal: /^[\w/]+$/.test(tty) ? tty : undefined,
      name: comm.join(' ').replace(/^.*\//, ''),
      session: undefined,
    };
  });
}

/** Sends a signal. Returns whether the process exists. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  return orUndefined(() => process.kill(pid, name)) ?? false;
}
