import { expect, test } from 'vitest';
import { matching } from '../../src/commands/choose.ts';

const choices = [
  'prod-payments\npayments-admin\n111122223333',
  'dev-payments\ndeveloper\n444455556666',
  'prod-billing',
  'paymentsprod-old',
].map((words) => ({ words }));

test.for<[string, readonly number[]]>([
  ['', [0, 1, 2, 3]],
  ['payments prod', [0, 3]],
  ['paymentsprod', [3, 0]],
  ['prodpay', [0]],
  ['PAYDEV', [1]],
  ['prbi', [2]],
  ['4444', [1]],
  ['xprod', []],
  ['pp', []],
  ['prodprodprod', []],
])('%j finds %j', ([term, found]) => {
  expect(matching(choices, term)).toEqual(found);
});
