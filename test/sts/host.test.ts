import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { agents } from '../../src/sts/http.ts';
import { stage } from '../support/stage.ts';

const at = stage();

/** A proxy that refuses, and remembers to which host it was asked to connect: nothing leaves this machine. */
let proxy: Server;
let asked: string[] = [];
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
});
afterAll(() => {
  delete process.env.HTTPS_PROXY;
  delete process.env.NO_PROXY;
  proxy.close();
});

test.for<[Record<string, string>, string]>([
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
  [{ AWS_ENDPOINT_URL: 'https://sts.example.invalid:8443/' }, 'sts.example.invalid:8443'],
])('%o goes to %s', async ([env, host]) => {
  const more = { AWS_ENDPOINT_URL_STS: '', ...env };
  const { exit, stdout } = await at.runWithCode(['env', 'work'], { env: more });
  expect({ exit, stdout, asked }).toEqual({ exit: 6, stdout: 'false\n', asked: [host] });
});

test('a custom endpoint cannot be a FIPS one: said as what it is, a setting', async () => {
  const env = { AWS_USE_FIPS_ENDPOINT: 'true' };
  const { exit, stderr } = await at.runWithCode(['env', 'work'], { env });
  expect(stderr[0]).toMatch(/FIPS/);
  expect({ exit, calls: at.calls().length }).toEqual({ exit: 3, calls: 0 });
});

test.for<[string, string]>([
  ['eu-west-1', '.amazonaws.com'],
  ['cn-north-1', '.amazonaws.com.cn'],
])('in %s, NO_PROXY=%s goes past the proxy', ([region, noProxy]) => {
  process.env.NO_PROXY = noProxy;
  const { httpsAgent } = agents({
    region,
    url: undefined,
    fips: false,
    dualStack: false,
    caBundle: undefined,
    attempts: 3,
  });
  delete process.env.NO_PROXY;
  expect(httpsAgent?.constructor.name).toBe('Agent');
});
