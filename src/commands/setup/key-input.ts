import type { Credentials } from '../../credentials.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { Secret } from '../../secret.ts';
import { unknownKey } from '../../sts/errors.ts';
import { checkKeys, type FreshKeys, isMistyped } from './check-keys.ts';
import type { Guide } from './guide.ts';

/**
 * Keys that are typed, or come as a file whose path is typed. A slip costs one more question, not a new start; after
 * three it is something else.
 *
 * @throws UserError
 */
export async function typedKeys(guide: Guide): Promise<FreshKeys> {
  let known: string | undefined;
  guide.say(introduction);
  for (let tries = 1; ; tries++) {
    const { keys, from } = await ask(known, guide);
    try {
      return await checkKeys(keys, from, guide);
    } catch (error) {
      if (!isMistyped(error) || tries === 3) throw error;
      guide.ui.warn(`${error.message}; once more`);
      known = error.code === unknownKey ? undefined : keys.accessKeyId;
    }
  }
}

const introduction = 'A few questions and an MFA code. Nothing is written before AWS takes the key.';

/** @throws UserError (configuration) for a file without an access key */
export async function keysFromCsv(path: string): Promise<Credentials> {
  const { keysInCsv } = await import('./csv.ts');
  const given = keysInCsv(path);
  const accessKeyId = cleaned(given.accessKeyId);
  refuse(idProblem(accessKeyId), path);
  refuse(secretProblem(given.secretAccessKey, accessKeyId), path);
  return pair(accessKeyId, cleaned(given.secretAccessKey));
}

type Typed = Pick<FreshKeys, 'keys' | 'from'>;

/** @param suggestion an ID that AWS knows: then only the secret is wrong */
async function ask(suggestion: string | undefined, guide: Guide): Promise<Typed> {
  const { askText } = await import('./questions.ts');
  const { ui, world } = guide;
  for (;;) {
    const answer = await askText(
      {
        message: 'Access key ID, or the path of its .csv file:',
        suggestion,
        problem: (text) => (csvPath(text, world.home) ? undefined : idProblem(text)),
      },
      ui,
    );
    const path = csvPath(answer, world.home);
    if (path === undefined) return { keys: await withSecret(cleaned(answer), guide), from: 'typing' };
    try {
      return { keys: await keysFromCsv(path), from: { csv: path } };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      guide.ui.warn(error.message);
    }
  }
}

async function withSecret(accessKeyId: string, guide: Guide): Promise<Credentials> {
  const { askSecret } = await import('./questions.ts');
  for (;;) {
    const answer = await askSecret('Secret access key:', guide.ui);
    const problem = secretProblem(answer, accessKeyId);
    if (problem === undefined) return pair(accessKeyId, cleaned(answer));
    guide.ui.warn(problem);
  }
}

function refuse(problem: Problem, path: string): void {
  if (problem === undefined) return;
  throw new UserError(Exit.configuration, 'bad-csv', `${printable(path)}: ${problem}`);
}

function pair(accessKeyId: string, secret: string): Credentials {
  return { accessKeyId, secretAccessKey: new Secret(secret), sessionToken: undefined };
}

/** What is wrong with an answer, for people; undefined for nothing. */
export type Problem = string | undefined;

/** What people paste with a key: blanks and quotes around it, a comma behind it, the name of its setting before it. */
function cleaned(text: string): string {
  return text
    .trim()
    .replace(/^(?:export\s+)?aws_(?:access_key_id|secret_access_key)\s*=\s*/i, '')
    .replace(/^["'“”‘’`]+|["'“”‘’`,;]+$/g, '')
    .trim();
}

/** IAM: 16 to 128 letters and digits (API reference of AccessKey); a session's begins in `ASIA`, a user's in `AKIA`. */
function idProblem(text: string): Problem {
  const id = cleaned(text);
  if (id === '') return 'Without an access key there is nothing to set up; Ctrl-C ends this';
  if (/^ASIA/.test(id)) return 'ASIA… is the key of a session that ends; wanted is the long-term key, AKIA…';
  if (/\s/.test(id))
    return 'There is a blank in it: an access key ID is one word of 20 letters and digits, AKIA…';
  if (/[+/]/.test(id) && id.length === 40) {
    return 'That looks like the secret access key, which is asked for next; here the ID is wanted, AKIA…';
  }
  if (/^\w{16,128}$/.test(id)) return undefined;
  return `An access key ID has 20 letters and digits, AKIA…; ${/^\w*$/.test(id) ? `this has ${id.length}` : 'this has other characters'}`;
}

/** The secret itself is in none of the texts. */
function secretProblem(text: string, accessKeyId: string): Problem {
  const secret = cleaned(text);
  if (secret === '') return 'That was nothing; paste the secret access key that belongs to the ID';
  if (secret === accessKeyId)
    return 'That was the access key ID again; the secret is the longer one of the two';
  // A blank or a control character breaks the signature, and STS's answer would show the key.
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    return 'There is a blank in it, or a character that no secret has: copy it again, all of it on one line';
  }
  return undefined;
}

/**
 * The path that was typed, or dragged into the terminal, in place of a key: in quotes, or with backslashes before
 * what a shell would read.
 */
function csvPath(text: string, home: string | undefined): string | undefined {
  const trimmed = text.trim();
  const quoted = /^(["'])(.*)\1$/.exec(trimmed)?.[2];
  const path = quoted ?? trimmed.replace(/\\(.)/g, '$1');
  if (!/\.csv$/i.test(path)) return undefined;
  return home !== undefined && path.startsWith('~/') ? home + path.slice(1) : path;
}
