import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { TestContext } from 'vitest';
import { missing } from './shells.ts';

/**
 * A test body for a Node with a compile cache and `process.execve` (22.15 and later): the one that runs the tests, else
 * the one that AWSMFA_TEST_NODE names.
 */
export function needsNewerNode(body: (node: string, context: TestContext) => unknown) {
  return async (context: TestContext) => {
    newer ??= nodes.find(isNewer) ?? '';
    await body(newer || missing('Node 22.15 or later (AWSMFA_TEST_NODE)', context), context);
  };
}

// Read at once: tests change their environment.
let newer: string | undefined;
const nodes = [process.execPath, process.env.AWSMFA_TEST_NODE ?? ''];

function isNewer(node: string): boolean {
  const print = ['-p', 'typeof process.execve'];
  return existsSync(node) && execFileSync(node, print, { encoding: 'utf8' }) === 'function\n';
}
