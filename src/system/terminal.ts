import { fstatSync, openSync, statSync } from 'node:fs';
import type { Terminal } from '../world.ts';
import { isBackground } from './processes.ts';

const onWindows = process.platform === 'win32';

/**
 * The controlling terminal, which is there for questions also when stdin and stdout are pipes. Undefined where there is none, and for a
 * process in the background: the kernel would stop it as soon as it reads, or changes the terminal's modes.
 */
export function openTerminal(): Terminal | undefined {
  if (isBackground()) return undefined;
  try {
    const { ReadStream, WriteStream } = process.getBuiltinModule('node:tty');
    // Node sets the mode of a Windows console only through handles that may read and write.
    const [from, to] = onWindows ? ['\\\\.\\CONIN$', '\\\\.\\CONOUT$'] : ['/dev/tty', '/dev/tty'];
    const input = new ReadStream(openSync(from, onWindows ? 'r+' : 'r'));
    const output = new WriteStream(openSync(to, onWindows ? 'r+' : 'w'));
    const setRawMode = input.setRawMode.bind(input);
    // It may have come into the background since: then the shell has put the modes right already.
    input.setRawMode = (on) => (isBackground() ? input : setRawMode(on));
    return {
      input,
      output,
      close: () => {
        input.destroy();
        output.destroy();
      },
    };
  } catch {
    return undefined;
  }
}

/** The kernel is asked first: loading `node:tty` costs 2 ms, and most often it is a pipe, or the null device. */
export function isTerminal(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isCharacterDevice()) return false;
    if (!onWindows && stat.rdev === statSync('/dev/null').rdev) return false;
    return process.getBuiltinModule('node:tty').isatty(descriptor);
  } catch {
    return false;
  }
}
