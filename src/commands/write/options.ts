import type { SessionRequest } from '../../request.ts';
import type { Made } from '../../session/written.ts';

/** What `write` is asked for. */
export interface WriteOptions {
  readonly request: SessionRequest;
  /** What of it is remembered, so that the session can be made again. */
  readonly made: Made;
  readonly action: 'write' | 'remove' | 'setup';
  /** Every section that awsmfa wrote. */
  readonly all: boolean;
  /** Every section whose session has ended, to be removed. */
  readonly expired: boolean;
  /** Whether the command line names the profile. */
  readonly isNamed: boolean;
  readonly section: string | undefined;
  readonly longTermSuffix: string | undefined;
  readonly shortTermSuffix: string | undefined;
  /** Replace a section of another tool. */
  readonly overwrite: boolean;
  /** Answer as aws-mfa does. */
  readonly isAwsMfa: boolean;
  readonly logLevel: string | undefined;
  /** Errors are JSON: nothing else may be on stderr. */
  readonly json: boolean;
  /** The same for another profile and what is remembered of it; what is asked now comes first. */
  again(profile: string, made: Made): WriteOptions;
}
