/**
 * What STS, or what stands before it, answers when it does not give a session: as AWS words it, blanks at the end
 * included, or in the shape of emulators, gateways and proxies.
 */
export interface Refused {
  readonly name: string;
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}

export const refusals: readonly Refused[] = [
  denied('a wrong code', 'MultiFactorAuthentication failed with invalid MFA one time pass code. '),
  denied('a wrong code, no blank', 'MultiFactorAuthentication failed with invalid MFA one time pass code.'),
  denied(
    'a wrong device',
    'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user. ',
  ),
  denied(
    'half of the MFA',
    'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ',
  ),
  denied('session keys', 'Cannot call GetSessionToken with session credentials'),
  invalid(
    'a duration that is too short',
    "Value '20' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
  ),
  invalid(
    'a duration that is too long',
    "Value '345600' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 129600",
  ),
  invalid(
    'a short code',
    "Value at 'tokenCode' failed to satisfy constraint: Member must have length greater than or equal to 6",
  ),
  xml(
    'an unknown key',
    403,
    'InvalidClientTokenId',
    'The security token included in the request is invalid.',
  ),
  wrongSignature(
    'a wrong secret',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  ),
  wrongSignature(
    'a clock that is behind',
    'Signature expired: 20220127T001427Z is now earlier than 20220127T014428Z (20220127T015928Z - 15 min.)',
  ),
  wrongSignature(
    'a clock that is ahead',
    'Signature not yet current: 20210502T183640Z is still later than 20210502T175140Z (20210502T173640Z + 15 min.)',
  ),
  wrongSignature('a region that does not fit', 'Credential should be scoped to a valid region. '),
  wrongSignature('another service', "Credential should be scoped to correct service: 'sts'. "),
  xml(
    'a key with a blank',
    400,
    'IncompleteSignature',
    "'valid/20180109/us-east-1/sts/aws4_request' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential=not valid/20180109/us-east-1/sts/aws4_request, SignedHeaders=host;user-agent;x-amz-date'.",
  ),
  xml('no signature', 403, 'MissingAuthenticationToken', 'Request is missing Authentication Token'),
  xml(
    'a region without STS',
    403,
    'RegionDisabledException',
    'STS is not activated in this region for account:123456789012. Your account administrator can activate STS in this region using the IAM Console.',
  ),
  xml('an expired request', 400, 'RequestExpired', 'Request has expired.'),
  xml('throttling', 400, 'Throttling', 'Rate exceeded'),
  xml(
    'a failure',
    500,
    'InternalFailure',
    'The request processing has failed because of an unknown error, exception or failure.',
  ),
  xml('a pause', 503, 'ServiceUnavailable', 'Service unavailable. Please try again shortly.'),
  {
    name: 'the shape of moto',
    status: 403,
    contentType: 'text/html; charset=utf-8',
    body: '<?xml version="1.0" encoding="utf-8"?>\n<ErrorResponse><Errors><Error><Code>InvalidClientTokenId</Code><Message>The security token included in the request is invalid.</Message><Type>Sender</Type></Error></Errors></ErrorResponse>',
  },
  {
    name: 'JSON',
    status: 403,
    contentType: 'application/json',
    body: '{"Error":{"Code":"AccessDenied","Message":"no","Type":"Sender"},"RequestId":"x"}',
  },
  { name: 'an empty 413', status: 413, contentType: 'text/plain', body: '' },
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

function denied(name: string, message: string): Refused {
  return xml(name, 403, 'AccessDenied', message);
}

function invalid(name: string, message: string): Refused {
  return xml(name, 400, 'ValidationError', `1 validation error detected: ${message}`);
}

function wrongSignature(name: string, message: string): Refused {
  return xml(name, 403, 'SignatureDoesNotMatch', message);
}

function xml(name: string, status: number, code: string, message: string): Refused {
  const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>Sender</Type>
    <Code>${code}</Code>
    <Message>${message.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</Message>
  </Error>
  <RequestId>d5dd2148-ff06-4ec9-859f-9a245e318712</RequestId>
</ErrorResponse>
`;
  return { name, status, body, contentType: 'text/xml' };
}
