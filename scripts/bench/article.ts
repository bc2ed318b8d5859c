import { realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { work } from '../demo/accounts.ts';
import { found, quote } from '../demo/shells.ts';
import type { Chapter, Ground } from './chapter.ts';
import { shown } from './figures.ts';
import { fresh } from './homes.ts';
import { finish, type Subject } from './measure.ts';
import { withCore } from './shells.ts';
import { told } from './table.ts';

/** Seconds each: a handful is enough. */
const times = 7;

/**
 * The way without awsmfa, beside it: a function for zsh that many people have in some form, which calls the AWS CLI
 * and takes its answer apart with three `jq`. Both in a zsh of their own, both with a new code.
 */
export async function article(ground: Ground): Promise<Chapter> {
  const [zsh] = found('zsh');
  const [jq] = found('jq');
  const aws = await quickest(found('aws'), ground);
  const missing = Object.entries({ zsh, jq, aws }).flatMap(([name, path]) =>
    path === undefined ? [name] : [],
  );
  if (!zsh || !jq || !aws) {
    const note = `The zsh function with the AWS CLI and jq is left out: ${missing.join(', ')} not installed.`;
    return { subjects: [], rows: () => [], note };
  }
  const subjects = [byFunction(zsh, aws.path, ground), byAwsmfa(zsh, ground)];
  return {
    subjects,
    rows: (of) => {
      const [theirs, ours] = [of('function'), of('awsmfa')];
      return [
        told('in zsh, new code: AWS CLI and three jq', `${theirs.median.toFixed(0)} ms`, shown(theirs)),
        told('in zsh, new code: awsmfa use', `${ours.median.toFixed(0)} ms`, shown(ours)),
      ];
    },
    note: `The zsh function was measured with ${aws.version}.`,
  };
}

function byFunction(zsh: string, aws: string, { root, sts, few }: Ground): Subject {
  const script = join(root, 'function.zsh');
  writeFileSync(script, zshFunction);
  return {
    name: 'function',
    times,
    run: () => {
      const { AWSMFA_TOKEN_CODE = '', ...rest } = fresh(root, few, sts);
      const env = { ...rest, AWS_PROFILE: work.profile, PATH: `${dirname(aws)}:${rest.PATH}` };
      return { command: zsh, args: ['-f', script, work.serial, AWSMFA_TOKEN_CODE], env };
    },
    check: hasToken,
  };
}

function byAwsmfa(zsh: string, { root, project, core, sts, few }: Ground): Subject {
  const script = join(root, 'awsmfa.zsh');
  writeFileSync(
    script,
    `source ${quote(join(project, 'shell', 'awsmfa.zsh'))}
awsmfa use ${work.profile} || exit
print -r -- "AWS_SESSION_TOKEN=$AWS_SESSION_TOKEN"
`,
  );
  const bin = withCore(root, core);
  return {
    name: 'awsmfa',
    times,
    run: () => {
      const env = fresh(root, few, sts);
      return { command: zsh, args: ['-f', script], env: { ...env, PATH: `${bin}:${env.PATH}` } };
    },
    check: hasToken,
  };
}

/** Of several on PATH the quickest: a version manager's shim alone costs more than all of awsmfa. */
async function quickest(
  candidates: readonly string[],
  { few }: Ground,
): Promise<{ path: string; version: string } | undefined> {
  let best: { path: string; version: string; took: number } | undefined;
  const different = [...new Map(candidates.map((path) => [realpathSync(path), path])).values()];
  // Twice each, since the first run reads from the disk.
  for (const path of [...different, ...different]) {
    const { status, stdout, took } = await finish({ command: path, args: ['--version'], env: few });
    const version = stdout.trim().split(' ')[0] ?? '';
    if (status === 0 && version.startsWith('aws-cli/') && took < (best?.took ?? Number.POSITIVE_INFINITY)) {
      best = { path, version, took };
    }
  }
  return best;
}

function hasToken(stdout: string): void {
  if (!/^AWS_SESSION_TOKEN=\S{100,}$/m.test(stdout))
    throw new Error(`no session in zsh: ${stdout.slice(0, 80)}`);
}

/** As people have it in ~/.zshrc, but for its two questions: serial number and code are arguments here. */
const zshFunction = `
function set-aws-sts-session-token {
  unset AWS_ACCESS_KEY_ID
  unset AWS_SECRET_ACCESS_KEY
  unset AWS_SESSION_TOKEN

  OUTPUT=\`aws sts get-session-token --endpoint-url $AWS_ENDPOINT_URL_STS \\
    --serial-number $1 \\
    --token-code $2\`

  AWS_ACCESS_KEY_ID=\`echo $OUTPUT | jq -r .Credentials.AccessKeyId\`
  AWS_SECRET_ACCESS_KEY=\`echo $OUTPUT | jq -r .Credentials.SecretAccessKey\`
  AWS_SESSION_TOKEN=\`echo $OUTPUT | jq -r .Credentials.SessionToken\`

  export AWS_ACCESS_KEY_ID=$AWS_ACCESS_KEY_ID
  export AWS_SECRET_ACCESS_KEY=$AWS_SECRET_ACCESS_KEY
  export AWS_SESSION_TOKEN=$AWS_SESSION_TOKEN

  echo AWS_SESSION_TOKEN=$AWS_SESSION_TOKEN
}
set-aws-sts-session-token $1 $2
`;
