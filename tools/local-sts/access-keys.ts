import { randomBytes } from 'node:crypto';
import type { Call, Outcome } from './actions.ts';
import { checkParams } from './constraints.ts';
import { identityOf, type User } from './directory.ts';
import { keysOverQuota, noSuchKey, noSuchUser, type Refusal, userNameMissing } from './refusals.ts';
import type { AccessKey } from './sessions.ts';
import { element, type Xml } from './xml.ts';

/** IAM's quota of keys for each user, inactive ones included. */
const most = 2;

export function listAccessKeys(call: Call): Outcome {
  const found = targetOf(call, true);
  if (!found.ok) return found;
  const keys = existing(found.keys).map((key) =>
    element('member', [
      element('UserName', found.user.name),
      element('AccessKeyId', key.id),
      element('Status', key.status),
      element('CreateDate', dateOf(key.createdAt)),
    ]),
  );
  return {
    ok: true,
    result: [
      element('UserName', found.user.name),
      element('AccessKeyMetadata', keys),
      element('IsTruncated', 'false'),
    ],
  };
}

/** The only answer that ever holds the secret. STS knows the key after `iamDelayMs`. */
export function createAccessKey(call: Call): Outcome {
  const { state, now } = call;
  const found = targetOf(call, false);
  if (!found.ok) return found;
  if (existing(found.keys).length >= most) return keysOverQuota;
  const key: AccessKey = {
    id: `AKIA${Array.from(randomBytes(16), (byte) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[byte % 32]).join('')}`,
    secret: randomBytes(30).toString('base64'),
    status: 'Active',
    createdAt: now,
    works: [{ from: now + state.iamDelayMs, value: true }],
  };
  found.keys.push(key);
  const answer = [
    element('UserName', found.user.name),
    element('AccessKeyId', key.id),
    element('Status', key.status),
    element('SecretAccessKey', key.secret),
    element('CreateDate', dateOf(now)),
  ];
  return { ok: true, result: [element('AccessKey', answer)] };
}

export function updateAccessKey(call: Call): Outcome {
  const invalid = checkParams(call.params, [
    { name: 'accessKeyId', required: true, length: [16, 128], pattern: '[\\w]+' },
    { name: 'status', required: true, pattern: 'Active|Inactive' },
  ]);
  if (invalid !== undefined) return invalid;
  const status = call.params.Status === 'Active' ? 'Active' : 'Inactive';
  return change(call, true, (key) => {
    key.status = status;
    key.works.push({ from: call.now + call.state.iamDelayMs, value: status === 'Active' });
  });
}

export function deleteAccessKey(call: Call): Outcome {
  const invalid = checkParams(call.params, [
    { name: 'accessKeyId', required: true, length: [16, 128], pattern: '[\\w]+' },
  ]);
  if (invalid !== undefined) return invalid;
  return change(call, false, (key) => {
    key.status = 'Deleted';
    key.works.push({ from: call.now + call.state.iamDelayMs, value: false });
  });
}

/** For the keys of every user of the account. A key that was never used has no date. */
export function getAccessKeyLastUsed({ state, principal, params }: Call): Outcome {
  const { accountId } = identityOf(principal);
  const id = params.AccessKeyId ?? '';
  for (const [user, keys] of state.accessKeys) {
    const key = user.accountId === accountId ? existing(keys).find((each) => each.id === id) : undefined;
    if (key === undefined) continue;
    const { at, service = 'N/A', region = 'N/A' } = key.lastUsed ?? {};
    const used: Xml[] = [element('ServiceName', service), element('Region', region)];
    if (at !== undefined) used.unshift(element('LastUsedDate', dateOf(at)));
    return { ok: true, result: [element('UserName', user.name), element('AccessKeyLastUsed', used)] };
  }
  return noSuchKey(id);
}

function change(call: Call, nameWanted: boolean, apply: (key: AccessKey) => void): Outcome {
  const found = targetOf(call, nameWanted);
  if (!found.ok) return found;
  const id = call.params.AccessKeyId ?? '';
  const key = existing(found.keys).find((each) => each.id === id);
  if (key === undefined) return noSuchKey(id);
  apply(key);
  return { ok: true, result: undefined };
}

type Target = { readonly ok: true; readonly user: User; readonly keys: AccessKey[] };

/** The user whose keys are meant: of UserName, else the caller. */
function targetOf({ state, principal, params }: Call, nameWanted: boolean): Target | Refusal {
  const { accountId } = identityOf(principal);
  const { UserName: name } = params;
  // IAM's model: these two need UserName when they are called with temporary credentials.
  if (name === undefined && (principal.kind === 'role' || (nameWanted && principal.kind !== 'user'))) {
    return userNameMissing;
  }
  for (const [user, keys] of state.accessKeys) {
    const isOwn = name === undefined && principal.kind !== 'role' && user === principal.user;
    if (isOwn || (user.accountId === accountId && user.name === name)) return { ok: true, user, keys };
  }
  return noSuchUser(name ?? '');
}

function existing(keys: readonly AccessKey[]): readonly AccessKey[] {
  return keys.filter(({ status }) => status !== 'Deleted');
}

function dateOf(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
