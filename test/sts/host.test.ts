import { createHash } from 'node:crypto';
import dns from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { stage } from '../support/stage.ts';

const at = stage();

/** A proxy that refuses, and remembers to which host it was asked to connect: nothing leaves this machine. */
let proxy: Server;
let asked: string[] = [];
/** The hosts that were called without it; no name is resolved. */
const direct: string[] = [];
beforeAll(async () => {
  proxy = createServer().on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  process.env.HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked = [];
  direct.length = 0;
  delete process.env.NO_PROXY;
  vi.spyOn(dns, 'lookup').mockImplementation(((host: string, _: unknown, done: (error: Error) => void) => {
    direct.push(host);
    done(Object.assign(new Error('no network'), { code: 'ENOTFOUND' }));
  }) as typeof dns.lookup);
});
afterAll(() => {
  delete process.env.HTTPS_PROXY;
  delete process.env.NO_PROXY;
  proxy.close();
});

describe.for<[Record<string, string>, string]>([
  [{}, 'sts.us-east-1.amazonaws.com:443'],
  [{ AWS_REGION: 'eu-west-1' }, 'sts.eu-west-1.amazonaws.com:443'],
  [{ AWS_REGION: 'eu-south-1' }, 'sts.eu-south-1.amazonaws.com:443'],
  [{ AWS_REGION: 'cn-north-1' }, 'sts.cn-north-1.amazonaws.com.cn:443'],
  [{ AWS_REGION: 'us-gov-west-1' }, 'sts.us-gov-west-1.amazonaws.com:443'],
  [{ AWS_REGION: 'aws-global' }, 'sts.amazonaws.com:443'],
  [{ AWS_REGION: 'eu-west-1', AWS_STS_REGIONAL_ENDPOINTS: 'legacy' }, 'sts.amazonaws.com:443'],
  [{ AWS_REGION: 'eu-south-1', AWS_STS_REGIONAL_ENDPOINTS: 'legacy' }, 'sts.eu-south-1.amazonaws.com:443'],
  [{ AWS_REGION: 'us-east-2', AWS_USE_FIPS_ENDPOINT: 'true' }, 'sts-fips.us-east-2.amazonaws.com:443'],
  [{ AWS_REGION: 'eu-west-1', AWS_USE_DUALSTACK_ENDPOINT: 'true' }, 'sts.eu-west-1.api.aws:443'],
  [
    { AWS_REGION: 'us-east-2', AWS_STS_REGIONAL_ENDPOINTS: 'legacy', AWS_USE_FIPS_ENDPOINT: 'true' },
    'sts-fips.us-east-2.amazonaws.com:443',
  ],
  [{ AWS_REGION: 'eusc-de-east-1' }, 'sts.eusc-de-east-1.amazonaws.eu:443'],
  [{ AWS_REGION: 'us-gov-west-1', AWS_USE_FIPS_ENDPOINT: 'true' }, 'sts.us-gov-west-1.amazonaws.com:443'],
  [
    { AWS_REGION: 'cn-north-1', AWS_USE_DUALSTACK_ENDPOINT: 'true' },
    'sts.cn-north-1.api.amazonwebservices.com.cn:443',
  ],
  [{ AWS_ENDPOINT_URL: 'https://sts.example.invalid:8443/' }, 'sts.example.invalid:8443'],
])('%o goes to %s', ([env, host]) => {
  // A hardware token belongs to no partition.
  const more = { AWS_ENDPOINT_URL_STS: '', AWS_MFA_SERIAL: 'GAHT12345678', ...env };

  test('through the proxy', async () => {
    const { exit, stdout } = await at.runWithCode(['env', 'work'], { env: more });
    expect({ exit, stdout, asked, direct }).toEqual({
      exit: 6,
      stdout: 'false\n',
      asked: [host],
      direct: [],
    });
  });

  test('past it when NO_PROXY names the host', async () => {
    process.env.NO_PROXY = host;
    const { exit } = await at.runWithCode(['env', 'work'], { env: more });
    const [name] = host.split(':');
    expect({ exit, asked, direct }).toEqual({ exit: 6, asked: [], direct: [name] });
  });
});

test.for<[string, string, string]>([
  ['us-east-1', '', 'portal.sso.us-east-1.amazonaws.com'],
  ['cn-north-1', '', 'portal.sso.cn-north-1.amazonaws.com.cn'],
  ['us-gov-west-1', 'true', 'portal.sso.us-gov-west-1.amazonaws.com'],
])('Identity Center in %s with FIPS "%s" is %s, for NO_PROXY as well', async ([region, fips, host]) => {
  const access = { accessToken: 'token', expiresAt: '2099-01-01T00:00:00Z' };
  const file = createHash('sha1').update('https://x.awsapps.com/start').digest('hex');
  at.home.write(`.aws/sso/cache/${file}.json`, JSON.stringify(access));
  at.home.write(
    '.aws/config',
    `[profile dev]
sso_start_url = https://x.awsapps.com/start
sso_region = ${region}
sso_account_id = 123456789012
sso_role_name = admin
use_fips_endpoint = ${fips || 'false'}
`,
  );
  for (const spared of ['other.example', host]) {
    const { HTTPS_PROXY } = process.env;
    const env = { AWS_ENDPOINT_URL_STS: '', HTTPS_PROXY, NO_PROXY: spared };
    await at.run(['process', 'dev'], { env });
  }
  expect({ asked: new Set(asked), direct: new Set(direct) }).toEqual({
    asked: new Set([`${host}:443`]),
    direct: new Set([host]),
  });
});

test('a custom endpoint cannot be a FIPS one: said as what it is, a setting', async () => {
  const env = { AWS_USE_FIPS_ENDPOINT: 'true' };
  const { exit, stderr } = await at.runWithCode(['env', 'work'], { env });
  expect(stderr[0]).toMatch(/FIPS/);
  expect({ exit, calls: at.calls().length }).toEqual({ exit: 3, calls: 0 });
});
