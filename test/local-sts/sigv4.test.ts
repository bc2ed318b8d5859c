import fc from 'fast-check';
import { expect, test } from 'vitest';
import { signedRequest } from '../../tools/local-sts/caller.ts';
import type { RawRequest } from '../../tools/local-sts/canonical.ts';
import { verifySignature } from '../../tools/local-sts/sigv4.ts';

const accessKeyId = 'AKIDEXAMPLE';
const secretAccessKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const signedAt = Date.parse('2015-08-30T12:36:00Z');
const rules = {
  service: 'service',
  isRegion: (region: string) => region === 'us-east-1',
  now: signedAt,
  secretOf: (id: string) => (id === accessKeyId ? secretAccessKey : undefined),
};

const unreserved = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const exampleToken =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

/** AWS's published Signature Version 4 test suite: request line, further headers, signature, signed headers. */
type Vector = {
  readonly name: string;
  readonly line: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly signed?: string;
  readonly signature: string;
};
const vectors: readonly Vector[] = [
  {
    name: 'get-vanilla',
    line: 'GET /',
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    name: 'get-header-key-duplicate',
    line: 'GET /',
    headers: [
      ['My-Header1', 'value2'],
      ['My-Header1', 'value2'],
      ['My-Header1', 'value1'],
    ],
    signed: 'host;my-header1;x-amz-date',
    signature: 'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  },
  {
    name: 'get-header-value-order',
    line: 'GET /',
    headers: [
      ['My-Header1', 'value4'],
      ['My-Header1', 'value1'],
      ['My-Header1', 'value3'],
      ['My-Header1', 'value2'],
    ],
    signed: 'host;my-header1;x-amz-date',
    signature: '08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01',
  },
  {
    name: 'get-header-value-trim',
    line: 'GET /',
    headers: [
      ['My-Header1', ' value1'],
      ['My-Header2', ' "a   b   c"'],
    ],
    signed: 'host;my-header1;my-header2;x-amz-date',
    signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  },
  {
    name: 'get-unreserved',
    line: `GET /${unreserved}`,
    signature: '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  },
  {
    name: 'get-utf8',
    line: 'GET /ሴ',
    signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  },
  {
    name: 'get-vanilla-empty-query-key',
    line: 'GET /?Param1=value1',
    signature: 'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
  },
  {
    name: 'get-vanilla-query-order-key',
    line: 'GET /?Param1=value2&Param1=Value1',
    signature: 'eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1',
  },
  {
    name: 'get-vanilla-query-order-key-case',
    line: 'GET /?Param2=value2&Param1=value1',
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  {
    name: 'get-vanilla-query-order-value',
    line: 'GET /?Param1=value2&Param1=value1',
    signature: '5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694',
  },
  {
    name: 'get-vanilla-query-unreserved',
    line: `GET /?${unreserved}=${unreserved}`,
    signature: '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  },
  {
    name: 'get-vanilla-utf8-query',
    line: 'GET /?ሴ=bar',
    signature: '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  },
  {
    name: 'get-vanilla-with-session-token',
    line: 'GET /',
    headers: [['X-Amz-Security-Token', '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267']],
    signed: 'host;x-amz-date;x-amz-security-token',
    signature: '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
  },
  {
    name: 'get-relative-relative',
    line: 'GET /example1/example2/../..',
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    name: 'get-slash-dot-slash',
    line: 'GET /./',
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    name: 'get-slash-pointless-dot',
    line: 'GET /./example',
    signature: 'ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5',
  },
  {
    name: 'get-slashes',
    line: 'GET //example//',
    signature: '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84',
  },
  {
    name: 'get-space',
    line: 'GET /example space/',
    signature: '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741',
  },
  {
    name: 'post-vanilla',
    line: 'POST /',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'post-vanilla-query',
    line: 'POST /?Param1=value1',
    signature: '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
  },
  {
    name: 'post-header-key-sort',
    line: 'POST /',
    headers: [['My-Header1', 'value1']],
    signed: 'host;my-header1;x-amz-date',
    signature: 'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  },
  {
    name: 'post-header-value-case',
    line: 'POST /',
    headers: [['My-Header1', 'VALUE1']],
    signed: 'host;my-header1;x-amz-date',
    signature: 'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
  },
  {
    name: 'post-x-www-form-urlencoded',
    line: 'POST /',
    headers: [['Content-Type', 'application/x-www-form-urlencoded']],
    body: 'Param1=value1',
    signed: 'content-type;host;x-amz-date',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  {
    name: 'post-x-www-form-urlencoded, of the newer suite, with the hash of the body',
    line: 'POST /',
    headers: [
      ['Content-Type', 'application/x-www-form-urlencoded'],
      ['Content-Length', '13'],
      ['x-amz-content-sha256', '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e'],
    ],
    body: 'Param1=value1',
    signed: 'content-length;content-type;host;x-amz-content-sha256;x-amz-date',
    signature: 'd3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
  },
  {
    name: 'post-x-www-form-urlencoded-parameters',
    line: 'POST /',
    headers: [['Content-Type', 'application/x-www-form-urlencoded; charset=utf8']],
    body: 'Param1=value1',
    signed: 'content-type;host;x-amz-date',
    signature: '1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe',
  },
  {
    name: 'post-x-www-form-urlencoded-parameters, of the newer suite',
    line: 'POST /',
    headers: [
      ['Content-Type', 'application/x-www-form-urlencoded; charset=utf-8'],
      ['Content-Length', '13'],
      ['x-amz-content-sha256', '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e'],
    ],
    body: 'Param1=value1',
    signed: 'content-length;content-type;host;x-amz-content-sha256;x-amz-date',
    signature: '328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422',
  },
  {
    name: 'post-sts-header-before',
    line: 'POST /',
    headers: [['X-Amz-Security-Token', exampleToken]],
    signed: 'host;x-amz-date;x-amz-security-token',
    signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  },
  {
    name: 'post-sts-header-after',
    line: 'POST /',
    headers: [['X-Amz-Security-Token', exampleToken]],
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
];

test.each(vectors)('AWS test suite: $name', (vector) => {
  const [method = '', target = ''] = vector.line.split(/ (.*)/s);
  const { headers = [], body = '', signed = 'host;x-amz-date', signature } = vector;
  const request = {
    method,
    target,
    headers: [
      ['Host', 'example.amazonaws.com'],
      ['X-Amz-Date', '20150830T123600Z'],
      ...headers,
      [
        'Authorization',
        `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
      ],
    ] as const,
    body: Buffer.from(body),
  };
  const token = headers.find(([name]) => name === 'X-Amz-Security-Token')?.[1];
  expect(verifySignature(request, rules)).toEqual({
    ok: true,
    accessKeyId,
    region: 'us-east-1',
    service: 'service',
    signedAt,
    ...(token === undefined ? {} : { sessionToken: token }),
  });
});

const mismatch = {
  ok: false,
  status: 403,
  code: 'SignatureDoesNotMatch',
  message:
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
};

test('a request is taken as it was signed, and no flipped byte of its body gets by', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(), fc.nat(7), (bytes, at, bit) => {
      const text = Buffer.from(bytes).toString('base64');
      expect(verifySignature(signed(text), rules).ok).toBe(true);
      const body = Buffer.from(text);
      const index = at % body.length;
      body.writeUInt8(body.readUInt8(index) ^ (1 << bit), index);
      expect(verifySignature({ ...signed(text), body }, rules)).toEqual(mismatch);
    }),
  );
});

test.each([
  ['host', 'example.amazonaws.com', 'example.amazonaws.org'],
  ['content-type', 'charset=utf-8', 'charset=utf-7'],
  ['authorization', /Signature=./, 'Signature=x'],
  ['authorization', /.$/, 'x'],
  ['authorization', /.$/, ''],
  ['x-amz-date', '123600', '123601'],
  ['x-amz-security-token', 'token', 'tokem'],
])('a change of the header %s is noticed (%s -> %s)', (name, from, to) => {
  expect(verifySignature(changed(signed('a=b'), name, from, to), rules)).toEqual(mismatch);
});

test('another method, path or query is noticed', () => {
  for (const change of [{ method: 'PUT' }, { target: '/x' }, { target: '/?Action=GetCallerIdentity' }]) {
    expect(verifySignature({ ...signed('a=b'), ...change }, rules)).toEqual(mismatch);
  }
});

test('a header may be added on the way unless it means something to AWS', () => {
  const request = signed('a=b');
  const proxied = { ...request, headers: [...request.headers, ['Via', '1.1 proxy'] as const] };
  expect(verifySignature(proxied, rules).ok).toBe(true);
  const slipped = { ...request, headers: [...request.headers, ['X-Amz-Target', 'other'] as const] };
  expect(verifySignature(slipped, rules)).toEqual({
    ok: false,
    status: 403,
    code: 'SignatureDoesNotMatch',
    message: "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
  });
});

test('fifteen minutes off is the limit, either way', () => {
  const at = (minutes: number, seconds: number) =>
    verifySignature(signed('a=b'), { ...rules, now: signedAt + (minutes * 60 + seconds) * 1000 });
  expect(at(15, 0).ok).toBe(true);
  expect(at(-15, 0).ok).toBe(true);
  expect(at(15, 1)).toMatchObject({
    code: 'SignatureDoesNotMatch',
    message:
      'Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T125101Z - 15 min.)',
  });
  expect(at(-15, -1)).toMatchObject({
    code: 'SignatureDoesNotMatch',
    message:
      'Signature not yet current: 20150830T123600Z is still later than 20150830T123559Z (20150830T122059Z + 15 min.)',
  });
});

test.each([
  ['the key', 'authorization', 'AKIDEXAMPLE', 'AKIDUNKNOWN', 'InvalidClientTokenId', 'is invalid.'],
  ['the region', 'authorization', 'us-east-1', 'mars', 'SignatureDoesNotMatch', 'to a valid region. '],
  ['the service', 'authorization', '/service/', '/s3/', 'SignatureDoesNotMatch', "service: 'service'. "],
  ['the end of the scope', 'authorization', 'aws4_request', 'aws5', 'SignatureDoesNotMatch', "not 'aws5'. "],
  ['the day', 'authorization', '20150830', '20150831', 'SignatureDoesNotMatch', "from '20150830T123600Z'."],
  ['the parts', 'authorization', '/service/', '/', 'IncompleteSignature', "us-east-1/aws4_request'"],
  ['the algorithm', 'authorization', 'SHA256', 'SHA512', 'IncompleteSignature', "'AWS4-HMAC-SHA512'."],
  ['the date', 'x-amz-date', '20150830T123600Z', 'soon', 'IncompleteSignature', 'ISO_8601'],
])('what is wrong with %s is said', (_what, name, from, to, code, end) => {
  const verdict = verifySignature(changed(signed('a=b'), name, from, to), rules);
  expect(verdict).toMatchObject({ ok: false, code, message: expect.stringMatching(endingIn(end)) });
});

test('a request without a signature, and one with half of it', () => {
  const request = signed('a=b');
  const without = (name: string) => ({ ...request, headers: request.headers.filter(([n]) => n !== name) });
  expect(verifySignature(without('authorization'), rules)).toMatchObject({
    code: 'MissingAuthenticationToken',
    message: 'Request is missing Authentication Token',
  });
  expect(verifySignature(without('x-amz-date'), rules)).toMatchObject({
    code: 'IncompleteSignature',
    message: expect.stringContaining("requires existence of either a 'X-Amz-Date' or a 'Date' header. "),
  });
  expect(verifySignature(changed(request, 'authorization', / Credential=.*/, ''), rules)).toEqual({
    ok: false,
    status: 400,
    code: 'IncompleteSignature',
    message:
      "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256",
  });
});

test('a blank in the access key ID ends it, and AWS quotes the header', () => {
  const header =
    'AWS4-HMAC-SHA256 Credential=not valid/20180109/us-east-1/sts/aws4_request, SignedHeaders=host;user-agent;x-amz-date';
  expect(verifySignature(changed(signed('a=b'), 'authorization', /.*/, header), rules)).toEqual({
    ok: false,
    status: 400,
    code: 'IncompleteSignature',
    message:
      "'valid/20180109/us-east-1/sts/aws4_request' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential=not valid/20180109/us-east-1/sts/aws4_request, SignedHeaders=host;user-agent;x-amz-date'.",
  });
});

/** Signed by the other half, which shares no code with the verifier. */
function signed(body: string): RawRequest {
  const request = signedRequest(
    'https://example.amazonaws.com/',
    body,
    { accessKeyId, secretAccessKey, sessionToken: 'token' },
    { service: 'service', now: signedAt },
  );
  return {
    method: request.method,
    target: '/',
    headers: Object.entries(request.headers),
    body: Buffer.from(request.body),
  };
}

function changed(request: RawRequest, name: string, from: string | RegExp, to: string): RawRequest {
  const headers = request.headers.map(
    ([header, value]) => [header, header === name ? value.replace(from, to) : value] as const,
  );
  expect(headers).not.toEqual(request.headers);
  return { ...request, headers };
}

function endingIn(end: string): RegExp {
  return new RegExp(`${end.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')}$`);
}
