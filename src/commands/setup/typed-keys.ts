import type { Credentials } from '../../credentials.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { Secret } from '../../secret.ts';
import { unknownKey } from '../../sts/answer.ts';
import { checkKeys, type FreshKeys, isMistyped } from './check-keys.ts';
import type { Guide } from './guide.ts';
import { cleaned, csvPath, idProblem, type Problem, secretProblem } from './pasted.ts';

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
