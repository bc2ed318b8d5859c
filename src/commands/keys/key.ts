import type { Document } from '../../config/document.ts';
import { parseDocument } from '../../config/document.ts';
import { type KeySection, keySections } from '../../config/key-edit.ts';
import { editSharedFile } from '../../config/shared-file-edit.ts';
import { Exit, UserError } from '../../errors.ts';
import { readSharedFile } from '../../files/shared-file.ts';
import { printable, tilde } from '../../printable.ts';
import type { FileKeys } from '../../profile/keys.ts';
import { type KeysProfile, sourceOf } from '../../profile/profile.ts';
import type { SessionRequest, Setting } from '../../request.ts';
import { type Chosen, chooseFor } from '../../session/get-session.ts';
import type { KeyStore } from '../../stores/store.ts';
import { namedStore } from '../../stores/stores.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';

export interface KeysOptions {
  /** What to do: `store`, `rotate` or `remove`; the command line's second word. */
  readonly action: string | undefined;
  readonly request: SessionRequest;
  /** The key store that is asked for. */
  readonly store: Setting | undefined;
  /** Store the keys of every profile. */
  readonly all: boolean;
  /** Put the secret back into the file before it is removed from the store. */
  readonly toFile: boolean;
  /** Take the answer to a question for a yes. */
  readonly yes: boolean;
}

/** The long-term key that a profile has, or that its roles come from. */
export interface KeyOfProfile {
  readonly chosen: Chosen;
  readonly profile: KeysProfile;
  readonly keys: FileKeys;
  /** For messages. */
  readonly name: string;
}

/** @throws UserError configuration, when the profile has no long-term key in a file */
export function keyOfProfile({ request }: KeysOptions, ui: Ui, world: World): KeyOfProfile {
  const chosen = chooseFor(request, ui, world);
  const profile = sourceOf(chosen.profile);
  const name = printable(profile.name, 60);
  if (profile.kind === 'long-term' && profile.file) {
    return { chosen, profile, keys: profile.file, name };
  }
  const what =
    'keys' in profile
      ? profile.file
        ? 'temporary keys'
        : 'keys in the environment'
      : `credentials of the kind ${profile.kind}`;
  throw new UserError(
    Exit.configuration,
    'no-long-term-keys',
    `Profile "${name}" has ${what}, and no long-term access key in ${printable(chosen.files.credentialsPath)}`,
    'Name a profile that has one: awsmfa list shows them as long-term.',
  );
}

/** A section of one of the two files that holds an access key. */
export interface PlacedSection extends KeySection {
  readonly path: string;
}

/** Every section that holds this key, or any key; of the credentials file first. */
export function sectionsWith(
  { credentialsPath, configPath }: Chosen['files'],
  accessKeyId?: string,
): readonly PlacedSection[] {
  return [credentialsPath, configPath].flatMap((path) =>
    keySections(documentAt(path))
      .filter((section) => accessKeyId === undefined || section.accessKeyId === accessKeyId)
      .map((section) => ({ ...section, path })),
  );
}

/** Every store that a section names. */
export function storesOf(sections: readonly PlacedSection[], profile: string): readonly KeyStore[] {
  const names = [...new Set(sections.flatMap(({ store }) => store ?? []))];
  return names.map((each) => namedStore(each, `awsmfa_key_store of profile "${profile}"`));
}

export function documentAt(path: string): Document {
  return parseDocument(readSharedFile(path) ?? '', path);
}

/** Edits both files, the credentials file first. Without a change a file is not touched. */
export async function editBoth(
  { credentialsPath, configPath }: Chosen['files'],
  edit: (document: Document) => Document,
): Promise<void> {
  for (const path of [credentialsPath, configPath]) {
    if (edit(documentAt(path)).text !== documentAt(path).text) await editSharedFile(path, edit);
  }
}

/** `~/.aws/credentials:2`. */
export function shownPlace({ path, line }: Pick<PlacedSection, 'path' | 'line'>, world: World): string {
  return `${tilde(printable(path), world.home)}:${line}`;
}
