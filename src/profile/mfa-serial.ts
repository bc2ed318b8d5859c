import type { Document } from '../config/document.ts';
import { setKeys } from '../config/edit.ts';
import { configHeaders, profileHeader } from '../config/headers.ts';
import { editSharedFile } from '../config/shared-file-edit.ts';

/**
 * Sets `mfa_serial` of a profile in the shared config file, in whichever spelling its header has. A profile that the
 * file only knows as aws-mfa's `[profile NAME-long-term]` gets it there, one that it does not know gets a section.
 *
 * @throws UserError (configuration) when the file cannot be edited; then nothing was changed
 */
export async function writeMfaSerial(configPath: string, profile: string, serial: string): Promise<void> {
  await editSharedFile(configPath, (document) =>
    setKeys(document, headerOf(profile, document), [['mfa_serial', serial]]),
  );
}

export function headerOf(profile: string, document: Document): string {
  const { find } = configHeaders(document);
  return find('profile', profile) ?? find('profile', `${profile}-long-term`) ?? profileHeader(profile);
}
