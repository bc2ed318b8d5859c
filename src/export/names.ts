/** The variables that name a profile; `env` takes them away and `clear` puts them back. */
export const profileNames = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'] as const;

export const accountName = 'AWS_ACCOUNT_ID';

/** What `clear` puts back. */
export const restoredNames = [...profileNames, accountName] as const;

export const regionNames = ['AWS_REGION', 'AWS_DEFAULT_REGION'] as const;

/**
 * botocore reads `AWS_SECURITY_TOKEN` before `AWS_SESSION_TOKEN`, so a stale one would win over ours:
 * everything that was or could be a credential goes.
 */
export const credentialNames = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
  // SDKs build endpoints from it: with a stale one they send DynamoDB's calls to the other account's.
  accountName,
] as const;

/** Where the parts of a session go. */
export const sessionNames = {
  accessKeyId: 'AWS_ACCESS_KEY_ID',
  secretAccessKey: 'AWS_SECRET_ACCESS_KEY',
  sessionToken: 'AWS_SESSION_TOKEN',
  expiration: 'AWS_CREDENTIAL_EXPIRATION',
  accountId: accountName,
} as const;

/** Holds the name of the profile whose session the shell holds. */
export const profileName = 'AWSMFA_PROFILE';

/** Says which scope narrows the session. An awsmfa that finds it gives out nothing wider. */
export const scopeName = 'AWSMFA_SCOPE';

/** What other tools leave behind, which prompts and SDKs would read before ours. */
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

/** What programs read before those two, or find before they ask there. */
export const beforeContainerNames = [
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
] as const;
