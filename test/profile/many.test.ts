import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SharedFiles } from '../../src/config/files.ts';
import { UserError } from '../../src/errors.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { profileResolver, resolveProfile } from '../../src/profile/resolve.ts';
import { runs } from '../support/matrix.ts';
import { keys, resolver, way } from './resolving.ts';

const { load } = resolver();

/** What one profile is, or why it is nothing. */
function told(find: () => Profile): unknown {
  try {
    return way(find());
  } catch (error) {
    if (error instanceof UserError) return [error.code, error.message];
    throw error;
  }
}

function isCircle(result: unknown): boolean {
  return Array.isArray(result) && result[0] === 'source-cycle';
}

describe('many profiles resolved together', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const line = fc.oneof(
    {
      weight: 3,
      arbitrary: name.map((source) => `role_arn = role-of-${source}\nsource_profile = ${source}\n`),
    },
    { weight: 1, arbitrary: name.map((id) => keys(`KEY-${id}`)) },
    { weight: 1, arbitrary: fc.constantFrom('role_arn = r\n', 'credential_process = x\n', 'region\n') },
  );

  it('are what each is by itself', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.array(line, { maxLength: 2 }))), (sections) => {
        const config = sections.map(([name, lines]) => `[profile ${name}]\n${lines.join('')}`).join('\n');
        const files = load({ config });
        const together = profileResolver(files, {});
        for (const name of files.names()) {
          const choice = { name, by: 'the argument' };
          const alone = told(() => resolveProfile(choice, files, {}));
          const same = told(() => together(choice));
          // A circle may be told from another of its members on.
          expect(isCircle(same) ? 'circle' : same).toEqual(isCircle(alone) ? 'circle' : alone);
        }
      }),
      { seed: 20261128, numRuns: runs(150, 500) },
    );
  });

  const role = (name: string, source: string) =>
    `[profile ${name}]\nrole_arn = ${name}\nsource_profile = ${source}\n`;

  /** How often the files are asked for a profile while each is resolved. */
  function asked(files: SharedFiles): number {
    let count = 0;
    const counted: SharedFiles = {
      ...files,
      profile: (name) => {
        count++;
        return files.profile(name);
      },
    };
    const resolve = profileResolver(counted, {});
    for (const name of files.names()) told(() => resolve({ name, by: 'the argument' }));
    return count;
  }

  it.each([
    ['a chain', (count: number) => `[profile r0]\n${keys('KEY')}${chain(count)}`],
    ['a chain that leads nowhere', (count: number) => chain(count)],
    ['a circle', (count: number) => role('r0', `r${count - 1}`) + chain(count)],
  ])('%s of roles costs twice as much when it is twice as long', (_what, config) => {
    const [once, twice] = [asked(load({ config: config(200) })), asked(load({ config: config(400) }))];
    expect(twice).toBeLessThan(once * 2.1);
  });

  function chain(count: number): string {
    return Array.from({ length: count - 1 }, (_, index) => role(`r${index + 1}`, `r${index}`)).join('');
  }

  it('a chain of 5,000 roles leads to its keys, and a circle of them is one', () => {
    const config = `[profile r0]\n${keys('KEY')}${chain(5000)}`;
    const last = { name: 'r4999', by: 'the argument' };
    let length = 0;
    let profile: Profile = resolveProfile(last, load({ config }), {});
    for (; profile.kind === 'role'; profile = profile.source) length++;
    expect([length, profile.kind]).toEqual([4999, 'long-term']);
    const circle = load({ config: role('r0', 'r4999') + chain(5000) });
    expect(told(() => resolveProfile(last, circle, {}))).toEqual([
      'source-cycle',
      'The source profiles go round in a circle: r4999 → r4998 → r4997 → r4996 → r4995 → r4994 → r4993 → r4992 → … → r0 → r4999',
    ]);
  });
});
