import { readFileSync } from 'node:fs';

/** How this process calls itself to those who wait for it: `awsmfa use (process 4711, on pts/3)`. */
export function introduction(command: string): string {
  const terminal = controllingTerminal();
  return `awsmfa ${command} (process ${process.pid}${terminal ? `, on ${terminal}` : ''})`;
}

/** Its name below `/dev`, also where stdin, stdout and stderr are all pipes; undefined for none. */
function controllingTerminal(): string | undefined {
  try {
    if (process.platform === 'linux') return nameOf(ownDeviceNumber());
    if (process.platform === 'win32') return undefined;
    const { execFileSync } = process.getBuiltinModule('node:child_process');
    const name = execFileSync('ps', ['-o', 'tty=', '-p', String(process.pid)], { encoding: 'utf8' }).trim();
    return /^[\w/]+$/.test(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

/** `tty_nr` of proc(5). The name of the program stands in brackets before it and may hold anything. */
function ownDeviceNumber(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[4]);
}

/** Majors of the kernel's devices.txt: 136 to 143 are pseudo-terminals, 256 each; below 64, 4 is a console. */
function nameOf(device: number): string | undefined {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${(major - 136) * 256 + minor}`;
  return major === 4 && minor < 64 ? `tty${minor}` : undefined;
}
