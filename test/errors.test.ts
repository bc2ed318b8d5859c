import { expect, test } from 'vitest';
import { attempt, usage } from '../src/errors.ts';

test('attempt returns what a person can act on, and throws an error of ours on', () => {
  const error = usage('wrong');
  const failing = (thrown: unknown) => () => {
    throw thrown;
  };
  expect(attempt(failing(error))).toBe(error);
  expect(() => attempt(failing(new TypeError('a bug')))).toThrow(TypeError);
});
