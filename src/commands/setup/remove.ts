import { integrations } from '../../dialect/integration.ts';
import { ownLine, withoutBlock } from '../../rc/block.ts';
import { readRcFile, writeRcFile } from '../../rc/file.ts';
import { allRcFiles } from '../../rc/place.ts';
import { tilde } from '../tilde.ts';
import type { Guide } from './guide.ts';

/**
 * `setup --remove`: awsmfa's block goes out of the rc files, and nothing else. Lines that somebody put there himself
 * are named and stay, and so do profiles, keys and sessions.
 */
export async function removeIntegration(guide: Guide): Promise<void> {
  const { flags, world } = guide;
  const paths = flags['rc-file'] === undefined ? allRcFiles(integrations, world) : [flags['rc-file']];
  let found = false;
  for (const path of paths) {
    const advice = 'Take the lines between "# >>> awsmfa >>>" and "# <<< awsmfa <<<" out by hand.';
    const file = readRcFile(path, advice);
    const after = withoutBlock(file.text, path);
    if (after !== file.text) {
      await writeRcFile(file, after, advice);
      guide.wrote(`Took the shell integration out of ${tilde(path, world.home)}`);
      found = true;
    }
    for (const { name } of integrations) {
      const own = ownLine(after, name, path);
      if (own)
        guide.say(
          `${tilde(path, world.home)}, line ${own.number}, was not written by setup and stays: ${own.line.trim()}`,
        );
    }
  }
  if (!found)
    guide.say(`There is nothing of setup in ${paths.map((path) => tilde(path, world.home)).join(', ')}`);
  else
    guide.say(
      'Shells that are open keep it until they end. Profiles, keys and cached sessions are still there.',
    );
}
