import { readEntry, writeEntry } from '../../files/entries.ts';
import { cacheDirectory } from '../../session/cache.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';

/** Who types `aws-mfa` may mean another program: once, awsmfa says that it answers, and how to have that back. */
export function introduce(ui: Ui, world: World): void {
  const directory = cacheDirectory(world.env, world.home);
  if (directory === undefined) return;
  const path = `${directory}/aws-mfa.json`;
  if (readEntry(path)) return;
  ui.say(
    'This aws-mfa is awsmfa, with the same options and files; to have another one back: rm "$(command -v aws-mfa)"',
  );
  try {
    writeEntry(path, {});
  } catch {
    // Then it is said again.
  }
}
