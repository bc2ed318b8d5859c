import { shortKey } from '../credentials.ts';
import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import {
  type Context,
  clockOffset,
  nameSts,
  quoteAnswer,
  readError,
  type StsCall,
  sourceExpired,
  type Told,
  wayError,
  wrongCode,
} from './answer.ts';
import { callerRefusals, secretRefusals } from './caller-errors.ts';
import { endpointRefusals, parameterRefusals } from './request-errors.ts';

/**
 * What STS, or what stands before it, answered, as something a person can act on.
 *
 * @param accessKeyId of the credentials that called
 * @param now epoch milliseconds, to measure this clock against the answer's
 */
export function translateError(error: unknown, call: StsCall, accessKeyId: string, now: number): UserError {
  if (error instanceof UserError) return error;
  const answer = readError(error);
  const service = { name: nameSts(call.endpoint), of: '', withCode: call.serialNumber !== undefined };
  const onTheWay = wayError(answer, service);
  if (onTheWay) return onTheWay;
  const offset = clockOffset(answer, now);
  const [code, message, hint] = describeRefusal({ answer, call, accessKeyId, offset });
  return new UserError(Exit.refused, code, message.replace(/^profile /, 'Profile '), hint);
}

/**
 * STS's "no", with the most likely cause as far as it can be told from here. AWS's texts are matched loosely: they
 * come with and without blanks at the end, and change.
 */
function describeRefusal(
  refused: Pick<Context, 'answer' | 'call' | 'offset'> & { readonly accessKeyId: string },
): Told {
  const { answer, call, offset } = refused;
  const context: Context = {
    answer,
    call,
    offset,
    of: `profile "${printable(call.profile, 60)}"`,
    key: shortKey(refused.accessKeyId),
    device: printable(call.serialNumber ?? '', 100),
  };
  // The first that matches counts. The secret's comes after those of endpoints, which are about signatures as well.
  const all = [...callerRefusals, ...endpointRefusals, ...secretRefusals, ...parameterRefusals];
  const common = all.find(({ when }) => when.test(`${answer.code}: ${answer.message}`));
  return (common?.say ?? other)(context);
}

/** True when another code can help. */
export function isWrongCode(error: unknown): error is UserError {
  return error instanceof UserError && error.code === wrongCode;
}

/** True when a new session of the source can help. */
export function isSourceExpired(error: unknown): boolean {
  return error instanceof UserError && error.code === sourceExpired;
}

function other({ of, answer }: Context): Told {
  return [
    'refused',
    `AWS refused ${of}: ${quoteAnswer(answer)}`,
    'With --debug awsmfa says what it sent, and where.',
  ];
}
