import { integrations } from '../../export/integration.ts';
import { tilde } from '../../printable.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import { ownLine, withoutBlock } from '../rc/block.ts';
import { readRcFile, writeRcFile } from '../rc/file.ts';
import { allRcFiles } from '../rc/place.ts';

/**
 * `setup --remove`: awsmfa's block goes out of the rc files, and nothing else. Lines that somebody put there himself
 * are named and stay, and so do profiles, keys and sessions.
 */
export async function removeIntegration(
  rcFile: string | undefined,
  { say }: Ui,
  world: World,
): Promise<void> {
  const paths = rcFile === undefined ? allRcFiles(integrations, world) : [rcFile];
  const advice = 'Take the lines between "# >>> awsmfa >>>" and "# <<< awsmfa <<<" out by hand.';
  let found = false;
  for (const path of paths) {
    const file = readRcFile(path, advice);
    const after = withoutBlock(file.text, path);
    const shown = tilde(path, world.home);
    if (after !== file.text) {
      await writeRcFile(file, after, advice);
      say(`Took the shell integration out of ${shown}`);
      found = true;
    }
    const own = integrations.map(({ name }) => ownLine(after, name, path)).find((line) => line);
    if (own) say(`${shown}, line ${own.number}, was not written by setup and stays: ${own.line.trim()}`);
  }
  say(
    found
      ? 'Shells that are open keep it until they end. Profiles, keys and cached sessions are still there.'
      : 'Nothing to remove: no rc file has the lines of setup',
  );
}
