import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { locate } from './shells.ts';

/** A store that tests can use, with the environment in which its programs find it. */
export interface StoreStage {
  readonly env: Readonly<Record<string, string>>;
  /** Locks it: from now on it gives nothing without a question, and nobody answers. */
  lock(): Promise<void>;
  remove(): void;
}

/** Short, because gpg-agent and D-Bus make sockets in it, whose paths may have 108 characters. */
function directory(): string {
  return mkdtempSync(join(tmpdir(), 'ks-'));
}

/** A real `pass` with a real gpg key; the key is that of all tests of a file. */
export function passStage(): StoreStage {
  const root = directory();
  gpg ??= makeGpg();
  const env = { ...gpg.env, HOME: root, PASSWORD_STORE_DIR: join(root, 'store') };
  if (gpg.isLocked) gpg.unlock();
  gpg.isLocked = false;
  execFileSync('pass', ['init', person], { env, stdio: 'pipe' });
  return {
    env,
    lock: async () => {
      if (gpg) gpg.isLocked = true;
      execFileSync('gpg-connect-agent', ['reloadagent', '/bye'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

const person = 'tests@example.com';
let gpg: ReturnType<typeof makeGpg> | undefined;

function makeGpg() {
  const root = directory();
  const env = { PATH: process.env.PATH ?? '', GNUPGHOME: root };
  writeFileSync(join(root, 'gpg-agent.conf'), 'pinentry-program /bin/false\ns2k-count 65536\n');
  const run = (...args: string[]) => execFileSync('gpg', ['--batch', ...args], { env, stdio: 'pipe' });
  // Elliptic curves: RSA keys take seconds to make.
  run('--passphrase', 'old', '--quick-generate-key', `tests <${person}>`, 'future-default');
  const encrypted = run('--encrypt', '--recipient', person, '--output', '-', '/dev/null');
  return {
    env,
    isLocked: true,
    /** gpg-agent remembers the passphrase from now on, until it is told to forget it. */
    unlock: () => {
      const how = ['--batch', '--pinentry-mode', 'loopback', '--passphrase', 'old', '--decrypt'];
      execFileSync('gpg', how, { env, input: encrypted, stdio: 'pipe' });
    },
    remove: () => {
      execFileSync('gpgconf', ['--kill', 'gpg-agent'], { env });
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** After the last test of a file (`process.ts`). */
export function removeGpg(): void {
  gpg?.remove();
  gpg = undefined;
}

/** A real `secret-tool` with a real GNOME Keyring, on a D-Bus of its own. */
export async function secretServiceStage(): Promise<StoreStage> {
  const root = directory();
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: root,
    XDG_DATA_HOME: join(root, 'data'),
    XDG_RUNTIME_DIR: join(root, 'run'),
  };
  mkdirSync(join(root, 'data'));
  mkdirSync(join(root, 'run'), { mode: 0o700 });
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], { env, stdio: 'pipe' });
  env.DBUS_SESSION_BUS_ADDRESS = await firstLine(bus);
  // In the background: it returns when the key ring is open. D-Bus would start another one before that.
  execFileSync('gnome-keyring-daemon', ['--unlock', '--components=secrets'], {
    env,
    input: 'a password',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const call = (...args: string[]) =>
    execFileSync('dbus-send', ['--session', '--print-reply', '--dest=org.freedesktop.secrets', ...args], {
      env,
      stdio: 'pipe',
    }).toString();
  const path = '/org/freedesktop/secrets';
  return {
    env,
    lock: async () => {
      call(path, 'org.freedesktop.Secret.Service.Lock', `array:objpath:${path}/collection/login`);
    },
    remove: () => {
      // The key ring ends with its bus.
      bus.kill();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of stdout ?? []) {
    text += String(chunk);
    if (text.includes('\n')) break;
  }
  return text.slice(0, text.indexOf('\n'));
}

/** A stand-in for a program that this machine cannot have, as strict as the real one, and what it was called with. */
export interface StandIn extends StoreStage {
  /** The argv of every call, without the program. */
  calls(): readonly (readonly string[])[];
  /** The entries it keeps, by name. */
  entries(): Record<string, string>;
  put(name: string, value: string): void;
}

/** @param kind the file below `test/support/stand-ins` that plays the program */
export function standIn(program: 'security' | 'op' | 'powershell.exe'): StandIn {
  const root = directory();
  const bin = join(root, 'bin');
  mkdirSync(bin);
  const script = new URL(`./stand-ins/${program.replace('.exe', '')}.cjs`, import.meta.url).pathname;
  writeFileSync(join(bin, program), `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`);
  chmodSync(join(bin, program), 0o755);
  const [data, log] = [join(root, 'entries.json'), join(root, 'calls')];
  writeFileSync(data, '{}');
  writeFileSync(log, '');
  const entries = () => JSON.parse(readFileSync(data, 'utf8')) as Record<string, string>;
  return {
    env: {
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      HOME: root,
      STAND_IN_DATA: data,
      STAND_IN_LOG: log,
      STAND_IN_LOCK: join(root, 'locked'),
      STAND_IN_PWSH: locate('pwsh') ?? '',
    },
    calls: () =>
      readFileSync(log, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    entries,
    put: (name, value) => writeFileSync(data, JSON.stringify({ ...entries(), [name]: value })),
    lock: async () => writeFileSync(join(root, 'locked'), ''),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
