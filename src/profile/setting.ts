import type { SharedFiles } from '../config/files.ts';
import { printable } from '../printable.ts';

/** A value that somebody configured. */
export interface Setting {
  readonly value: string;
  /** Where it stands, for messages: `mfa_serial of profile "work"`. */
  readonly by: string;
}

/** How a profile is asked for a setting: by its key in lower case. */
export type Settings = (key: string) => Setting | undefined;

/** The settings of a profile, else those of `[NAME-long-term]`, where aws-mfa has its keys and device. */
export function settingsOf(name: string, files: SharedFiles): Settings {
  return (key) => {
    for (const section of sectionsOf(name)) {
      const value = files.profile(section)?.get(key);
      if (value) return { value, by: `${key} of profile "${printable(section, 60)}"` };
    }
    return undefined;
  };
}

/** @throws UserError (malformed-file) for a line in the sections of a profile that no reader takes */
export function checkLines(name: string, files: SharedFiles): void {
  for (const section of sectionsOf(name)) files.profile(section)?.check();
}

function sectionsOf(name: string): readonly string[] {
  return [name, `${name}-long-term`];
}
