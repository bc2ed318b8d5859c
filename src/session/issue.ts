import type { Flags } from '../cli/options.ts';
import { type Question, tokenSource } from '../mfa/code.ts';
import type { World } from '../world.ts';
import { isWrongCode } from './fault.ts';
import type { SessionRequest } from './request.ts';
import type { Session } from './session.ts';
import { getSessionToken } from './sts.ts';

/**
 * A new session from STS. The token code is asked for last, after everything that can fail without it, and on a
 * terminal a wrong one may be typed again: three tries in all.
 */
export async function issue(request: SessionRequest, flags: Flags, world: World): Promise<Session> {
  const { serialNumber } = request;
  if (serialNumber === undefined) return getSessionToken(request, undefined, world.now);
  const source = tokenSource(flags, world);
  const question: Question = { profile: request.profile, serialNumber, refusal: undefined };
  for (let tries = 1; ; tries++) {
    try {
      const code = await source.read(question);
      return await getSessionToken(request, code, world.now);
    } catch (error) {
      if (!isWrongCode(error) || !source.again || tries === 3) throw error;
      Object.assign(question, { refusal: error.message });
    }
  }
}
