import { describe, expect, test } from 'vitest';
import type { Flags } from '../../src/cli/commands.ts';
import { settle } from '../../src/cli/settle.ts';
import { loadSharedFiles } from '../../src/config/files.ts';
import { resolveProfile } from '../../src/profile/resolve.ts';

import { stsEndpoint } from '../../src/sts/endpoint.ts';
import { alice } from '../../tools/local-sts/sample.ts';
import { refusal } from '../profile/resolving.ts';
import { keysSection, makeHome } from '../support/home.ts';

interface Said {
  readonly flags?: Flags;
  readonly env?: Record<string, string>;
  /** Lines of the profile. */
  readonly profile?: string;
  /** What else stands in the config file. */
  readonly config?: string;
}

function endpoint({ flags = {}, env = {}, profile = '', config = '' }: Said) {
  const home = makeHome({
    config: `[profile work]\n${profile}\n${config}`,
    credentials: keysSection('work', alice),
  });
  const files = loadSharedFiles({ env, home: home.path });
  const resolved = resolveProfile({ name: 'work', by: 'test' }, files, env);
  const {
    regionBy: _,
    regionOfProfile: __,
    ...rest
  } = stsEndpoint(settle('env', 'work', flags, env), env, resolved, files);
  return rest;
}

const plain = { url: undefined, fips: false, dualStack: false, caBundle: undefined, attempts: 3 };

test('with nothing said it is the regional endpoint of us-east-1', () => {
  expect(endpoint({})).toEqual({ ...plain, region: 'us-east-1' });
});

test('the region: options, environment, profile', () => {
  const flags = { 'sts-region': 'eu-west-1', region: 'eu-west-2' };
  const env = { AWS_REGION: 'eu-west-3', AWS_DEFAULT_REGION: 'eu-north-1' };
  const profile = 'region = eu-south-1';
  const regions = [
    { flags, env, profile },
    { flags: { region: 'eu-west-2' }, env, profile },
    { env, profile },
    { env: { ...env, AWS_REGION: '' }, profile },
    { env: { AWS_REGION: '', AWS_DEFAULT_REGION: '' }, profile },
  ].map((said) => endpoint(said).region);
  expect(regions).toEqual(['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-north-1', 'eu-south-1']);
});

