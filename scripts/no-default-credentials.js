/**
 * The build puts this in the place of the SDK's default credential chain, which awsmfa never lets it use: the keys
 * are always given. The chain is a third of the SDK, and loading it a sixth of the time that a new session takes.
 */
export function defaultProvider() {
  throw new Error('awsmfa gives the AWS SDK its credentials');
}
