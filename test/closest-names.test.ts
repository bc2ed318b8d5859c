import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closestNames } from '../src/text.ts';

describe('closestNames', () => {
  const names = ['default', 'work', 'work-prod', 'Production', 'staging', 'home'];

  it.each([
    ['wrok', ['work']],
    ['WORK', ['work', 'work-prod']],
    ['prod', ['work-prod', 'Production']],
    ['stagign', ['staging']],
    ['defualt', ['default']],
    ['production-eu', ['Production']],
    ['hmoe', ['home']],
    ['zzzzzz', []],
    ['', []],
  ])('%s', (name, expected) => {
    expect(closestNames(name, names)).toEqual(expected);
  });

  it('gives at most so many, each once', () => {
    expect(closestNames('a1', ['a2', 'a3', 'a3', 'a4', 'a5'])).toEqual(['a2', 'a3', 'a4']);
    expect(closestNames('a1', ['a2', 'a3'], 1)).toEqual(['a2']);
  });

  it('finds a name with two letters swapped', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{4,12}$/), fc.nat(), (name, at) => {
        const index = at % (name.length - 1);
        const typo =
          name.slice(0, index) + name.charAt(index + 1) + name.charAt(index) + name.slice(index + 2);
        expect(closestNames(typo, ['0000', name])).toEqual([name]);
      }),
    );
  });
});
