import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { loadSharedFiles } from '../../src/config/files.ts';
import { Secret } from '../../src/credentials.ts';
import { resolveProfile } from '../../src/profile/resolve.ts';
import { iamEndpoint, type StsEndpoint } from '../../src/sts/endpoint.ts';
import { accessKeyCalls, listMfaDevices } from '../../src/sts/iam.ts';
import { alice } from '../../tools/local-sts/sample.ts';
import { type Answer, type Answers, startAnswers } from '../support/answers.ts';
import { limitsOfCalls } from '../support/calls.ts';
import { keysSection, makeHome } from '../support/home.ts';

let iam: Answers;
beforeAll(async () => {
  iam = await startAnswers();
});
afterAll(() => iam.close());

const keys = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: new Secret('secret'),
  sessionToken: undefined,
};

function list(region = 'eu-west-1', more: Partial<StsEndpoint> = {}): Promise<readonly string[]> {
  const rest = { fips: false, dualStack: false, caBundle: undefined, attempts: 3 };
  return listMfaDevices(keys, { region, url: iam.url, ...rest, ...more });
}

/** A page of the list; the marker of the next one, if there is one. */
function page(serials: readonly string[], marker?: string): Answer {
  const devices = serials.map(
    (serial) =>
      `<member><UserName>alice</UserName><SerialNumber>${serial}</SerialNumber><EnableDate>2024-02-29T09:30:00Z</EnableDate></member>`,
  );
  const more =
    marker === undefined
      ? '<IsTruncated>false</IsTruncated>'
      : `<IsTruncated>true</IsTruncated><Marker>${marker}</Marker>`;
  return {
    headers: { 'content-type': 'text/xml' },
    body: `<ListMFADevicesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListMFADevicesResult><MFADevices>${devices.join('')}</MFADevices>${more}</ListMFADevicesResult></ListMFADevicesResponse>`,
  };
}

test('a list of several pages is read to its end', async () => {
  iam.on('POST /', ({ body }) => {
    const marker = new URLSearchParams(body).get('Marker');
    return marker === null ? page(['GAHT12345678', 'GAHT23456789'], 'a b&c') : page([`after ${marker}`]);
  });
  expect(await list()).toEqual(['GAHT12345678', 'GAHT23456789', 'after a b&c']);
});

test('an empty list is a list', async () => {
  iam.on('POST /', page([]));
  expect(await list()).toEqual([]);
});

test.for([
  ['eu-central-1', 'us-east-1'],
  ['il-central-1', 'us-east-1'],
  ['cn-northwest-1', 'cn-north-1'],
  ['us-gov-east-1', 'us-gov-west-1'],
  ['eusc-de-east-1', 'eusc-de-east-1'],
] as const)('for %s it is signed for %s', async ([region, signed]) => {
  iam.on('POST /', page([]));
  await list(region);
  expect(iam.asked.at(-1)?.headers.authorization).toContain(`/${signed}/iam/aws4_request`);
});

test.for([
  { status: 200, body: '<html>Sign in to the network</html>' },
  { status: 200, body: '' },
  { status: 302, headers: { location: 'https://example.com' }, body: '' },
  { status: 502, body: '<html>Bad gateway</html>' },
])('what is not IAM gives no list: %j', async (answer) => {
  iam.on('POST /', answer);
  await expect(list()).rejects.toThrow();
});

test('an answer without a key is no key', async () => {
  const rest = { fips: false, dualStack: false, caBundle: undefined, attempts: 3 };
  const calls = accessKeyCalls(keys, { region: 'eu-west-1', url: iam.url, ...rest }, 'alice');
  const answer = (action: string, content: string) => ({
    headers: { 'content-type': 'text/xml' },
    body: `<${action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><${action}Result>${content}</${action}Result></${action}Response>`,
  });
  iam.on('POST /', answer('ListAccessKeys', ''));
  await expect(calls.list()).rejects.toMatchObject({ code: 'not-aws' });
  const half = '<AccessKey><AccessKeyId>AKIANEW</AccessKeyId></AccessKey>';
  iam.on('POST /', answer('CreateAccessKey', half));
  await expect(calls.create()).rejects.toMatchObject({ code: 'not-aws' });
});

test('nobody waits long for what is a convenience', async () => {
  iam.on('POST /', 'silence');
  const limits = limitsOfCalls(10);
  await expect(list()).rejects.toThrow();
  vi.restoreAllMocks();
  expect(limits).toEqual([4000]);
});

test('a failure of IAM is tried again once', async () => {
  const before = iam.asked.length;
  iam.on('POST /', { status: 503, body: '' });
  await expect(list()).rejects.toThrow();
  expect(iam.asked.length - before).toBe(2);
});

test('the URL is that of IAM, else that of all services', () => {
  const config =
    '[profile work]\nservices = mine\nendpoint_url = https://all.profile\n[services mine]\niam =\n  endpoint_url = https://iam.services\nsts =\n  endpoint_url = https://sts.services\n';
  const home = makeHome({ config, credentials: keysSection('work', alice) });
  const url = (env: Record<string, string>) => {
    const files = loadSharedFiles({ env, home: home.path });
    return iamEndpoint({}, env, resolveProfile({ name: 'work', by: 'test' }, files, env), files).url;
  };
  expect([
    url({ AWS_ENDPOINT_URL_IAM: 'https://iam.env', AWS_ENDPOINT_URL: 'https://all.env' }),
    url({ AWS_ENDPOINT_URL_STS: 'https://sts.env', AWS_ENDPOINT_URL: 'https://all.env' }),
    url({ AWS_ENDPOINT_URL_STS: 'https://sts.env' }),
    url({ AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }),
  ]).toEqual(['https://iam.env', 'https://all.env', 'https://iam.services', undefined]);
});
