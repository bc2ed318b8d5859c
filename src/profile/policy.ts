import { Exit, UserError } from '../errors.ts';

/**
 * An IAM policy as one line. The limits are those of STS: 2,048 characters, none outside Latin-1 (API reference,
 * GetScopedCredentials and AssumeRole).
 *
 * @param by begins the error: `--policy FILE`
 * @throws UserError usage
 */
export function checkedPolicy(text: string, by: string): string {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw badScope(by, 'is not JSON', 'An IAM policy is JSON: {"Version": "2012-10-17", "Statement": […]}');
  }
  if (typeof policy !== 'object' || policy === null || !('Statement' in policy)) {
    throw badScope(
      by,
      'has no Statement',
      'An IAM policy looks like {"Version": "2012-10-17", "Statement": […]}.',
    );
  }
  const compact = JSON.stringify(policy);
  if (!/^[\t\n\r\u0020-\u00ff]*$/.test(compact)) {
    throw badScope(
      by,
      'has a character that AWS takes in no policy',
      'Leave out what is not Latin-1, such as in a Sid.',
    );
  }
  if (compact.length <= 2048) return compact;
  throw badScope(
    by,
    `has ${compact.length} characters without blanks, and AWS takes at most 2048`,
    'Make it shorter: * in the names of actions, fewer services.',
  );
}

export function badScope(by: string, what: string, hint: string): UserError {
  const separator = what.startsWith('there') ? ': ' : ' ';
  return new UserError(Exit.usage, 'bad-scope', `${by}${separator}${what}`, hint);
}
