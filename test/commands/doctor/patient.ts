import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Stage } from '../../support/stage.ts';
import { fakeTerminal, type Run, type Setting } from '../../support/world.ts';

/** Somebody who lacks nothing: the shell function is loaded, the program on PATH, the files are closed to others. */
export function healthy({ home, sts }: Stage): Setting & { readonly env: Record<string, string> } {
  const program = home.write('bin/awsmfa', '#!/bin/sh\necho 1.2.3\n');
  chmodSync(program, 0o755);
  chmodSync(home.credentials, 0o600);
  chmodSync(home.config, 0o600);
  chmodSync(dirname(home.config), 0o700);
  return {
    terminal: fakeTerminal(),
    env: {
      PATH: `${join(home.path, 'bin')}:/usr/bin:/bin`,
      AWS_PROFILE: 'work',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL_IAM: sts.url,
      AWSMFA_INTEGRATION: 'bash:1.2.3:/opt/awsmfa/shell/awsmfa.bash',
    },
  };
}

/** The report, without what differs from one machine and one moment to the next. */
export function report({ stdout }: Run, { home, sts }: Stage): string[] {
  return stdout
    .replaceAll(home.path, 'HOME')
    .replaceAll(sts.url, 'http://STS')
    .replace(/in \d+ ms/, 'in N ms')
    .replace(/Node [\d.]+ on .*/, 'Node N on MACHINE')
    .split('\n')
    .slice(0, -1);
}

/** The lines of one check. */
export function linesOf(check: string, lines: readonly string[]): string[] {
  const from = lines.findIndex((line) => line.slice(9, 20).trim() === check);
  const to = lines.findIndex(
    (line, index) => index > from && !/^ {22}/.test(line) && line.slice(9, 20).trim() !== check,
  );
  return from < 0 ? [] : lines.slice(from, to);
}
