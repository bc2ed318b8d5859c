import type { SharedFiles } from '../config/files.ts';

/** Where aws-mfa has the keys of `[NAME]`, which holds the session. */
export const longTerm = 'long-term';

/** Added to the name of a profile for the section of its session, when nobody says another. */
export const ending = '-mfa';

/** The name with a suffix as aws-mfa adds it: after a hyphen, and `none` is no suffix. */
export function suffixed(name: string, suffix: string): string {
  return suffix.toLowerCase() === 'none' ? name : `${name}-${suffix}`;
}

/** The profile that the session in a section came from, as far as its name says. */
export function sourceByName(section: string, files: SharedFiles): string | undefined {
  if (files.has(suffixed(section, longTerm))) return section;
  const name = section.endsWith(ending) ? section.slice(0, -ending.length) : '';
  return files.has(name) ? name : undefined;
}
