import type { Flags } from '../cli/invocation.ts';
import { Exit, UserError } from '../errors.ts';
import type { Profile } from '../profile/profile.ts';
import type { World } from '../world.ts';
import { fromDialog } from './source/dialog.ts';
import { fromEnvironment } from './source/environment.ts';
import { fromProcess } from './source/mfa-process.ts';
import { fromOption } from './source/option.ts';
import { fromStdin } from './source/stdin.ts';
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
  /** As it is called in the middle of a sentence. */
  readonly name: string;
  /** A person can give another code at once, a program when the next one has come, and what is fixed never. */
  readonly kind: 'person' | 'program' | 'fixed';
  /** @throws UserError */
  read(question: Question): Promise<string>;
}

/** What a source is looked for in. */
export interface Asking {
  readonly flags: Flags;
  readonly world: World;
  /** The profile that was named; what it does not say may be said by its source. */
  readonly profile: Profile;
}

/**
 * Where the token code comes from: the first of these that is there.
 *
 * @throws UserError cannotAsk when there is no way, at once
 */
export function tokenSource(asking: Asking): TokenSource {
  for (const find of sources) {
    const source = find(asking);
    if (source) return source;
  }
  throw cannotAsk(
    asking.flags['no-prompt'] ? '--no-prompt forbids asking' : 'there is no terminal to ask on',
  );
}

const sources: readonly ((asking: Asking) => TokenSource | undefined)[] = [
  fromStdin,
  fromOption,
  fromEnvironment,
  fromProcess,
  fromTerminal,
  fromDialog,
];

export function cannotAsk(why: string): UserError {
  return new UserError(
    Exit.cannotAsk,
    'cannot-ask',
    `An MFA code is needed, and ${why}`,
    'Give it with --token-code CODE (- for stdin) or AWSMFA_TOKEN_CODE, or name a program that prints it: mfa_process in the profile, or AWSMFA_MFA_PROCESS.',
  );
}
