import { expect, test } from 'vitest';
import { settle } from '../../src/cli/settle.ts';

const order = [
  ['argument', 'the argument'],
  ['profile', '--profile'],
  ['AWS_PROFILE', 'AWS_PROFILE'],
  ['AWS_DEFAULT_PROFILE', 'AWS_DEFAULT_PROFILE'],
  ['AWSMFA_PROFILE', 'AWSMFA_PROFILE'],
] as const;

/** Everybody from `first` on says a name of his own, and those before say `before`. */
function chosen(first: number, before: string | undefined) {
  const said = Object.fromEntries(order.map(([who], index) => [who, index < first ? before : `of-${who}`]));
  const { argument, profile, ...env } = said;
  const flags = profile === undefined ? {} : { profile };
  return settle('env', argument, flags, env).choice;
}

test.for(order.map((entry, index) => [...entry, index] as const))(
  'the %s goes before all that follow',
  ([who, by, index]) => {
    expect(chosen(index, undefined)).toEqual({ name: `of-${who}`, by });
    expect(chosen(index, '')).toEqual({ name: `of-${who}`, by });
  },
);

test('with nothing said, or only empty names, it is default', () => {
  expect(chosen(order.length, undefined)).toEqual({ name: 'default', by: 'nothing' });
  expect(chosen(order.length, '')).toEqual({ name: 'default', by: 'nothing' });
});
