import { closeSync, fstatSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Exit, orUndefined } from './errors.ts';
import { main } from './main.ts';
import { ancestors, isBackground } from './system/processes.ts';
import type { Terminal, World } from './world.ts';

const onWindows = process.platform === 'win32';

/** Removed from the environment at once, so that no program that awsmfa starts answers it. */
const { AWSMFA_QUESTION: question } = process.env;
delete process.env.AWSMFA_QUESTION;

/** The process boundary: the real world goes in, stdout and the exit status come out. */
const world: World = {
  argv: process.argv.slice(2),
  env: process.env,
  question,
  home: home(),
  platform: process.platform,
  now: Date.now,
  say: (line) => writeAll(2, `${line}\n`),
  stdoutIsTerminal: () => isTerminal(1),
  stderrIsTerminal: () => isTerminal(2),
  readStdin,
  ancestors,
  openTerminal,
  shellDirectory: join(__dirname, '..', 'shell'),
};

main(world).then(async ({ stdout, exit, after, givenUp }) => {
  const error = writeAll(1, stdout);
  // EPIPE: the reader has ended, because it has what it needs.
  const isLost = error !== undefined && error.code !== 'EPIPE';
  if (isLost) world.say(`awsmfa: The output cannot be written: ${error.message.replace(/,.*/, '')}`);
  process.exitCode = isLost ? exit || Exit.failed : exit;
  if (givenUp?.bySignal && !onWindows) process.kill(process.pid, 'SIGINT');
  // A server is running already, or a call whose result is not needed any more.
  if ((after && isLost) || givenUp) process.exit();
  if (after) {
    letGoOfStdout();
    process.exitCode = await after();
  }
  // End by the signal: Node would abort when it cannot restore a terminal that is gone.
  if (process.exitCode === 129 && !onWindows) process.kill(process.pid, 'SIGHUP');
});

/**
 * At its end Node sets the modes of the terminal as they were at its start, also in the background (`ResetStdio` in node.cc): a
 * command in the foreground would lose its echo. Node passes over a descriptor that is closed. Without `/proc` the check
 * starts `ps`, which a cached session must not wait for.
 */
process.on('exit', () => {
  const isCheap = process.platform === 'linux' || process.uptime() > 1;
  if (isCheap && isBackground()) for (const descriptor of [0, 1, 2]) orUndefined(() => closeSync(descriptor));
});

/** Closes stdout, so that `$(…)` does not wait for awsmfa to end. The null device takes its number, or a socket would. */
function letGoOfStdout(): void {
  closeSync(1);
  openSync(process.getBuiltinModule('node:os').devNull, 'w');
}

function home(): string | undefined {
  const { HOME } = process.env;
  // Git Bash sets HOME for its own programs, with a path of its own kind.
  if (HOME && !onWindows) return HOME;
  return orUndefined(() => process.getBuiltinModule('node:os').homedir() || undefined);
}

/** Writes all of it, also into a pipe that is full for a moment. Returns the error if it cannot. */
function writeAll(descriptor: 1 | 2, text: string): NodeJS.ErrnoException | undefined {
  // To a Windows console bytes are of its code page; Node's own stream writes characters.
  if (onWindows && isTerminal(descriptor)) {
    (descriptor === 1 ? process.stdout : process.stderr).write(text);
    return undefined;
  }
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return error as NodeJS.ErrnoException;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
  return undefined;
}

function readStdin(): string {
  const parts: Buffer[] = [];
  for (let length = 0; length < 65_536; ) {
    const part = Buffer.alloc(4096);
    let read = 0;
    try {
      read = readSync(0, part);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EAGAIN') break;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      continue;
    }
    // A code ends with its line, so that a user who types it need not press Ctrl-D.
    if (read === 0) break;
    parts.push(part.subarray(0, read));
    length += read;
    if (part.subarray(0, read).includes(10)) break;
  }
  return Buffer.concat(parts).toString('utf8');
}

/**
 * The controlling terminal, for questions even when stdin and stdout are pipes. Undefined where there is none, and for a
 * process in the background: the kernel would stop it as soon as it reads, or changes the terminal's modes.
 */
function openTerminal(): Terminal | undefined {
  if (isBackground()) return undefined;
  return orUndefined(() => {
    const { ReadStream, WriteStream } = process.getBuiltinModule('node:tty');
    // Node sets the mode of a Windows console only through handles that may read and write.
    const [from, to] = onWindows ? ['\\\\.\\CONIN$', '\\\\.\\CONOUT$'] : ['/dev/tty', '/dev/tty'];
    const input = new ReadStream(openSync(from, onWindows ? 'r+' : 'r'));
    const output = new WriteStream(openSync(to, onWindows ? 'r+' : 'w'));
    const setRawMode = input.setRawMode.bind(input);
    // The process may be in the background by now. Then the shell has already put the modes right.
    input.setRawMode = (on) => (isBackground() ? input : setRawMode(on));
    return {
      input,
      output,
      close: () => {
        input.destroy();
        output.destroy();
      },
    };
  });
}

/** The kernel is asked first: loading `node:tty` costs 2 ms, and most often it is a pipe, or the null device. */
function isTerminal(descriptor: number): boolean {
  const stat = orUndefined(() => fstatSync(descriptor));
  if (!stat?.isCharacterDevice()) return false;
  if (!onWindows && stat.rdev === statSync('/dev/null', { throwIfNoEntry: false })?.rdev) return false;
  return process.getBuiltinModule('node:tty').isatty(descriptor);
}