describe('a URL', () => {
  const env = { AWS_ENDPOINT_URL_STS: 'https://sts.env', AWS_ENDPOINT_URL: 'https://all.env' };
  const config =
    '[services mine]\nsts =\n  endpoint_url = https://sts.services\ns3 =\n  endpoint_url = https://s3\n';
  const profile = 'services = mine\nendpoint_url = https://all.profile';

  test('in order', () => {
    const urls = [
      { env, config, profile },
      { env: { ...env, AWS_ENDPOINT_URL_STS: '' }, config, profile },
      { config, profile },
      { config: '[services mine]\ns3 =\n  endpoint_url = https://s3\n', profile },
      { profile: 'services = gone\nendpoint_url = https://all.profile' },
      { config },
    ].map((said) => endpoint(said).url);
    expect(urls).toEqual([
      'https://sts.env',
      'https://all.env',
      'https://sts.services',
      'https://all.profile',
      'https://all.profile',
      undefined,
    ]);
  });

  test('is ignored when told so', () => {
    const ignored = 'ignore_configured_endpoint_urls = true\n';
    const urls = [
      { env: { ...env, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, config, profile },
      { env: { ...env, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'TRUE' } },
      { config, profile: ignored + profile },
      { env: { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: '' }, config, profile: ignored + profile },
      { env: { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false' }, config, profile: ignored + profile },
    ].map((said) => endpoint(said).url);
    expect(urls).toEqual([undefined, undefined, undefined, undefined, 'https://sts.services']);
  });

  test('keeps the region for the signature, legacy or not', () => {
    const said = { env: { ...env, AWS_REGION: 'eu-west-1', AWS_STS_REGIONAL_ENDPOINTS: 'legacy' } };
    expect(endpoint(said)).toEqual({ ...plain, region: 'eu-west-1', url: 'https://sts.env' });
  });

  test.for([
    ['https://u:p/x@host', '…@host'],
    ['u:p@ss@host', '…@host'],
  ] as const)('what is no URL shows no password: %s', ([url, shown]) => {
    expect(() => endpoint({ env: { AWS_ENDPOINT_URL_STS: url } })).toThrow(
      `AWS_ENDPOINT_URL_STS: "${shown}" is not a URL`,
    );
  });

  test.for([
    'sts.amazonaws.com',
    'ftp://sts',
    'https://',
    'http:///x',
    'https://a b',
    'javascript:1',
    '$(id)',
  ])('is not %s', (url) => {
    expect(() => endpoint({ env: { AWS_ENDPOINT_URL_STS: url } })).toThrow(
      `AWS_ENDPOINT_URL_STS: "${url}" is not a URL`,
    );
  });
});

describe('legacy', () => {
  const profile = 'sts_regional_endpoints = legacy\nregion = eu-west-1';
  const global = { ...plain, region: 'us-east-1', url: 'https://sts.amazonaws.com' };

  test('is the global endpoint, signed for us-east-1', () => {
    expect(endpoint({ profile })).toEqual(global);
    const env = { AWS_STS_REGIONAL_ENDPOINTS: 'legacy', AWS_REGION: 'us-west-2' };
    expect(endpoint({ env })).toEqual(global);
  });

  test('leaves the regions that are newer than it, and other partitions', () => {
    const regions = ['eu-south-1', 'me-central-1', 'ap-east-1', 'cn-north-1', 'us-gov-west-1'];
    const found = regions.map((region) => endpoint({ profile, env: { AWS_REGION: region } }));
    expect(found).toEqual(regions.map((region) => ({ ...plain, region })));
  });

  test('gives way to regional in the environment, and to --sts-region', () => {
    const regional = { ...plain, region: 'eu-west-1' };
    expect(endpoint({ profile, env: { AWS_STS_REGIONAL_ENDPOINTS: 'regional' } })).toEqual(regional);
    expect(endpoint({ profile, flags: { 'sts-region': 'eu-west-1' } })).toEqual(regional);
  });

  test('has no global endpoint for FIPS or dual stack', () => {
    const found = ['AWS_USE_FIPS_ENDPOINT', 'AWS_USE_DUALSTACK_ENDPOINT'].map((name) =>
      endpoint({ profile, env: { [name]: 'true' } }),
    );
    expect(found).toEqual([
      { ...plain, region: 'eu-west-1', fips: true },
      { ...plain, region: 'eu-west-1', dualStack: true },
    ]);
  });
});

test('an endpoint of your own excludes FIPS and dual stack', () => {
  for (const kind of ['FIPS', 'DUALSTACK']) {
    const env = { AWS_ENDPOINT_URL_STS: 'http://localhost:4566', [`AWS_USE_${kind}_ENDPOINT`]: 'true' };
    expect(refusal(() => endpoint({ env }))).toMatchObject({
      hint: `Unset one of them: the endpoint URL, or AWS_USE_${kind}_ENDPOINT.`,
    });
  }
});

test('FIPS, dual stack, attempts and the CA bundle: environment before profile', () => {
  const profile =
    'use_fips_endpoint = true\nuse_dualstack_endpoint = true\nmax_attempts = 5\nca_bundle = /a.pem';
  const off = { AWS_USE_FIPS_ENDPOINT: 'false', AWS_USE_DUALSTACK_ENDPOINT: 'false' };
  const env = { ...off, AWS_MAX_ATTEMPTS: '1', AWS_CA_BUNDLE: '/b.pem' };
  const region = 'us-east-1';
  expect([endpoint({ profile }), endpoint({ profile, env })]).toEqual([
    { region, url: undefined, fips: true, dualStack: true, attempts: 5, caBundle: '/a.pem' },
    { region, url: undefined, fips: false, dualStack: false, attempts: 1, caBundle: '/b.pem' },
  ]);
});

test.for([
  ['AWS_RETRY_MODE', 'fast', 'retry_mode = fast\n'],
  ['AWS_MAX_ATTEMPTS', '0', 'max_attempts = 0\n'],
  ['AWS_MAX_ATTEMPTS', 'many', 'max_attempts = many\n'],
] as const)('%s=%s means nothing, and is refused as botocore does', ([variable, value, line]) => {
  const error = { exit: 3, code: 'bad-retries' };
  expect(refusal(() => endpoint({ env: { [variable]: value } }))).toMatchObject(error);
  expect(refusal(() => endpoint({ profile: line }))).toMatchObject(error);
});
