import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Right before the call with this number is carried out, or right after: before awsmfa hears of it. */
export interface Kill {
  readonly count: number;
  readonly when: 'before' | 'after';
}

/** A stand-in for `pass` that keeps each entry in a file. */
export interface FileStore {
  readonly env: Readonly<Record<string, string>>;
  /** The same, and the awsmfa that runs it is killed. */
  killing(kill: Kill): Readonly<Record<string, string>>;
  entries(): Record<string, string>;
  put(entries: Readonly<Record<string, string>>): void;
}

export function fileStore(home: string): FileStore {
  const [bin, directory] = [join(home, 'bin'), join(home, 'entries')];
  for (const path of [bin, directory, join(home, '.password-store')]) mkdirSync(path);
  writeFileSync(join(home, '.password-store/.gpg-id'), 'tests\n');
  writeFileSync(join(bin, 'pass'), script, { mode: 0o755 });
  const env = { PATH: `${bin}:/usr/bin:/bin`, ENTRIES: directory, COUNT: join(home, 'count') };
  return {
    env,
    killing: ({ count, when }) => {
      rmSync(env.COUNT, { force: true });
      return { ...env, KILL: `${count}-${when}` };
    },
    entries: () =>
      Object.fromEntries(
        readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
      ),
    put: (entries) => {
      rmSync(directory, { recursive: true });
      mkdirSync(directory);
      for (const [name, text] of Object.entries(entries)) writeFileSync(join(directory, name), text);
    },
  };
}

const script = `#!/bin/sh
read -r n 2>/dev/null <"$COUNT" || n=0
n=$((n + 1))
echo "$n" >"$COUNT"
[ "$KILL" = "$n-before" ] && kill -9 "$PPID" && exit 9
for word; do file=$ENTRIES/\${word#awsmfa/}; done
case $1 in
insert) cat >"$file" ;;
show) [ -e "$file" ] && cat "$file" ;;
rm) rm "$file" ;;
*) exit 64 ;;
esac
status=$?
[ "$KILL" = "$n-after" ] && kill -9 "$PPID"
exit "$status"
`;

/** Passes every call on to a server, and kills the client right before or right after one. */
export interface KillingProxy {
  readonly url: string;
  /** From now on; it counts anew. */
  kill(kill: Kill, pid: () => number): void;
  close(): void;
}

export async function killingProxy(target: () => string): Promise<KillingProxy> {
  let dies = (_kill: Kill) => false;
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    const number = ++count;
    if (dies({ count: number, when: 'before' })) return;
    const { method = 'GET', url, rawHeaders } = incoming;
    const onward = request(target() + url, { method, setHost: false });
    for (let at = 0; at < rawHeaders.length; at += 2) {
      onward.setHeader(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
    }
    onward.on('error', () => outgoing.destroy());
    onward.on('response', (answer) => {
      if (dies({ count: number, when: 'after' })) return;
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    kill: (kill, pid) => {
      count = 0;
      dies = (now) => {
        if (now.count !== kill.count || now.when !== kill.when) return false;
        process.kill(pid(), 'SIGKILL');
        return true;
      };
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The words of a program that is killed right before the system call with this number. */
export function killedAt(call: string, count: number, words: readonly string[]): readonly string[] {
  const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=SIGKILL:when=${count}`];
  return ['strace', '-f', '-qq', '-o', '/dev/null', ...inject, ...words];
}
