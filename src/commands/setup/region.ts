import { printable } from '../../printable.ts';
import type { Settings } from '../../profile/profile.ts';
import { checkedRegion } from '../../profile/region.ts';

import type { Guide } from './guide.ts';

/**
 * The region to write into the profile: of the option, else of the environment; asked for where neither says, and
 * the profile has none. Undefined for none, or none to write.
 *
 * @param setting of the profile
 * @param mayAsk false when enough has been asked
 */
export async function chooseRegion(
  setting: Settings,
  guide: Guide,
  mayAsk: boolean,
): Promise<string | undefined> {
  const { options, env, files, ui, asks } = guide;
  const { region: asked } = options.request;
  if (asked) return checkedRegion(asked.value, asked.by);
  if (setting('region')) return undefined;
  for (const variable of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const region = env[variable];
    if (region) return checkedRegion(region, variable);
  }
  if (!asks || !mayAsk) return undefined;
  const { askText } = await import('./questions.ts');
  const answer = await askText(
    {
      message: 'Region you mostly work in, or none:',
      suggestion: files.profile('default')?.get('region') ?? 'us-east-1',
      problem: (text) => (isNone(text) ? undefined : regionProblem(text.trim())),
    },
    ui,
  );
  return isNone(answer) ? undefined : answer.trim();
}

function isNone(text: string): boolean {
  return /^\s*(?:none|-)\s*$/i.test(text);
}

/** Stricter than for an option: `Frankfurt` is no region either, and a file is to be written with it. */
function regionProblem(text: string): string | undefined {
  if (/^[a-z]+(?:-[a-z]+)+-\d+$/.test(text)) return undefined;
  return `"${printable(text, 60)}" is no region; a region looks like eu-west-1`;
}
