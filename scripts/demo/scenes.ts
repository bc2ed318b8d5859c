import { readFileSync } from 'node:fs';
import { prod, work } from './accounts.ts';
import { same, told } from './claims.ts';
import { type Step, typeInto } from './session.ts';
import { found, integrated, type Shell, sh } from './shells.ts';
import { code, prove, type Stage, sessionsIssued, succeeded } from './stage.ts';

/** Two accounts, and shells full of yesterday. */
export function setting({ page, yesterday, home }: Stage): void {
  page.heading('awsmfa: one MFA code, and this shell holds a session');
  page.say(
    'Nothing of this leaves your machine. It uses a local STS that checks signatures and codes as AWS does, a home ' +
      'directory that is removed at the end, and your own shells.',
  );
  page.heading('Two accounts');
  page.say('Ada has long-term keys for two accounts. Each has an MFA device of its own.');
  page.typed('cat ~/.aws/config');
  page.answer(readFileSync(`${home.env.HOME}/.aws/config`, 'utf8').trim());
  page.say('It is morning. Every shell below still exports the session of yesterday:');
  page.answer(
    Object.entries(yesterday)
      .map(([name, value]) => `${name}=${short(value)}`)
      .join('\n'),
  );
  page.proved('STS refuses that token: ExpiredToken');
}

/** `awsmfa env` in a plain shell: one code for each account. */
export async function oneCode(stage: Stage): Promise<void> {
  const { page, yesterday } = stage;
  page.heading('One code');
  page.say(
    'Ada looks at her authenticator app for work. On a terminal awsmfa asks for the six digits. Nobody types ' +
      'here, so they are on the command line.',
  );
  const [env, evaluated, login] = await type(stage, sh, [
    `awsmfa env work --token-code ${code(stage, work)}`,
    'eval "$(awsmfa env work)"',
    `awsmfa login prod --token-code ${code(stage, prod)}`,
  ]);
  show(stage, env);
  succeeded(env);
  same(env.env.AWS_SESSION_TOKEN, yesterday.AWS_SESSION_TOKEN, `AWS_SESSION_TOKEN after \`${env.line}\``);
  page.say(
    'That is shell code, and nothing has changed yet. (Long values are cut short here, not by awsmfa.) eval applies ' +
      'it, and asks for no code: the session is remembered.',
  );
  show(stage, evaluated);
  await prove(stage, 'sh', evaluated, work);
  told(env.output.includes(`='${evaluated.env.AWS_SESSION_TOKEN}';`), 'eval should apply what was printed');
  page.say('The other account has a device of its own. Its code, once:');
  show(stage, login);
  succeeded(login);
  same(sessionsIssued(stage), 2, 'the number of sessions asked from STS for two codes');
}

/** A day in one shell with the integration: use, switch, stay, clear. No code, no call to STS. */
export async function day(stage: Stage, shell: Shell): Promise<void> {
  const { page } = stage;
  const before = { issued: sessionsIssued(stage), started: stage.home.started() };
  const [source, use, profile, bare, again, clear] = await type(stage, shell, [
    `source ${shell.integration}`,
    'awsmfa use work',
    shell.exports('AWS_PROFILE', 'prod'),
    'awsmfa',
    'awsmfa',
    'awsmfa clear',
  ]);
  page.heading(`A day in ${shell.name}`);
  show(stage, source);
  same(source.started, before.started, `starts of awsmfa by the time ${shell.name} has read its integration`);
  show(stage, use);
  await prove(stage, shell.name, use, work);
  page.say('Switch to the other account:');
  show(stage, profile);
  show(stage, bare);
  await prove(stage, shell.name, bare, prod);
  show(stage, again);
  startedNothing(stage, shell, bare, again);
  show(stage, clear);
  cleared(stage, shell, clear);
  same(sessionsIssued(stage), before.issued, `the number of sessions asked from STS after ${shell.name}`);
  page.proved('All of that took no code and no call to STS for a session');
}

/** Nothing remembered, an expired token in the shell, a new code: what breaks a plain `aws sts get-session-token`. */
export async function nextMorning(stage: Stage, shell: Shell): Promise<void> {
  const { page } = stage;
  page.heading('The next morning');
  page.say(
    `The sessions have ended and are forgotten. This ${shell.name} still exports an expired token, which STS refuses. ` +
      'awsmfa never sends it.',
  );
  const given = `--token-code ${code(stage, work)}`;
  const lines = shell.integration
    ? [`source ${shell.integration}`, 'awsmfa logout --all', `awsmfa use work ${given}`]
    : ['awsmfa logout --all', `eval "$(awsmfa env work ${given})"`];
  const steps = await type(stage, shell, lines);
  for (const step of steps) show(stage, step);
  await prove(stage, shell.name, steps.at(-1) as Step, work);
  same(sessionsIssued(stage), 3, 'the number of sessions asked from STS for three codes');
}

/** The installed shells; those that are missing are named. */
export function audience({ page }: Stage): readonly Shell[] {
  const there = integrated.filter(({ name }) => found(name).length > 0);
  const missing = integrated.filter((shell) => !there.includes(shell)).map(({ name }) => name);
  if (missing.length > 0) page.say(`Not installed here, and left out: ${missing.join(', ')}.`);
  return there;
}

async function type<const Lines extends readonly string[]>(
  { home, project, yesterday }: Stage,
  shell: Shell,
  lines: Lines,
) {
  const steps = await typeInto(shell, lines, { home, cwd: project, exported: yesterday });
  return steps as { readonly [Index in keyof Lines]: Step };
}

function show({ page }: Stage, { line, output }: Step): void {
  page.typed(line);
  if (output) page.answer(output.replace(/(?<==')[^']+(?=')/g, short));
}

function startedNothing({ page }: Stage, shell: Shell, before: Step, after: Step): void {
  const where = `${shell.name} after the second \`awsmfa\``;
  succeeded(after, where);
  same(after.started, before.started, `starts of the program awsmfa in ${where}`);
  same(after.env.AWS_SESSION_TOKEN, before.env.AWS_SESSION_TOKEN, `AWS_SESSION_TOKEN in ${where}`);
  page.proved('There is time left: the function has not even started the program');
}

function cleared({ page }: Stage, shell: Shell, step: Step): void {
  const { env, line } = step;
  const where = `${shell.name} after \`${line}\``;
  succeeded(step, where);
  const left = Object.keys(env).filter((name) => name.startsWith('AWS') && env[name] && !kept.has(name));
  same(left.join(' '), '', `what is left in ${where}`);
  same(env.AWS_PROFILE, 'prod', `AWS_PROFILE in ${where}`);
  page.proved(`This ${shell.name} holds no session any more, and has its AWS_PROFILE=prod back`);
}

/** Not of a session: the profile that Ada chose, and where the demo's STS is. */
const kept = new Set(['AWS_PROFILE', 'AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL_IAM']);

function short(value: string): string {
  return value.length > 48 ? `${value.slice(0, 40)}…` : value;
}
