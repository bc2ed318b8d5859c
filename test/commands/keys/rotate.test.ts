import { beforeEach, describe, expect, test } from 'vitest';
import { type NextKey, type Rotation, rotate } from '../../../src/commands/keys/rotate.ts';
import { Secret } from '../../../src/credentials.ts';
import { Exit, UserError } from '../../../src/errors.ts';
import type { ListedKey } from '../../../src/sts/iam.ts';

/** IAM, a store and a profile as values, and a run that ends before the step with this number. */
interface Model {
  readonly iam: Map<string, { secret: string; isActive: boolean }>;
  readonly store: Map<string, string>;
  current: string;
  replaced: string | undefined;
  steps: number;
  endsAt: number;
  /** After the step has been done, and before awsmfa hears of it. */
  readonly isLost: boolean;
  mayDelete: boolean;
}

class Ended extends Error {}

const old = 'AKIAOLDOLDOLDOLDOLD1';

function model(isLost = false): Model {
  return {
    iam: new Map([[old, { secret: 'old', isActive: true }]]),
    store: new Map([[old, 'old']]),
    current: old,
    replaced: undefined,
    steps: 0,
    endsAt: Number.POSITIVE_INFINITY,
    isLost,
    mayDelete: true,
  };
}

let made = 0;
beforeEach(() => {
  made = 0;
});

function rotationOf(m: Model): Rotation {
  const step = async <T>(work: () => T): Promise<T> => {
    const isLast = ++m.steps === m.endsAt;
    if (isLast && !m.isLost) throw new Ended();
    const value = work();
    if (isLast) throw new Ended();
    return value;
  };
  const works = (id: string) => m.iam.get(id)?.isActive;
  const calls = (as: string) => {
    const call = <T>(work: () => T) =>
      step(() => {
        if (!works(as)) throw new UserError(Exit.refused, 'iam-credentials', 'not known');
        return work();
      });
    return {
      list: () =>
        call(() =>
          [...m.iam].map(([id, { isActive }]): ListedKey => ({ accessKeyId: id, isActive, created: 1 })),
        ),
      create: () =>
        call(() => {
          if (m.iam.size > 1) throw new UserError(Exit.refused, 'two-keys', 'two keys');
          const accessKeyId = `AKIANEWNEWNEWNEWNEW${++made}`;
          m.iam.set(accessKeyId, { secret: `new${made}`, isActive: true });
          return { accessKeyId, isActive: true, created: 2, secretAccessKey: new Secret(`new${made}`) };
        }),
      deactivate: (id: string) =>
        call(() => {
          m.iam.set(id, { secret: '', isActive: false });
        }),
      remove: (id: string) =>
        call(() => {
          m.iam.delete(id);
        }),
    };
  };
  return {
    profile: 'work',
    current: m.current,
    replaced: m.replaced,
    iam: async (as) => calls(as?.accessKeyId ?? m.current),
    keptSecret: async (id) => {
      const secret = m.store.get(id);
      return secret === undefined ? undefined : new Secret(secret);
    },
    keep: (next: NextKey) =>
      step(() => {
        m.store.set(next.accessKeyId, next.secretAccessKey.reveal());
      }),
    prove: (next) =>
      step(() => {
        if (!works(next.accessKeyId)) throw new UserError(Exit.refused, 'unknown-key', 'not known');
      }),
    switchTo: (next) =>
      step(() => {
        m.replaced = m.current;
        m.current = next.accessKeyId;
      }),
    forget: (id) =>
      step(() => {
        m.store.delete(id);
        m.replaced = undefined;
      }),
    mayDelete: async () => m.mayDelete,
    say: () => {},
  };
}

/** The key that the profile uses works, and its secret is there. */
function checkWorks(m: Model): void {
  const key = m.iam.get(m.current);
  expect(key?.isActive).toBe(true);
  expect(m.store.get(m.current)).toBe(key?.secret);
}

function checkDone(m: Model): void {
  checkWorks(m);
  expect(m.current).not.toBe(old);
  expect([...m.iam.keys()]).toEqual([m.current]);
  expect([...m.store.keys()]).toEqual([m.current]);
  expect(m.replaced).toBeUndefined();
}

test('a new key takes the place of the old one', async () => {
  const m = model();
  expect(await rotate(rotationOf(m))).toMatchObject({ accessKeyId: 'AKIANEWNEWNEWNEWNEW1', created: 2 });
  checkDone(m);
  // list, create, keep, prove, switch, list, deactivate, delete, forget
  expect(m.steps).toBe(9);
});

describe.each([
  ['before', false],
  ['after', true],
])('ended right %s step', (_when, isLost) => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])('%d: a key works, and the next run ends it', async (endsAt) => {
    const m = model(isLost);
    m.endsAt = endsAt;
    await expect(rotate(rotationOf(m))).rejects.toThrow(Ended);
    checkWorks(m);
    m.endsAt = Number.POSITIVE_INFINITY;
    await rotate(rotationOf(m));
    checkDone(m);
  });

  test.each([2, 4, 6, 8])('%d, and again in the next run', async (endsAt) => {
    const m = model(isLost);
    for (const end of [endsAt, m.steps + endsAt, m.steps + 3]) {
      m.endsAt = m.steps + end;
      await rotate(rotationOf(m)).catch((error) => {
        if (!(error instanceof Ended)) throw error;
      });
      checkWorks(m);
    }
    m.endsAt = Number.POSITIVE_INFINITY;
    await rotate(rotationOf(m));
    checkWorks(m);
    expect([...m.iam.keys()]).toEqual([m.current]);
  });
});

async function errorOf(m: Model, change: Partial<Rotation> = {}): Promise<UserError> {
  const error = await rotate({ ...rotationOf(m), ...change }).catch((why: unknown) => why);
  if (!(error instanceof UserError)) throw error;
  return error;
}

const refuses = () => {
  throw new UserError(Exit.refused, 'key-store-locked', 'locked', 'Open it.');
};

test("two keys already, and the second is somebody's", async () => {
  const m = model();
  m.iam.set('AKIASECONDSECONDSEC1', { secret: 'other', isActive: true });
  m.mayDelete = false;
  const { code, message, hint } = await errorOf(m);
  expect(code).toBe('two-keys');
  expect(message).toContain('AKIA…SEC1');
  expect(hint).toContain('Nothing was changed');
  expect(m.iam.size).toBe(2);
});

test('the new key cannot be kept: it is deleted again', async () => {
  const m = model();
  const { code, hint } = await errorOf(m, { keep: refuses });
  expect(code).toBe('key-store-locked');
  expect(hint).toBe('work still uses AKIA…OLD1. Open it.');
  expect([...m.iam.keys()]).toEqual([old]);
});

test('AWS does not know the new key: the old one stays, and the next run takes the new one up', async () => {
  const m = model();
  const { hint } = await errorOf(m, { prove: refuses });
  expect(hint).toContain('work still uses AKIA…OLD1');
  checkWorks(m);
  await rotate(rotationOf(m));
  checkDone(m);
  expect(made).toBe(1);
});

test('the old key cannot be deleted: the new one is used, and the error says so', async () => {
  const m = model();
  const rotation = rotationOf(m);
  const { hint } = await errorOf(m, {
    iam: async (as) => ({ ...(await rotation.iam(as)), remove: refuses }),
  });
  expect(hint).toMatch(/^work uses AKIA…NEW1, which works; the old key AKIA…OLD1 is still in IAM/);
  checkWorks(m);
  await rotate(rotationOf(m));
  checkDone(m);
});
