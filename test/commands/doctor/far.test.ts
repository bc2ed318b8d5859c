import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { Patient } from '../../../src/commands/doctor/patient.ts';
import { sts } from '../../../src/commands/doctor/sts.ts';
import { UserError } from '../../../src/errors.ts';
import { alice, bob, dave } from '../../../tools/local-sts/sample.ts';
import { limitsOfCalls } from '../../support/calls.ts';
import { keysSection } from '../../support/home.ts';
import { aliceSerial, stage } from '../../support/stage.ts';
import { healthy, linesOf, report } from './patient.ts';

const at = stage();

afterEach(() => {
  at.sts.clockOffsetMs = 0;
  for (const name of ['HTTPS_PROXY', 'HTTP_PROXY']) delete process.env[name];
});

/** What the checks that call somebody say. */
async function far(env: Record<string, string> = {}): Promise<string[]> {
  const setting = healthy(at);
  const lines = report(await at.run(['doctor'], { ...setting, env: { ...setting.env, ...env } }), at);
  return ['sts', 'keys', 'clock', 'device'].flatMap((check) => linesOf(check, lines));
}

const stsIsWell = 'ok       sts          STS (http://STS) answers in N ms, directly';
const isAlice = 'AKIA…MPLE of "work" is arn:aws:iam::123456789012:user/alice';
const notCompared = 'unknown  clock        not compared: STS was not reached';
const look = '                      Look at the network, the region and the proxy settings, then try again.';
const setClock = '                      Set the clock: turn on automatic time.';

test.for([
  [12_000, ['ok       clock        12s behind STS']],
  [-29_000, ['ok       clock        29s ahead of STS']],
  [
    45_000,
    ['warn     clock        45s behind STS: codes that a program makes here are for another time', setClock],
  ],
  [
    -400_000,
    ['broken   clock        7m ahead of STS: AWS refuses calls that are signed so far off', setClock],
  ],
] as const)('a clock that is off by %i ms', async ([offset, lines]) => {
  at.sts.clockOffsetMs = offset;
  const said = await far();
  // A second may have passed between the two clocks.
  const shown = said.map((line) =>
    line.replace(
      / (1[123]|28|29|30|44|45|46)s /,
      (_, n) => ` ${[12, 29, 45].find((near) => Math.abs(near - n) < 2)}s `,
    ),
  );
  expect(shown).toEqual([
    stsIsWell,
    `ok       keys         ${isAlice}`,
    ...lines,
    `ok       device       ${aliceSerial}, as IAM has it`,
  ]);
});

test('a clock two hours off: STS is there, and whose the keys are cannot be told', async () => {
  at.sts.clockOffsetMs = 7_200_000;
  expect(await far()).toEqual([
    stsIsWell,
    'unknown  keys         AKIA…MPLE of "work": not asked about, the clock is off',
    'broken   clock        2h behind STS: AWS refuses calls that are signed so far off',
    setClock,
    `ok       device       ${aliceSerial}`,
  ]);
});

test('nobody listens there: that is broken', async () => {
  const host = `127.0.0.1:${await closedPort()}`;
  const lines = (await far({ AWS_ENDPOINT_URL_STS: `http://${host}` })).map((line) =>
    line.replaceAll(host, 'HOST'),
  );
  expect(lines).toEqual([
    'broken   sts          STS (http://HOST) could not be reached: connection refused (ECONNREFUSED HOST)',
    look,
    'unknown  keys         AKIA…MPLE of "work": not asked about, STS was not reached',
    notCompared,
    `ok       device       ${aliceSerial}`,
  ]);
});

test('no name can be resolved, as without a network: nothing is known, and nothing broken', async () => {
  const setting = healthy(at);
  const env = { ...setting.env, AWS_ENDPOINT_URL_STS: 'http://sts.invalid' };
  const result = await at.run(['doctor'], { ...setting, env });
  expect(linesOf('sts', report(result, at))).toEqual([
    expect.stringMatching(/^unknown {2}sts {10}STS \(http:\/\/sts\.invalid\) could not be reached: /),
    look,
  ]);
  expect(result.exit).toBe(0);
});

