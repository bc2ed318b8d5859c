import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDocument, readSection, sectionNames } from '../../src/config/document.ts';
import { pythonWithBotocore } from '../support/botocore.ts';
import { makeHome } from '../support/home.ts';
import { runs } from '../support/matrix.ts';
import { locate, missing } from '../support/shells.ts';
import { startEdit } from './edit-processes.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const textOf = (path: string) => readFileSync(path, 'utf8');
const beside = (path: string) => readdirSync(dirname(path)).sort();

const tail = '\n# behind it\n[last]\nx = 1\n';

describe('many processes at once', () => {
  const names = Array.from({ length: runs(8, 50) }, (_, index) => `section-${index}`);

  /** All of them, once every one has started. */
  async function together(path: string): Promise<string[]> {
    // The writers are many. One without a lock that stands still between reading and writing would undo what they write.
    const nicer = { shell: 'exec nice -n 19 "$@"' };
    const all = names.map((name) => startEdit(name, path, undefined, nicer));
    await Promise.all(all.map(({ until }) => until('ready')));
    for (const { go } of all) go();
    return (await Promise.all(all.map(({ end }) => end))).map((said) => said.join(' '));
  }

  test('each writes a section: all are there, and nobody ever sees half a file', {
    timeout: 600_000,
  }, async () => {
    const { credentials } = makeHome({ credentials: tail });
    let looks = 0;
    let isOver = false;
    const look = async () => {
      for (; !isOver; looks += 1) {
        const text = textOf(credentials);
        expect(text.startsWith(tail)).toBe(true);
        expect(text.slice(tail.length)).toMatch(
          /^(\n\[section-\d+\]\ncount = 1\npad = x{100}1\nagain = 1\n)*$/,
        );
        await pause(5);
      }
    };
    const looking = look();
    const said = await together(credentials).finally(() => {
      isOver = true;
    });
    await looking;
    expect(new Set(said)).toEqual(new Set(['ready written']));
    expect(sectionNames(parseDocument(textOf(credentials), '')).sort()).toEqual(['last', ...names].sort());
    expect(looks).toBeGreaterThan(10);
    expect(beside(credentials)).toEqual(['credentials']);
  });

  test('and the AWS CLI and a script write in between: no section is lost', {
    timeout: 600_000,
  }, async (context) => {
    const python = pythonWithBotocore() ?? missing('botocore', context);
    if (!locate('aws')) missing('aws', context);
    const { credentials, config } = makeHome({ credentials: tail, config: '' });
    const env = { ...process.env, AWS_SHARED_CREDENTIALS_FILE: credentials, AWS_CONFIG_FILE: config };
    const run = (command: string, args: readonly string[]) =>
      new Promise<number | null>((resolve) =>
        spawn(command, args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).on('close', resolve),
      );
    const aws = async () => {
      const set = ['configure', 'set', 'aws_access_key_id', 'AKIAFOREIGN', '--profile'];
      return [await run('aws', [...set, 'aws-1']), await run('aws', [...set, 'aws-2'])];
    };
    // One after the other: of two that write in place at once, one reads what the other has half written.
    const others = async () => [await run(python, ['-c', inPlace, credentials]), ...(await aws())];
    const [said, statuses] = await Promise.all([together(credentials), others()]);
    expect([new Set(said), statuses]).toEqual([new Set(['ready written']), [0, 0, 0]]);
    const document = parseDocument(textOf(credentials), credentials);
    expect(document.fault).toBeUndefined();
    expect(sectionNames(document)).toEqual(
      expect.arrayContaining(['last', 'script', 'aws-1', 'aws-2', ...names]),
    );
    for (const name of names) expect(readSection(document, name)?.get('again')?.value).toBe('1');
    expect(readSection(document, 'script')?.get('count')?.value).toBe('100');
    expect(beside(credentials)).toEqual(['config', 'credentials']);
  });
});

/** As `aws configure set` does it, over and over: reads, changes a line, writes in place. */
const inPlace = `
import sys, time
for count in range(1, 101):
    with open(sys.argv[1]) as f:
        lines = f.readlines()
    if '[script]\\n' not in lines:
        lines += ['\\n', '[script]\\n', 'count = 0\\n']
    lines[lines.index('[script]\\n') + 1] = 'count = %d\\n' % count
    with open(sys.argv[1], 'w') as f:
        f.write(''.join(lines))
    time.sleep(0.03)
`;
