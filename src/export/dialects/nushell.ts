import { plain, type ShellDialect } from '../dialect.ts';

/**
 * nushell evaluates no code at run time: the change is one JSON record for `from json | load-env`. It shows a
 * variable that is `null` to no program.
 */
export const nushell: ShellDialect = {
  kind: 'code',
  render: (change) => {
    const after = change.flatMap<readonly [string, string | null]>((step) =>
      'unset' in step
        ? step.unset.map((name) => [name, null] as const)
        : [[step.set, plain(step.value)] as const],
    );
    return `${JSON.stringify(Object.fromEntries(after))}\n`;
  },
  // `from json` refuses this text, so that the pipeline fails.
  failure: 'awsmfa env failed\n',
  apply: (command) => `${command} | from json | load-env`,
};