test('a region that does not exist looks like a missing network, and is told apart', async () => {
  const error = new UserError(6, 'unreachable', 'STS could not be reached: its name is not known', 'Look.');
  const patient = (region: string) => {
    const endpoint = {
      region,
      url: undefined,
      fips: false,
      dualStack: false,
      caBundle: undefined,
      attempts: 1,
    };
    return { sts: Promise.resolve({ endpoint, error, offline: true }) } as unknown as Patient;
  };
  expect(await sts(patient('eu-wst-1'))).toEqual([
    {
      state: 'broken',
      message: 'There is no STS in "eu-wst-1", nor any region that is called so',
      hint: 'Correct AWS_REGION, or region of the profile.',
    },
  ]);
  expect(await sts(patient('eu-west-1'))).toMatchObject([{ state: 'unknown' }]);
});

test('an answer that never comes is waited for 5 seconds, and it is seen that it works', async () => {
  at.sts.fault({ slow: 120_000 });
  const limits = limitsOfCalls(1);
  const result = await at.run(['doctor'], { ...healthy(at), stderrIsTerminal: true });
  vi.restoreAllMocks();
  expect(limits).toEqual([5000]);
  expect(linesOf('sts', report(result, at))).toEqual([
    'broken   sts          STS (http://STS) could not be reached: no answer in time',
    look,
  ]);
  expect(result.stderr).toEqual(['Waiting for an answer of STS …']);
});

test('something else answers', async () => {
  at.sts.fault('html-502');
  expect((await far()).slice(0, 3)).toEqual([
    'broken   sts          What answered is not STS (http://STS): HTTP 502',
    '                      Look for a proxy, a login page of the network, or a wrong AWS_ENDPOINT_URL in between.',
    'unknown  keys         AKIA…MPLE of "work": not asked about, STS was not reached',
  ]);
  at.sts.fault('garbage');
  expect((await far())[0]).toMatch(/^broken {3}sts {10}What answered is not STS \(http:\/\/STS\): /);
});

test('an endpoint and a region that are none', async () => {
  expect((await far({ AWS_ENDPOINT_URL_STS: 'sts.local' })).slice(0, 2)).toEqual([
    'broken   sts          AWS_ENDPOINT_URL_STS: "sts.local" is not a URL',
    '                      An endpoint looks like https://sts.eu-west-1.amazonaws.com.',
  ]);
});

test('a proxy is named without its password', async () => {
  const port = await closedPort();
  process.env.HTTP_PROXY = `http://ada:hunt%40@er2@127.0.0.1:${port}`;
  const lines = await far({ AWS_ENDPOINT_URL_STS: 'http://sts.example.com' });
  expect(lines[0]?.replaceAll(String(port), 'PORT')).toBe(
    'broken   sts          STS (http://sts.example.com) could not be reached: connection refused (ECONNREFUSED 127.0.0.1:PORT); through http://…@127.0.0.1:PORT',
  );
  process.env.HTTP_PROXY = 'http://:';
  expect((await far({ AWS_ENDPOINT_URL_STS: 'http://sts.example.com' })).slice(0, 2)).toEqual([
    'broken   sts          The proxy in HTTPS_PROXY or HTTP_PROXY is not a URL',
    '                      It looks like http://proxy.example.com:3128.',
  ]);
});

test('a certificate that is not trusted, and a bundle that is not there', async () => {
  const read = (name: string) => readFileSync(new URL(`../../support/tls/${name}`, import.meta.url));
  const server = createHttpsServer({ key: read('key.pem'), cert: read('cert.pem') });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const [distrusted] = await far({ AWS_ENDPOINT_URL_STS: url });
  expect(distrusted?.replace(url, 'URL')).toBe(
    'broken   sts          STS (URL) could not be reached: its certificate is not trusted; a company proxy? Set AWS_CA_BUNDLE',
  );
  const [missing] = await far({ AWS_ENDPOINT_URL_STS: url, AWS_CA_BUNDLE: '/nowhere.pem' });
  expect(missing).toBe('broken   sts          The CA bundle /nowhere.pem cannot be read: ENOENT');
  server.close();
});

