import { policyIsNotJson, policySyntax, type Refusal } from './refusals.ts';

/** One IAM policy that limits a session: what it does not allow is refused. */
export type Policy = {
  /** As it was sent. */
  readonly text: string;
  readonly statements: readonly Statement[];
};

type Statement = {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: Patterns;
  readonly resources: Patterns;
  /** Undefined without a condition on MFA. */
  readonly mfa: boolean | undefined;
};

/** `not` for NotAction and NotResource. */
type Patterns = { readonly patterns: readonly string[]; readonly not: boolean };

/** A call, as a policy sees it: `iam:ListAccessKeys`, an ARN, and whether MFA was given. */
export type Attempt = { readonly action: string; readonly resource: string; readonly mfa: boolean };

/**
 * Reads a session policy. It knows the elements of IAM's policy language that tests use, and refuses the others, so
 * that no test relies on a condition that is not looked at.
 */
export function parsePolicy(text: string): { readonly ok: true; readonly policy: Policy } | Refusal {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return policyIsNotJson;
  }
  if (!isObject(document) || !('Statement' in document)) return policySyntax;
  const statements = listOf(document.Statement).map(readStatement);
  if (statements.includes(undefined)) return policySyntax;
  return { ok: true, policy: { text, statements: statements as Statement[] } };
}

/** What a policy says about a call. An explicit deny wins; what no statement allows is not allowed. */
export function evaluate({ statements }: Policy, attempt: Attempt): 'allow' | 'deny' | 'nothing' {
  const applying = statements.filter((statement) => applies(statement, attempt));
  if (applying.some(({ effect }) => effect === 'Deny')) return 'deny';
  return applying.length > 0 ? 'allow' : 'nothing';
}

/** `*` and `?` of IAM, in any case of letters for actions. */
export function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'is').test(text);
}

function applies({ actions, resources, mfa }: Statement, attempt: Attempt): boolean {
  if (mfa !== undefined && mfa !== attempt.mfa) return false;
  return selects(actions, attempt.action) && selects(resources, attempt.resource);
}

function selects({ patterns, not }: Patterns, text: string): boolean {
  return patterns.some((pattern) => matches(pattern, text)) !== not;
}

function readStatement(value: unknown): Statement | undefined {
  if (!isObject(value)) return undefined;
  const { Sid: _, Effect: effect, Condition: condition, ...rest } = value;
  if (effect !== 'Allow' && effect !== 'Deny') return undefined;
  const actions = readPatterns(rest, 'Action');
  const resources = readPatterns(rest, 'Resource');
  const known = ['Action', 'NotAction', 'Resource', 'NotResource'];
  if (!actions || !resources || Object.keys(rest).some((key) => !known.includes(key))) return undefined;
  const mfa = condition === undefined ? undefined : readMfa(condition);
  if (condition !== undefined && mfa === undefined) return undefined;
  return { effect, actions, resources, mfa };
}

function readPatterns(statement: Record<string, unknown>, name: string): Patterns | undefined {
  const not = `Not${name}` in statement;
  const patterns = listOf(statement[not ? `Not${name}` : name]);
  const texts = patterns.filter((pattern) => typeof pattern === 'string');
  return texts.length > 0 && texts.length === patterns.length ? { patterns: texts, not } : undefined;
}

/** `{"Bool": {"aws:MultiFactorAuthPresent": "true"}}` and `BoolIfExists`, which are the same here. */
function readMfa(condition: unknown): boolean | undefined {
  const text = JSON.stringify(condition);
  const [, value] =
    /^\{"Bool(?:IfExists)?":\{"aws:MultiFactorAuthPresent":"?(true|false)"?\}\}$/.exec(text) ?? [];
  return value === undefined ? undefined : value === 'true';
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
