import { expect, test } from 'vitest';
import { alice } from '../../tools/local-sts/sample.ts';
import { keysSection, makeHome } from '../support/home.ts';
import { files, stage } from '../support/stage.ts';
import { foreignNamespace, type Refused, refusals } from './answers.ts';

const at = stage();

/** `ops` has no device, so that its keys call AssumeRole themselves. */
function homeWithRole() {
  const config = `${files.config}[profile ops]\nrole_arn = arn:aws:iam::123456789012:role/ops\nsource_profile = keys\n`;
  return makeHome({ config, credentials: `${files.credentials}\n${keysSection('keys', alice)}` });
}

/** Exit status, code word, and the two lines; the port changes with every run and is left out. */
async function told({ of, status, body, contentType }: Refused): Promise<string> {
  const [profile, action] = of === 'role' ? ['ops', 'AssumeRole'] : ['work', 'GetSessionToken'];
  const answer = { status, body, headers: { 'content-type': contentType } };
  // Of every call: a second look finds no more than the first.
  at.sts.fault({ answer }, { times: Number.POSITIVE_INFINITY });
  // A role is called for without a code, and what may pass is tried again.
  const setting = { home: homeWithRole(), env: { AWS_MAX_ATTEMPTS: '1', AWSMFA_TOKEN_CODE: at.code() } };
  const { exit, stderr } = await at.run(['env', profile], setting);
  expect(at.calls().filter((call) => call.action === action)).toHaveLength(1);
  const json = await at.run(['env', profile, '--json'], { ...setting, home: homeWithRole() });
  const { error } = JSON.parse(json.stderr.at(-1) ?? '');
  expect(stderr).toEqual([`awsmfa: ${error.message}`, `  ${error.hint}`]);
  return [`${exit} ${error.code}`, ...stderr].join('\n').replaceAll(at.sts.url, 'STS-URL');
}

test.for(refusals)('$id: one call, and a sentence', async (refused) => {
  expect(await told(refused)).toMatchSnapshot();
});

test('a namespace that is not that of STS hides nothing', async () => {
  expect(await told(foreignNamespace)).toMatch(/^5 unknown-key\n/);
});

test.for([
  ['20m behind', 20 * 60_000],
  ['1h5m ahead', -65 * 60_000],
] as const)('a clock that is %s is measured', async ([off, clockOffsetMs]) => {
  at.sts.fault({ clockOffsetMs });
  const { exit, stderr } = await at.runWithCode(['env', 'work', '--json']);
  const { error } = JSON.parse(stderr[0] ?? '');
  expect([exit, error.code]).toEqual([5, 'clock-off']);
  expect(error.message).toContain(`This clock is ${off}`);
});

test('a clock that is off by less than AWS minds explains a wrong code', async () => {
  at.sts.fault({ clockOffsetMs: 3 * 60_000 });
  const { stderr } = await at.runWithCode(['env', 'work', '--json']);
  const { error } = JSON.parse(stderr[0] ?? '');
  expect(error.code).toBe('wrong-code');
  expect(error.message).toContain('this clock is 3m behind');
});

test('a code that AWS repeats in its refusal is not repeated here', async () => {
  const { body, ...rest } = refusals.find(({ id }) => id === 'token-short') as Refused;
  const code = at.code();
  at.sts.fault({ answer: { ...rest, body: body.replace('Value at', `Value '${code}' at`) } });
  const { exit } = await at.run(['env', 'work'], { env: { AWSMFA_TOKEN_CODE: code } });
  expect(exit).toBe(5);
});

test('a text of AWS that a terminal would obey, or that never ends, is made fit to read', async () => {
  const text = `\u009b31m red ${'x'.repeat(5000)}`;
  const { body, ...rest } = refusals.find(({ id }) => id === 'session-creds') as Refused;
  at.sts.fault({ answer: { ...rest, body: body.replace('Cannot call', `${text} Cannot call`) } });
  const { stderr } = await at.runWithCode(['env', 'work']);
  expect(stderr[0]).toMatch(/^awsmfa: AWS refused .*AccessDenied: \?31m red x{200,}…$/);
  expect(stderr[0]?.length).toBeLessThan(400);
});
