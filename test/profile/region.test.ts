import { expect, test } from 'vitest';
import { checkedRegion } from '../../src/profile/region.ts';

test.for(['eu-west-1', 'us-gov-west-1', 'cn-north-1', 'us-iso-east-1', 'aws-global', 'EU-WEST-1', 'local'])(
  '%s is a region',
  (region) => {
    expect(checkedRegion(region, '--region')).toBe(region);
  },
);

test.for([
  'eu-west-1\n',
  'eu\nwest',
  'eu west',
  'eu.west',
  'eu/west',
  'evil.example/',
  '-eu',
  'eu-',
  '',
  'é',
  '$(touch x)',
  'x'.repeat(64),
])('%j is none', (region) => {
  expect(() => checkedRegion(region, '--region')).toThrow(/^--region: ".*" is no region$/);
});

test('a bad region is wrong usage in an option, and wrong configuration anywhere else', () => {
  const exitOf = (by: string) => {
    try {
      return checkedRegion('a\u0007b', by);
    } catch (error) {
      const { exit, code, message, hint } = error as Record<string, unknown>;
      return { exit, code, message, hint };
    }
  };
  const hint = 'A region looks like eu-west-1.';
  expect([exitOf('--sts-region'), exitOf('AWS_REGION')]).toEqual([
    { exit: 2, code: 'bad-region', message: '--sts-region: "a?b" is no region', hint },
    { exit: 3, code: 'bad-region', message: 'AWS_REGION: "a?b" is no region', hint },
  ]);
});
