import type { Flags } from '../cli/options.ts';
import { Exit, UserError } from '../errors.ts';
import type { World } from '../world.ts';
import { fromTerminal } from './source/terminal.ts';

/** What a source is told about the question. */
export interface Question {
  readonly profile: string;
  readonly serialNumber: string;
  /** Why the code before was refused, or undefined the first time. */
  readonly refusal: string | undefined;
}

/** One way to a token code. */
export interface TokenSource {
  readonly name: string;
  /** True when a wrong code may be given again. */
  readonly again: boolean;
  read(question: Question): Promise<string>;
}

/**
 * Where the token code comes from: option, stdin, environment, terminal, in this order.
 *
 * @throws UserError cannotAsk when there is no way, at once
 */
export function tokenSource(flags: Flags, world: World): TokenSource {
  const given = flags['token-code'];
  if (given === '-') return fixed('stdin', () => world.readStdin());
  if (given !== undefined) return fixed('--token-code', () => given);
  const exported = world.env.AWSMFA_TOKEN_CODE;
  if (exported) return fixed('AWSMFA_TOKEN_CODE', () => exported);
  const terminal = flags['no-prompt'] ? undefined : fromTerminal(world);
  if (terminal) return terminal;
  throw new UserError(
    Exit.cannotAsk,
    'cannot-ask',
    `An MFA code is needed, and ${flags['no-prompt'] ? '--no-prompt forbids asking' : 'there is no terminal to ask on'}`,
    'Give it with --token-code CODE, --token-code - (stdin) or AWSMFA_TOKEN_CODE.',
  );
}

function fixed(name: string, read: () => string): TokenSource {
  return {
    name,
    again: false,
    read: async () => checkedCode(read().trim(), name),
  };
}

/** Six ASCII digits (API reference of GetSessionToken, `TokenCode`). The code itself is never shown. */
function checkedCode(code: string, name: string): string {
  if (isCode(code)) return code;
  const count = `${code.length} character${code.length === 1 ? '' : 's'}`;
  throw new UserError(
    Exit.refused,
    'bad-code',
    `The MFA code from ${name} is not six digits (${/^\d*$/.test(code) ? count.replace('character', 'digit') : count})`,
    'Nothing was sent. Take the six digits your authenticator shows now.',
  );
}

export function isCode(text: string): boolean {
  return /^[0-9]{6}$/.test(text);
}
