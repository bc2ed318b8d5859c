import type { CommandName } from './commands.ts';
import type { OptionName, options } from './options.ts';

/** One parsed command line. Every stage after the parser reads options from here and nowhere else. */
export interface Invocation {
  /** Undefined for a bare `awsmfa`. */
  readonly command: CommandName | undefined;
  /** The profile argument, or the shell of `init`. */
  readonly argument: string | undefined;
  /** What `keys` is to do. */
  readonly action?: string;
  readonly flags: Flags;
  /** The command of `exec` with its arguments, none of which are options of awsmfa; the words of `list`. */
  readonly rest?: readonly string[];
}

export type Flags = {
  readonly [Name in OptionName]?: ValueOf<(typeof options)[Name]['type']>;
};

type ValueOf<Type> = Type extends 'boolean' ? boolean : Type extends 'strings' ? readonly string[] : string;
