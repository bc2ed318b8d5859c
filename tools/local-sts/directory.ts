import { createHash } from 'node:crypto';
import type { AccessKey, Session } from './sessions.ts';

/** An IAM user of the local STS; `root` makes it the account's root user. */
export type User = {
  readonly accountId: string;
  readonly name: string;
  readonly accessKeys: readonly {
    readonly id: string;
    readonly secret: string;
    readonly status?: 'Active' | 'Inactive';
    /** ISO 8601; 30 days ago by default. */
    readonly created?: string;
  }[];
  readonly devices?: readonly Device[];
  /** `aws` by default; `aws-cn` and `aws-us-gov` keys work in regions of their own only. */
  readonly partition?: string;
  readonly root?: boolean;
  /** Actions that are refused to this user: `iam:ListMFADevices`, `sts:AssumeRole`. */
  readonly denied?: readonly string[];
  /** Actions that a policy denies without MFA, with IAM's wildcards: `iam:*`. */
  readonly deniedWithoutMfa?: readonly string[];
};

/** An MFA device. Without a secret (base32) it is one that STS cannot use: a security key or a passkey. */
export type Device = {
  readonly serial: string;
  readonly secret?: string;
  /** ISO 8601, as IAM tells it. */
  readonly enableDate?: string;
};

export type Role = {
  readonly arn: string;
  readonly trust?: Trust;
  /** Seconds, 3600 by default as in AWS. */
  readonly maxSessionDuration?: number;
};

/** Who may assume a role; a condition that is not given always holds. */
export type Trust = {
  /** ARNs of users, roles, role sessions and accounts (`arn:aws:iam::ACCOUNT:root` or the bare number), or `*`. */
  readonly principals?: readonly string[];
  readonly requireMfa?: boolean;
  readonly externalId?: string;
};

/** Who makes a call: a user with long-term keys, the same user in a session, a role session, a federated user. */
export type Principal =
  | { readonly kind: 'user'; readonly user: User; readonly key: AccessKey; readonly secret: string }
  | { readonly kind: 'session'; readonly user: User; readonly session: Session }
  | { readonly kind: 'federated'; readonly user: User; readonly session: Session }
  | { readonly kind: 'role'; readonly role: Role; readonly session: Session };

export type Identity = { readonly accountId: string; readonly arn: string; readonly userId: string };

/** What `GetCallerIdentity` says of a principal. A session of `GetSessionToken` is its user, in all three. */
export function identityOf(principal: Principal): Identity {
  if (principal.kind === 'role') return roleIdentity(principal.role, principal.session.name);
  const { user } = principal;
  if (principal.kind === 'federated') {
    const { name } = principal.session;
    const arn = `arn:${user.partition ?? 'aws'}:sts::${user.accountId}:federated-user/${name}`;
    return { accountId: user.accountId, arn, userId: `${user.accountId}:${name}` };
  }
  if (user.root === true) {
    return { accountId: user.accountId, arn: accountArn(user), userId: user.accountId };
  }
  const arn = userArn(user);
  return { accountId: user.accountId, arn, userId: `AIDA${uniqueId(arn)}` };
}

export function roleIdentity(role: Role, sessionName: string): Identity {
  const [, partition, , , accountId = '', resource = ''] = role.arn.split(':');
  // A role's path is part of its own ARN and not of its sessions' ARNs.
  const name = resource.slice(resource.lastIndexOf('/') + 1);
  return {
    accountId,
    arn: `arn:${partition}:sts::${accountId}:assumed-role/${name}/${sessionName}`,
    userId: `AROA${uniqueId(role.arn)}:${sessionName}`,
  };
}

/** Whether the role's trust policy lets this principal in. MFA is not handed on from one role to the next. */
export function trusts(
  role: Role,
  principal: Principal,
  given: { readonly mfa: boolean; readonly externalId: string | undefined },
): boolean {
  const { principals, requireMfa, externalId } = role.trust ?? {};
  if (requireMfa === true && !given.mfa) return false;
  if (externalId !== undefined && externalId !== given.externalId) return false;
  if (principals === undefined) return true;
  const { arn, accountId } = identityOf(principal);
  const known = ['*', arn, accountId, arn.replace(/:(iam|sts)::(\d+):.*$/, ':iam::$2:root')];
  if (principal.kind === 'role') known.push(principal.role.arn);
  return principals.some((trusted) => known.includes(trusted));
}

export function partitionOf(principal: Principal): string {
  if (principal.kind === 'role') return principal.role.arn.split(':')[1] ?? 'aws';
  return principal.user.partition ?? 'aws';
}

/** The partition that a region belongs to, by the names of its regions. */
export function partitionOfRegion(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return 'aws';
}

export function userArn(user: User): string {
  return `arn:${user.partition ?? 'aws'}:iam::${user.accountId}:user/${user.name}`;
}

function accountArn(user: User): string {
  return `arn:${user.partition ?? 'aws'}:iam::${user.accountId}:root`;
}

/** 17 characters of AWS's alphabet, always the same for the same ARN. */
function uniqueId(arn: string): string {
  const digest = createHash('sha256').update(arn).digest();
  return Array.from(digest.subarray(0, 17), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join('');
}
