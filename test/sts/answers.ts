/**
 * What STS, or what stands before it, answers when it does not give a session: as AWS words it, blanks at the end
 * included, or in the shape of emulators, gateways and proxies.
 */
export interface Refused {
  readonly id: string;
  /** What was asked for: the session of `work`, or the role `ops`. */
  readonly of: 'session' | 'role';
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}

const mayNot = 'User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:AssumeRole';
const constraint = 'failed to satisfy constraint: Member must';

/** The answers that a call for a session or a role may get. */
export const refusals: readonly Refused[] = [
  denied('mfa-bad-code', 'MultiFactorAuthentication failed with invalid MFA one time pass code. '),
  denied('mfa-bad-code, no blank', 'MultiFactorAuthentication failed with invalid MFA one time pass code.'),
  denied(
    'mfa-bad-serial',
    'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user. ',
  ),
  denied(
    'mfa-half-given',
    'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ',
  ),
  denied('session-creds', 'Cannot call GetSessionToken with session credentials'),
  denied('session-creds-federation', 'Cannot call GetFederationToken with session credentials'),
  denied(
    'session-denied',
    'User: arn:aws:iam::123456789012:user/alice is not authorized to perform: sts:GetSessionToken on resource: * with an explicit deny in a service control policy',
  ),
  role(denied('assume-denied', `${mayNot} on resource: arn:aws:iam::123456789012:role/ops`)),
  role(
    denied(
      'assume-denied-explicit',
      `${mayNot} on resource: arn:aws:iam::123456789012:role/ops with an explicit deny in an identity-based policy`,
    ),
  ),
  role(
    denied(
      'assume-denied-missing',
      `${mayNot} on resource: arn:aws:iam::123456789012:role/ops because no identity-based policy allows the sts:AssumeRole action`,
    ),
  ),
  role(denied('assume-denied-old', 'Not authorized to perform sts:AssumeRole')),
  role(denied('root-assume', 'Roles may not be assumed by root accounts.')),
  invalid(
    'duration-low',
    `Value '20' at 'durationSeconds' ${constraint} have value greater than or equal to 900`,
  ),
  invalid(
    'duration-high-session',
    `Value '345600' at 'durationSeconds' ${constraint} have value less than or equal to 129600`,
  ),
  role(
    invalid(
      'duration-high-role',
      `Value '345600' at 'durationSeconds' ${constraint} have value less than or equal to 43200`,
    ),
  ),
  role(
    wrong(
      'duration-over-role-max',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    ),
  ),
  role(
    wrong(
      'duration-chaining',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    ),
  ),
  invalid(
    'token-long',
    `Value '11111111111111' at 'tokenCode' ${constraint} have length less than or equal to 6`,
  ),
  invalid('token-short', `Value at 'tokenCode' ${constraint} have length greater than or equal to 6`),
  wrong(
    'two-errors',
    `2 validation errors detected: Value 'x' at 'serialNumber' ${constraint} have length greater than or equal to 9; Value 'abc' at 'tokenCode' ${constraint} have length greater than or equal to 6`,
  ),
  role(
    invalid(
      'session-name-bad',
      `Value 'Session Names cannot Hava Spaces!' at 'roleSessionName' ${constraint} satisfy regular expression pattern: [\\w+=,.@-]*`,
    ),
  ),
  role(
    invalid(
      'external-id-bad',
      `Value 'XMode Social' at 'externalId' ${constraint} satisfy regular expression pattern: [\\w+=,.@:\\/-]*`,
    ),
  ),
  role(invalid('missing-role-arn', `Value null at 'roleArn' ${constraint} not be null`)),
  role(invalid('missing-session-name', `Value null at 'roleSessionName' ${constraint} not be null`)),
  role(wrong('role-arn-bad', 'Request ARN is invalid')),
  role(xml('expired-token', 403, 'ExpiredToken', 'The security token included in the request is expired')),
  xml(
    'invalid-client-token',
    403,
    'InvalidClientTokenId',
    'The security token included in the request is invalid.',
  ),
  wrongSignature(
    'signature-mismatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  ),
  wrongSignature(
    'clock-behind',
    'Signature expired: 20220127T001427Z is now earlier than 20220127T014428Z (20220127T015928Z - 15 min.)',
  ),
  wrongSignature(
    'clock-ahead',
    'Signature not yet current: 20210502T183640Z is still later than 20210502T175140Z (20210502T173640Z + 15 min.)',
  ),
  wrongSignature('scope-region', 'Credential should be scoped to a valid region. '),
  wrongSignature('scope-service', "Credential should be scoped to correct service: 'sts'. "),
  xml(
    'key-with-space',
    400,
    'IncompleteSignature',
    "'valid/20180109/us-east-1/sts/aws4_request' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential=not valid/20180109/us-east-1/sts/aws4_request, SignedHeaders=host;user-agent;x-amz-date'.",
  ),
  xml('missing-auth', 403, 'MissingAuthenticationToken', 'Request is missing Authentication Token'),
  xml(
    'unknown-action',
    400,
    'InvalidAction',
    'Could not find operation GetSessionToken for version 2011-06-15',
  ),
  xml(
    'region-disabled',
    403,
    'RegionDisabledException',
    'STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console.',
  ),
  role(
    xml(
      'packed-policy',
      400,
      'PackedPolicyTooLarge',
      'Packed policy consumes 157% of allotted space, please use smaller policy.',
    ),
  ),
  role(
    xml(
      'packed-tags',
      400,
      'PackedPolicyTooLarge',
      'Packed size of session tags consumes 138% of allotted space.',
    ),
  ),
  role(xml('policy-json', 400, 'MalformedPolicyDocument', 'The policy is not in the valid JSON format.')),
  role(xml('policy-syntax', 400, 'MalformedPolicyDocument', 'Syntax errors in policy.')),
  xml('throttling', 400, 'Throttling', 'Rate exceeded'),
  xml('request-expired', 400, 'RequestExpired', 'Request has expired.'),
  xml(
    'internal',
    500,
    'InternalFailure',
    'The request processing has failed because of an unknown error, exception or failure.',
  ),
  xml('unavailable', 503, 'ServiceUnavailable', 'Service unavailable. Please try again shortly.'),
  raw('redirect-no-content-type', 302, ''),
  raw('too-large', 413, ''),
  raw(
    'moto-error-shape',
    403,
    '<?xml version="1.0" encoding="utf-8"?>\n<ErrorResponse><Errors><Error><Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.</Message><Type>Sender</Type></Error></Errors></ErrorResponse>',
    'text/html; charset=utf-8',
  ),
  raw(
    'json-error',
    403,
    '{"Error":{"Code":"AccessDenied","Message":"no","Type":"Sender"},"RequestId":"x"}',
    'application/json',
  ),
  raw(
    'html-proxy',
    502,
    '<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>',
    'text/html',
  ),
  raw('empty-200', 200, '', 'text/xml'),
  raw(
    'truncated-200',
    200,
    '<GetSessionTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetSessionTokenResult><Credentials><AccessKeyId>ASIA',
    'text/xml',
  ),
];

/** With another namespace than STS's, as the answer to an unknown action has it. */
export const foreignNamespace: Refused = {
  ...xml(
    'another namespace',
    403,
    'InvalidClientTokenId',
    'The security token included in the request is invalid.',
  ),
  body: '<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"><Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.</Message></Error><RequestId>x</RequestId></ErrorResponse>',
};

/** A session as GetSessionToken gives it, with whatever a hostile STS puts into it. */
export function sessionAnswer(token: string, expiration = '2999-01-01T00:00:00Z'): string {
  return `<GetSessionTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetSessionTokenResult><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>hostile-secret-canary</SecretAccessKey><SessionToken>${token}</SessionToken><Expiration>${expiration}</Expiration></Credentials></GetSessionTokenResult></GetSessionTokenResponse>`;
}

function denied(id: string, message: string): Refused {
  return xml(id, 403, 'AccessDenied', message);
}

function invalid(id: string, message: string): Refused {
  return wrong(id, `1 validation error detected: ${message}`);
}

function wrong(id: string, message: string): Refused {
  return xml(id, 400, 'ValidationError', message);
}

function wrongSignature(id: string, message: string): Refused {
  return xml(id, 403, 'SignatureDoesNotMatch', message);
}

function xml(id: string, status: number, code: string, message: string): Refused {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>${code}</Code>
    <Message>${message.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</Message>
  </Error>
  <RequestId>d5dd2148-ff06-4ec9-859f-9a245e318712</RequestId>
</ErrorResponse>
`;
  return raw(id, status, body, 'text/xml');
}

function raw(id: string, status: number, body: string, contentType = 'text/plain'): Refused {
  return { id, of: 'session', status, body, contentType };
}

function role(refused: Refused): Refused {
  return { ...refused, of: 'role' };
}
