import { readFileSync, statSync, utimesSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { stage } from '../support/stage.ts';
import type { Setting } from '../support/world.ts';

declare const VERSION: string;

const at = stage();
const names = 'AWS_ENDPOINT_URL_STS';

beforeEach(() => old(at.home.config, at.home.credentials));

/** Files that are about to be read have to be older than the answer. */
function old(...paths: readonly string[]): void {
  for (const path of paths) utimesSync(path, 1.7e9, 1.7e9);
}

const zsh = (words = 'use work') => `answer-zsh-x\nzsh:${VERSION}:${names}\n${words}`;
const ask = (setting: Setting = {}, args: readonly string[] = []) =>
  at.runWithCode(['use', '--shell', 'zsh', ...args, 'work'], { question: zsh(), ...setting });

/** With a session in the cache: a code in the environment is a secret, and nothing is kept. */
async function answers(setting: Setting = {}, args: readonly string[] = []): Promise<string[]> {
  expect(await ask()).toMatchObject({ exit: 0 });
  const result = await at.run(['use', '--shell', 'zsh', ...args, 'work'], { question: zsh(), ...setting });
  expect(result).toMatchObject({ exit: 0 });
  return at.home.cached('answer-');
}

test('an answer is a private file with its question and the code, and the times of the files beside it', async () => {
  const [path = ''] = await answers();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(`zsh:${VERSION}:${names}\nuse work\n${at.home.path}\n`);
  expect(text).toContain(`\\builtin [ ! -e '/opt/awsmfa/shell' ]`);
  expect(text).toMatch(/^_awsmfa_words='work: session, '\$REPLY' left \(until .*\)'$/m);
  const time = (name: string) => statSync(name, { bigint: true }).mtimeNs;
  for (const file of [at.home.config, at.home.credentials]) {
    const [, before = ''] = text.match(new RegExp(`'${file}' -nt '([^']+)'`)) ?? [];
    const [, after = ''] = text.match(new RegExp(`'${file}' -ot '([^']+)'`)) ?? [];
    expect(time(before) < time(file) && time(file) < time(after)).toBe(true);
    expect(time(after) - time(before)).toBeLessThan(10_000n);
  }
  expect(await at.run(['logout', 'work'])).toMatchObject({ exit: 0 });
  expect([...at.home.cached('answer-'), ...at.home.cached('answered-')]).toEqual([]);
});

test('the code of fish has the times in seconds, and looks for variables by itself', async () => {
  const question = `answer-fish-x\nfish:${VERSION}:\nuse\t work\t`;
  const [path = ''] = await answers({ question });
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(
    `and test "$_awsmfa_seen[2..]" = '1700000000 1700000000 AWS_ENDPOINT_URL_IAM ${names}'`,
  );
  expect(text.endsWith('\n# end\n')).toBe(true);
});

test.for<[title: string, setting: Setting, args?: readonly string[]]>([
  ['of another version', { question: `answer-zsh-x\nzsh:0.0.9:${names}\nuse work` }],
  ['of a shell that keeps none', { question: `answer-tcsh-x\ntcsh:${VERSION}:\nuse work` }],
  ['with a path for a name', { question: `answer-zsh-../x\nzsh:${VERSION}:${names}\nuse work` }],
  ['with a line break in a word', { question: zsh('use work\nx') }],
  [
    'of a shell with a variable that is not exported',
    { question: zsh().replace(names, `${names} AWS_REGION`) },
  ],
  ['with a secret in the environment', { env: { AWS_OTHER_SECRET: 'x' } }],
  ['with a line break in a variable', { env: { AWS_PAGER: 'a\nb' } }],
  ['with a variable whose name is no name', { env: { 'AWS}$(touch x)': 'x' } }],
  ['with an option for one time', {}, ['--min-ttl', '6m']],
  ['with options for one time', {}, ['--quiet', '--region', 'eu-west-1']],
])('no answer to a question %s', async ([, setting, args]) => {
  expect(await answers(setting, args)).toEqual([]);
});

test('no answer where a file is named by another variable, or from where one stands', async () => {
  const env = { X: at.home.path, AWS_CONFIG_FILE: '$X/.aws/config' };
  expect(await answers({ env })).toEqual([]);
  const here = process.cwd();
  process.chdir(dirname(at.home.config));
  try {
    expect(await answers({ env: { AWS_CONFIG_FILE: 'config' } })).toEqual([]);
  } finally {
    process.chdir(here);
  }
});

test('no answer while a file is as young as the answer, or changes meanwhile', async () => {
  await ask();
  // Not the time of now: a second may pass before the answer is begun.
  const soon = Date.now() / 1000 + 60;
  utimesSync(at.home.config, soon, soon);
  expect(await answers()).toEqual([]);
  let seconds = 1.6e9;
  const changing = () => {
    seconds += 10;
    utimesSync(at.home.credentials, seconds, seconds);
    return Date.now();
  };
  old(at.home.config);
  expect(await answers({ now: changing })).toEqual([]);
  expect(await answers()).toHaveLength(1);
});
