/** The variables that name a profile; `env` removes them and `clear` restores them. */
export const profileNames = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'] as const;

export const accountName = 'AWS_ACCOUNT_ID';

/** The variables that `clear` restores. */
export const restoredNames = [...profileNames, accountName] as const;

export const regionNames = ['AWS_REGION', 'AWS_DEFAULT_REGION'] as const;

/**
 * botocore reads `AWS_SECURITY_TOKEN` before `AWS_SESSION_TOKEN`, so a stale one would win over ours: remove every
 * variable that could be a credential.
 */
export const credentialNames = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
  // SDKs build endpoints from it: a stale one would send DynamoDB's calls to another account's endpoint.
  accountName,
] as const;

/** The variables for the parts of a session. */
export const sessionNames = {
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
  expiration: 'AWS_CREDENTIAL_EXPIRATION',
  accountId: accountName,
} as const;

/** The name of the profile whose session the shell holds. */
export const profileName = 'AWSMFA_PROFILE';

/** The scope that narrows the session. awsmfa gives no wider session while it is set. */
export const scopeName = 'AWSMFA_SCOPE';

/** Tells an exec, and `clear`, that they run inside an exec, and for which profile that is. */
export const markerName = 'AWSMFA_EXEC';

/** Variables of other tools that prompts and SDKs would read before ours. */
export const foreignNames = [
  'AWS_VAULT',
  'AWSUME_PROFILE',
  'AWSUME_EXPIRATION',
  'AWS_SESSION_EXPIRATION',
] as const;

/**
 * Older names for keys, which some SDKs read before the names above: Go, Ruby and Terraform the first two, the SDK for
 * JavaScript v2 those with AMAZON, boto3 the last one before it asks a server.
 */
export const oldNames = [
  'AWS_ACCESS_KEY',
  'AWS_SECRET_KEY',
  'AMAZON_ACCESS_KEY_ID',
  'AMAZON_SECRET_ACCESS_KEY',
  'AMAZON_SESSION_TOKEN',
  'AWS_CREDENTIAL_FILE',
] as const;

/** Where programs ask for credentials that expire (AWS SDKs and Tools reference guide, "Container credential provider"). */
export const containerNames = [
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
] as const;

/** Variables that programs read before those two. */
export const beforeContainerNames = [
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
] as const;
