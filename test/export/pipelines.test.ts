import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { nushell } from '../../src/export/dialects/nushell.ts';
import { powershell } from '../../src/export/dialects/powershell.ts';
import type { Change } from '../../src/export/environment.ts';
import { hostileText } from '../support/attacks.ts';
import { collect, needs } from '../support/shells.ts';

// PowerShell and nushell take code by a pipeline of their own. Each test starts one shell.

// PowerShell takes seconds to start, and many on a machine that is busy.
vi.setConfig({ testTimeout: 120_000 });

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'awsmfa-pipeline-')));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const values = fc.sample(hostileText, { numRuns: 1000, seed: 12 });

/** Sets each value, takes away every tenth again, and one that was there before. */
const change: Change = [
  ...values.map((value, index) => ({ set: `V${index}`, value })),
  { unset: values.flatMap((_, index) => (index % 10 === 0 ? [`V${index}`] : [])) },
  { unset: ['BEFORE', 'NEVER_THERE'] },
];

const expected = Object.fromEntries(
  values.flatMap((value, index) => (index % 10 === 0 ? [] : [[`V${index}`, value] as const])),
);

/** What a child of the shell sees, exactly. */
const snap = "'/usr/bin/env -0 >snap'";

test('PowerShell: 1,000 hostile values, read in every way', (context) =>
  needs('pwsh', async () => {
    const ways = [
      'RAW | Invoke-Expression',
      'RAW | Out-String | Invoke-Expression',
      '. ./FILE.ps1',
      '[Console]::OutputEncoding = [Text.Encoding]::GetEncoding(1252); RAW | Invoke-Expression',
      '[Console]::OutputEncoding = [Text.Encoding]::GetEncoding(932); RAW | Invoke-Expression',
    ];
    const lines = powershell.render(change).split(/(?<=\n)/);
    const script = ways.map((way, index) => {
      const from = (index * lines.length) / ways.length;
      const code = lines.slice(from, from + lines.length / ways.length).join('');
      expect(code).toMatch(/^[\n\x20-\x7e]*$/);
      for (const name of [`${index}`, `${index}.ps1`]) writeFileSync(join(directory, name), code);
      return way.replace('RAW', `/bin/cat ${index}`).replace('FILE', `${index}`);
    });
    const strict = ['Set-StrictMode -Version Latest', "$ErrorActionPreference = 'Stop'"];
    writeFileSync(join(directory, 'run.ps1'), [...strict, ...script, `/bin/sh -c ${snap}`].join('\n'));
    const before = readdirSync(directory);
    expect(await run('pwsh', ['-NoProfile', '-NonInteractive', '-File', 'run.ps1'])).toEqual(expected);
    expect(readdirSync(directory).sort()).toEqual([...before, 'snap'].sort());
  })(context));

test('nushell: 1,000 hostile values', (context) =>
  needs('nu', async () => {
    writeFileSync(join(directory, 'code'), nushell.render(change));
    const read = `^cat code | from json | load-env; ^sh -c ${snap}`;
    writeFileSync(join(directory, 'run.nu'), read);
    expect(await run('nu', ['--no-config-file', 'run.nu'])).toEqual(expected);
    expect(readdirSync(directory).sort()).toEqual(['code', 'run.nu', 'snap']);
  })(context));

/** The variables that the script's last command saw. */
async function run(command: string, args: readonly string[]): Promise<Record<string, string>> {
  const { PATH = '' } = process.env;
  const env = { PATH, HOME: directory, LANG: 'C.UTF-8', BEFORE: 'set before', ...quiet };
  const { stdout, stderr, status } = await collect(command, args, { env, cwd: directory, timeout: 100_000 });
  expect({ stdout, stderr, status }).toEqual({ stdout: '', stderr: '', status: 0 });
  const pairs = readFileSync(join(directory, 'snap'), 'utf8').split('\0');
  return Object.fromEntries(
    pairs.flatMap((pair) => {
      const [, name, value] = /^(V\d+|BEFORE|NEVER_THERE)=(.*)$/s.exec(pair) ?? [];
      return name ? [[name, value ?? '']] : [];
    }),
  );
}

/** .NET keeps caches in the home otherwise, beside what an attack would leave. */
const quiet = {
  DOTNET_CLI_HOME: tmpdir(),
  POWERSHELL_TELEMETRY_OPTOUT: '1',
  POWERSHELL_UPDATECHECK: 'Off',
  XDG_CACHE_HOME: join(tmpdir(), 'awsmfa-pwsh-cache'),
  XDG_DATA_HOME: join(tmpdir(), 'awsmfa-pwsh-data'),
  XDG_CONFIG_HOME: join(tmpdir(), 'awsmfa-pwsh-config'),
};
