import type { Secret } from './credentials.ts';
import type { Environment } from './world.ts';

/** A configured value. */
export interface Setting {
  readonly value: string;
  /** Its origin, for messages: `--region`, `AWS_MFA_SERIAL`, `mfa_serial of profile "work"`. */
  readonly by: string;
  /** Of a command: it ends at the beginning of a comment. */
  readonly isCut?: boolean;
}

/** The same for a list, such as a repeated option. */
export interface ListSetting {
  readonly values: readonly string[];
  readonly by: string;
}

/** The profile that is wanted, and what names it. */
export interface ProfileChoice {
  readonly name: string;
  readonly by: string;
}

/** A requested duration. */
export interface AskedDuration {
  readonly seconds: number;
  readonly by: string;
}

/** The request of a command line and the variables. Options, variables and defaults are settled; files are not read yet. */
export interface SessionRequest {
  /** The command, e.g. `use`. Processes that wait for its prompt show this word. */
  readonly command: string;
  readonly choice: ProfileChoice;
  readonly region: Setting | undefined;
  readonly stsRegion: Setting | undefined;
  readonly durations: Durations;
  readonly serialNumber: Setting | undefined;
  readonly role: RoleRequest;
  /** Narrow the session to this policy. */
  readonly scope: ScopeRequest | undefined;
  /** `--scope none`: a whole session, inside a scope too. */
  readonly isUnscoped: boolean;
  readonly code: CodeRequest;
  /** Get a new session even if a cached one is valid. */
  readonly refresh: boolean;
  /** This profile needs no MFA. */
  readonly noMfa: { readonly by: string } | undefined;
  /** Use MFA on AssumeRole itself, without an MFA session. */
  readonly noSession: { readonly by: string } | undefined;
  /** A session with less than this many seconds left counts as expired. */
  readonly minTtl: number;
  readonly cli: CommandLines;
}

/** Functions of the room that knows command lines. */
export interface CommandLines {
  /** The command line that gets this session in a terminal, e.g. `awsmfa login work`. */
  loginLine(profile: string): string;
  /** The profile that a command line of awsmfa gets credentials for; undefined for one that gets none. */
  profileOf(argv: readonly string[], env: Environment): ProfileChoice | undefined;
}

export interface Durations {
  /** Of the named profile, for any kind. */
  readonly option: AskedDuration | undefined;
  /** Of the MFA session. A role gets it only up to an hour, because a longer session would cost a code of its own. */
  readonly variable: AskedDuration | undefined;
  /** Of aws-vault's variables, for every profile. Cut to AWS's limits; an option beyond them is an error. */
  readonly vault: VaultDurations;
}

export interface VaultDurations {
  /** AWS_ASSUME_ROLE_TTL: of a role. */
  readonly role: AskedDuration | undefined;
  /** AWS_SESSION_TOKEN_TTL: of an MFA session that is used directly. */
  readonly session: AskedDuration | undefined;
  /** AWS_CHAINED_SESSION_TOKEN_TTL: of an MFA session that assumes a role. */
  readonly chained: AskedDuration | undefined;
}

/** Parameters of AssumeRole. They are checked when the profile is known to be a role. */
export interface RoleRequest {
  readonly arn: Setting | undefined;
  readonly sessionName: Setting | undefined;
  readonly externalId: Setting | undefined;
  readonly sourceIdentity: Setting | undefined;
  /** `KEY=VALUE`. */
  readonly tags: ListSetting | undefined;
  readonly transitiveTagKeys: ListSetting | undefined;
  /** The text of the policy, which is JSON. */
  readonly policy: Setting | undefined;
  readonly policyArns: ListSetting | undefined;
}

/** A policy that narrows a session with GetScopedCredentials. */
export interface ScopeRequest {
  /** The name of a scope, or the absolute path of a file. `AWSMFA_SCOPE` holds it. */
  readonly name: string;
  /** JSON without blanks, at most 2,048 characters. */
  readonly policy: string;
}

/** The sources of a token code. The profile may name a program too. */
export interface CodeRequest {
  /** A code that the user gave in advance. */
  readonly given: GivenCode | undefined;
  /** Read the code from stdin. */
  readonly fromStdin: { readonly by: string } | undefined;
  /** The command of a program that prints codes. */
  readonly program: Setting | undefined;
}

export interface GivenCode {
  readonly code: Secret;
  readonly by: string;
}
