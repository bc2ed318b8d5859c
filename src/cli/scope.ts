import { resolve } from 'node:path';
import type { UserError } from '../errors.ts';
import { readOwn } from '../files/disk.ts';
import { badScope, checkedPolicy } from '../profile/role.ts';
import type { ScopeRequest } from '../request.ts';
import { printable } from '../text.ts';

/**
 * What `--scope` names: a policy that ships, one of the user's in `~/.aws/awsmfa/scopes`, or a file. A word with a slash, or
 * that ends in `.json`, is a file.
 *
 * @param by who names it, for errors: `--scope`
 * @param cwd absolute; a file is told apart by its whole path
 * @throws UserError usage
 */
export function scopeOf(
  word: string,
  by: string,
  { home, cwd }: { home: string | undefined; cwd: string },
): ScopeRequest {
  if (/[/\\]|\.json$/i.test(word)) {
    const path = resolve(cwd, word);
    return { name: path, policy: checkedPolicy(read(path, by, word), `${by} ${printable(word, 100)}`) };
  }
  const shipped = scopes[word];
  if (shipped) return { name: word, policy: JSON.stringify(shipped) };
  if (home === undefined || !/^[\w.-]+$/.test(word)) throw unknown(word, by);
  const path = `${home}/.aws/awsmfa/scopes/${word}.json`;
  const text = readOwn(path, 65_536, 0o022)?.toString('utf8');
  if (text === undefined) throw readOwn(path, 65_536) ? writable(word, by) : unknown(word, by);
  return { name: word, policy: checkedPolicy(text, `${by} ${word}`) };
}

function read(path: string, by: string, word: string): string {
  const text = readOwn(path, 65_536)?.toString('utf8');
  if (text !== undefined) return text;
  throw badScope(
    by,
    `${by} ${printable(word, 100)} cannot be read`,
    'It must be a file of your own, of 64 KiB at most. A scope by name has no slash: --scope read-only.',
  );
}

/** The umask of some systems makes a new file writable for the group. */
function writable(word: string, by: string): UserError {
  const path = `~/.aws/awsmfa/scopes/${word}.json`;
  return badScope(by, `${by} ${word}: others can write to ${path}`, `Keep it to yourself: chmod 600 ${path}`);
}

function unknown(word: string, by: string): UserError {
  return badScope(
    by,
    `${by}: there is no scope "${printable(word, 60)}"`,
    `Use one of ${Object.keys(scopes).join(', ')}. One of your own is ~/.aws/awsmfa/scopes/NAME.json, which only you may write to. A policy file is named with a slash: ./policy.json`,
  );
}

/**
 * Read-only calls. IAM has no wildcard for services, so that they are listed, as many as fit into STS's 2,048 characters. Calls
 * that return secrets or credentials are left out on purpose: values of Secrets Manager and of Parameter Store, KMS
 * decryption, tokens and passwords that a `Get…` returns.
 */
const readOnlyActions = `
  access-analyzer:List* acm:Describe* acm:List* application-autoscaling:Describe* athena:BatchGet*
  athena:GetQuery* athena:List* autoscaling:Describe* backup:Describe* backup:List* batch:Describe*
  batch:List* bedrock:List* budgets:View* ce:Get* cloudformation:Describe* cloudformation:Get*
  cloudformation:List* cloudfront:Get* cloudfront:List* cloudtrail:Describe* cloudtrail:Get*
  cloudtrail:List* cloudtrail:LookupEvents cloudwatch:Describe* cloudwatch:Get* cloudwatch:List*
  codebuild:BatchGet* codebuild:List* codepipeline:Get* codepipeline:List* config:Describe* config:Get*
  config:List* dynamodb:BatchGet* dynamodb:Describe* dynamodb:Get* dynamodb:List* dynamodb:Query
  dynamodb:Scan ec2:Describe* ec2:GetConsole* ecr:BatchGet* ecr:Describe* ecr:List* ecs:Describe*
  ecs:List* eks:Describe* eks:List* elasticache:Describe* elasticfilesystem:Describe*
  elasticloadbalancing:Describe* es:Describe* es:List* events:Describe* events:List* firehose:Describe*
  firehose:List* glue:GetTable* glue:GetDatabase* glue:List* iam:Get* iam:List* kinesis:Describe*
  kinesis:List* kms:Describe* kms:List* lambda:Get* lambda:List* logs:Describe* logs:Filter* logs:Get*
  logs:List* logs:StartQuery organizations:Describe* organizations:List* rds:Describe* rds:List*
  redshift:Describe* route53:Get* route53:List* s3:GetBucket* s3:GetObject* s3:List*
  secretsmanager:Describe* secretsmanager:List* ses:Get* ses:List* sns:Get* sns:List* sqs:Get* sqs:List*
  ssm:Describe* ssm:List* states:Describe* states:Get* states:List* tag:Get* wafv2:Get* wafv2:List*
  xray:BatchGet* xray:Get*
`;

/** The scopes that ship, by name. */
export const scopes: Readonly<Record<string, object>> = {
  'read-only': {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: readOnlyActions.trim().split(/\s+/), Resource: '*' }],
  },
};
