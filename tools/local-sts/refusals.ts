/**
 * The refusals of STS, and of IAM for the calls we need, with the status, code and text that clients see.
 * The texts are AWS's own, blanks at the end included: tests of messages are worth something only against these.
 */
export type Refusal = {
  readonly ok: false;
  readonly status: number;
  readonly code: string;
  readonly message: string;
};

export const mfaBadCode = accessDenied(
  'MultiFactorAuthentication failed with invalid MFA one time pass code. ',
);

export const mfaBadSerial = accessDenied(
  'MultiFactorAuthentication failed, unable to validate MFA code.  ' +
    'Please verify your MFA serial number is valid and associated with this user. ',
);

export const mfaHalfGiven = accessDenied(
  'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ',
);

export const sessionCredentials = accessDenied('Cannot call GetSessionToken with session credentials');

export const rootMayNotAssume = accessDenied('Roles may not be assumed by root accounts.');

/** One text for a distrusted caller, missing MFA, a wrong external ID and a role that is not there: AWS does not say which. */
export function mayNotAssume(callerArn: string, roleArn: string): Refusal {
  return accessDenied(
    `User: ${callerArn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
  );
}

export function explicitlyDenied(callerArn: string, action: string, resource: string): Refusal {
  return accessDenied(
    `User: ${callerArn} is not authorized to perform: ${action} on resource: ${resource} ` +
      'with an explicit deny in an identity-based policy',
  );
}

export function notAllowed(callerArn: string, action: string, resource: string): Refusal {
  return accessDenied(
    `User: ${callerArn} is not authorized to perform: ${action} on resource: ${resource} ` +
      `because no identity-based policy allows the ${action} action`,
  );
}

export const invalidArn = validationError('Request ARN is invalid');

export const overRoleMaximum = validationError(
  'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
);

export const overChainingLimit = validationError(
  'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
);

export const policyIsNotJson = refusal(
  400,
  'MalformedPolicyDocument',
  'The policy is not in the valid JSON format.',
);

export const policySyntax = refusal(400, 'MalformedPolicyDocument', 'Syntax errors in policy.');

export const sessionCredentialsForFederation = accessDenied(
  'Cannot call GetFederationToken with session credentials',
);

export function federationNotAllowed(callerArn: string, federatedArn: string): Refusal {
  return notAllowed(callerArn, 'sts:GetFederationToken', federatedArn);
}

/** The text is made up: AWS documents only that long-term credentials cannot call it. */
export const longTermCredentials = accessDenied(
  'Cannot call GetScopedCredentials with long-term credentials',
);

/** The text is made up: AWS documents only that a fourth policy is denied. */
export function tooManyScopes(callerArn: string): Refusal {
  return accessDenied(`User: ${callerArn} is not authorized to perform: sts:GetScopedCredentials`);
}

/** The text is made up, code and status are of the model. */
export const lifetimeTooShort = refusal(
  400,
  'InsufficientSessionLifetime',
  'The requested DurationSeconds exceeds the remaining lifetime of the calling session.',
);

/** Made up as well: the global endpoint does not have the call, and the call needs something to do. */
export function nothingToNarrow(why: 'endpoint' | 'request'): Refusal {
  return why === 'endpoint'
    ? unknownAction('GetScopedCredentials', '2011-06-15')
    : validationError('Either Policy or DurationSeconds must be specified.');
}

export function tokenTooLarge(size: number, most: number): Refusal {
  return refusal(
    400,
    'PackedPolicyTooLarge',
    `The session token size of ${size} bytes exceeds the maximum allowed size of ${most} bytes.`,
  );
}

/** A policy of the session that does not allow the call, or denies it. */
export function limitedBySession(
  callerArn: string,
  action: string,
  resource: string,
  denied: boolean,
): Refusal {
  return accessDenied(
    `User: ${callerArn} is not authorized to perform: ${action} on resource: ${resource} ${
      denied
        ? 'with an explicit deny in a session policy'
        : `because no session policy allows the ${action} action`
    }`,
  );
}

export const keysOverQuota = refusal(409, 'LimitExceeded', 'Cannot exceed quota for AccessKeysPerUser: 2');

export const userNameMissing = validationError(
  'Must specify userName when calling with non-User credentials',
);

export function noSuchKey(id: string): Refusal {
  return refusal(404, 'NoSuchEntity', `The Access Key with id ${id} cannot be found.`);
}

export const expiredToken = refusal(
  403,
  'ExpiredToken',
  'The security token included in the request is expired',
);

/** An unknown or deleted key, a temporary key without its token, or a token that is not this key's. */
export const invalidClientToken = refusal(
  403,
  'InvalidClientTokenId',
  'The security token included in the request is invalid.',
);

export const signatureMismatch = wrongSignature(
  'The request signature we calculated does not match the signature you provided. ' +
    'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
);

export const missingAuthentication = refusal(
  403,
  'MissingAuthenticationToken',
  'Request is missing Authentication Token',
);

export function unknownAction(action: string, version: string): Refusal {
  return refusal(400, 'InvalidAction', `Could not find operation ${action} for version ${version}`);
}

export function regionDisabled(accountId: string): Refusal {
  return refusal(
    403,
    'RegionDisabledException',
    `STS is not activated in this region for account:${accountId}. ` +
      'Your account administrator can activate STS in this region using the IAM Console.',
  );
}

export function noSuchUser(name: string): Refusal {
  return refusal(404, 'NoSuchEntity', `The user with name ${name} cannot be found.`);
}

export const throttling = refusal(400, 'Throttling', 'Rate exceeded');

export const internalFailure = refusal(
  500,
  'InternalFailure',
  'The request processing has failed because of an unknown error, exception or failure.',
);

export const unavailable = refusal(
  503,
  'ServiceUnavailable',
  'Service unavailable. Please try again shortly.',
);

/** A refusal of the signature itself: wrong scope, clock off, or simply another signature. */
export function wrongSignature(message: string): Refusal {
  return refusal(403, 'SignatureDoesNotMatch', message);
}

export function incompleteSignature(message: string): Refusal {
  return refusal(400, 'IncompleteSignature', message);
}

export function validationError(message: string): Refusal {
  return refusal(400, 'ValidationError', message);
}

export function refusal(status: number, code: string, message: string): Refusal {
  return { ok: false, status, code, message };
}

function accessDenied(message: string): Refusal {
  return refusal(403, 'AccessDenied', message);
}
