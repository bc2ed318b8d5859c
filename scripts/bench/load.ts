import { execFileSync, spawn } from 'node:child_process';
import { get } from 'node:http';
import { work } from '../demo/accounts.ts';
import type { Ground } from './chapter.ts';
import { limited, type Row } from './table.ts';

const perSecond = 1000;

/** `awsmfa serve` under load: how many requests it does not answer, and what its memory does meanwhile. */
export async function load({ core, few }: Ground): Promise<readonly Row[]> {
  const args = [core, 'serve', work.profile, '--format', 'json'];
  const server = spawn(process.execPath, args, { env: { ...few }, stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    let text = '';
    for await (const part of server.stdout) text += part;
    const variables = JSON.parse(text);
    const url = variables.AWS_CONTAINER_CREDENTIALS_FULL_URI;
    const token = variables.AWS_CONTAINER_AUTHORIZATION_TOKEN;
    // The first seconds compile what is run, and make the memory it is run in.
    await storm(url, token, 15);
    const before = memory(server.pid);
    const { failed, slowest } = await storm(url, token, 10);
    const after = memory(server.pid);
    const what = `awsmfa serve, ${perSecond} requests a second for 10 s`;
    return [
      limited(`${what}: not answered`, failed, 0, '', `the slowest took ${slowest.toFixed(0)} ms`),
      limited(`${what}: memory after / before`, after / before, 1.25, '×', `${after} KiB / ${before} KiB`),
    ];
  } finally {
    server.kill('SIGTERM');
  }
}

interface Storm {
  readonly failed: number;
  /** Milliseconds. */
  readonly slowest: number;
}

/** Each with a connection of its own, as ten thousand programs would ask. */
async function storm(url: string, token: string, seconds: number): Promise<Storm> {
  const asked: Promise<number | undefined>[] = [];
  const start = performance.now();
  for (let sent = 0; sent < perSecond * seconds; ) {
    const due = Math.min(perSecond * seconds, ((performance.now() - start) / 1000) * perSecond);
    for (; sent < due; sent++) asked.push(ask(url, token));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const times = await Promise.all(asked);
  const answered = times.filter((time) => time !== undefined);
  return { failed: times.length - answered.length, slowest: Math.max(...answered) };
}

/** How long the answer took in milliseconds; undefined when it was none. */
function ask(url: string, authorization: string): Promise<number | undefined> {
  const start = performance.now();
  return new Promise((resolve) => {
    const request = get(url, { headers: { authorization }, agent: false }, (response) => {
      response.resume();
      const isRight = response.statusCode === 200;
      response.on('end', () => resolve(isRight ? performance.now() - start : undefined));
    });
    request.on('error', () => resolve(undefined));
  });
}

/** What a process has in memory (RSS), in KiB. */
function memory(pid: number | undefined): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }));
}