test('keys that AWS does not know, and a secret that is not theirs', async () => {
  at.home.write(
    '.aws/credentials',
    keysSection('work', alice).replace('AKIAIOSFODNN7EXAMPLE', 'AKIAGONEGONEGONEGONE'),
  );
  expect((await far()).slice(0, 3)).toEqual([
    stsIsWell,
    'broken   keys         AWS does not know the access key AKIA…GONE of profile "work" in eu-west-1: deleted, disabled, or of another partition',
    '                      Check in IAM whether the key is active, or replace it: awsmfa setup --profile work --overwrite',
  ]);
  at.home.write('.aws/credentials', keysSection('work', alice).replace('KEY\n', 'KEX\n'));
  expect((await far()).slice(1, 3)).toEqual([
    'broken   keys         The secret key of AKIA…MPLE (profile "work") does not match the one that AWS has',
    '                      Copy the pair of keys again: awsmfa setup --profile work --overwrite',
  ]);
});

test('without keys STS is asked without, and its clock is known all the same', async () => {
  at.sts.clockOffsetMs = 3_600_000;
  at.home.write('.aws/credentials', '');
  at.home.write('.aws/config', '[profile work]\ncredential_process = /bin/false\n');
  expect(await far()).toEqual([
    stsIsWell,
    'unknown  keys         those of "work" come from elsewhere, and are not fetched here',
    '                      To see whether they can be had: awsmfa login work',
    'broken   clock        1h behind STS: AWS refuses calls that are signed so far off',
    setClock,
    'ok       device       "work" does without MFA',
  ]);
  expect(at.calls()).toMatchObject([{ action: 'GetCallerIdentity', accessKeyId: undefined }]);
});

test('the device: of another account, of another user, of a kind that STS takes no codes of, none', async () => {
  const device = async (serial: string) => {
    at.home.write('.aws/config', `[profile work]\n${serial && `mfa_serial = ${serial}\n`}`);
    return (await far()).slice(3);
  };
  const should = `                      The serial number should be ${aliceSerial} or GAHT12345678`;
  expect(await device('arn:aws:iam::999999999999:mfa/alice')).toEqual([
    'broken   device       arn:aws:iam::999999999999:mfa/alice is not of the account of the keys, 123456789012',
    should,
  ]);
  expect(await device('arn:aws:iam::123456789012:mfa/alicia')).toEqual([
    'broken   device       arn:aws:iam::123456789012:mfa/alicia is no MFA device of this user',
    should,
  ]);
  expect(await device('GAHT12345678')).toEqual(['ok       device       GAHT12345678, as IAM has it']);
  expect(await device('arn:aws:iam::123456789012:u2f/user/alice/key')).toEqual([
    'broken   device       mfa_serial of profile "work": arn:aws:iam::123456789012:u2f/user/alice/key is a security key or passkey; STS accepts codes only',
    '                      Register an authenticator app as a second device, and name that one. With a passkey alone sign in by browser: aws login',
  ]);
  expect(await device('')).toEqual([
    `unknown  device       "work" names no MFA device; its user has ${aliceSerial}, GAHT12345678`,
    '                      Remember it with: awsmfa setup',
  ]);
});

test('a device that IAM does not have, and a user who has only security keys', async () => {
  at.home.write('.aws/config', `[profile work]\nmfa_serial = ${aliceSerial}x\n`);
  expect((await far()).slice(3, 5)).toEqual([
    `broken   device       ${aliceSerial}x is no MFA device of this user`,
    `                      The serial number should be ${aliceSerial} or GAHT12345678`,
  ]);
  at.home.write('.aws/config', '[profile work]\n');
  at.home.write('.aws/credentials', keysSection('work', dave));
  expect((await far()).slice(3, 5)).toEqual([
    'unknown  device       "work" names no MFA device, and its user has only security keys or passkeys, which STS takes no codes of',
    '                      Register an authenticator app in IAM.',
  ]);
  at.home.write('.aws/config', `[profile work]\nmfa_serial = ${aliceSerial}\n`);
  expect((await far()).slice(3, 5)).toEqual([
    `broken   device       ${aliceSerial} is no MFA device of this user`,
    '                      Correct the serial number, or find the device with: awsmfa setup',
  ]);
});

test('where IAM does not tell, the device is taken as it is named', async () => {
  at.home.write('.aws/config', '[profile work]\nmfa_serial = arn:aws:iam::123456789012:mfa/whatever\n');
  at.home.write('.aws/credentials', keysSection('work', bob));
  expect((await far())[3]).toBe('ok       device       arn:aws:iam::123456789012:mfa/whatever');
});

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
