import { Exit, UserError } from '../errors.ts';
import type { Profile } from '../profile/profile.ts';
import type { CodeRequest } from '../request.ts';
import type { Ui } from '../ui.ts';
import type { World } from '../world.ts';

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
  readonly code: CodeRequest;
  readonly ui: Ui;
  readonly world: World;
  /** The profile that was named; what it does not say may be said by its source. */
  readonly profile: Profile;
}

/** @param why for the middle of a sentence: `there is no terminal to ask on` */
export function cannotAsk(why: string): UserError {
  return new UserError(
    Exit.cannotAsk,
    'cannot-ask',
    `An MFA code is needed, and ${why}`,
    'Give it with --token-code CODE (- for stdin) or AWSMFA_TOKEN_CODE, or name a program that prints it: mfa_process in the profile, or AWSMFA_MFA_PROCESS.',
  );
}
