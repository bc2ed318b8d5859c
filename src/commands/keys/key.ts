import { type Document, parseDocument } from '../../config/document.ts';
import { type KeySection, keySections } from '../../config/key-edit.ts';
import { editSharedFile } from '../../config/shared-file-edit.ts';
import { Exit, UserError } from '../../errors.ts';
import { readSharedFile } from '../../files/shared-file.ts';
import type { FileKeys } from '../../profile/keys.ts';
import { type KeysProfile, sourceOf } from '../../profile/profile.ts';
import type { SessionRequest, Setting } from '../../request.ts';
import { type Chosen, chooseFor } from '../../session/get-session.ts';
import type { KeyStore } from '../../stores/store.ts';
import { namedStore, openKeys } from '../../stores/stores.ts';
import { iamEndpoint } from '../../sts/endpoint.ts';
import { printable, tilde } from '../../text.ts';
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
interface KeyOfProfile {
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
  if (profile.kind === 'long-term' && profile.file) return { chosen, profile, keys: profile.file, name };
  const inFile = 'keys' in profile && profile.file;
  const ofKeys = inFile ? 'temporary keys' : 'keys in the environment';
  const what = 'keys' in profile ? ofKeys : `credentials of the kind ${profile.kind}`;
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
export function sectionsWith(files: Chosen['files'], accessKeyId?: string): readonly PlacedSection[] {
  return documentsOf(files).flatMap((document) =>
    keySections(document)
      .filter((section) => accessKeyId === undefined || section.accessKeyId === accessKeyId)
      .map((section) => ({ ...section, path: document.path })),
  );
}

/** Both files as they are on the disk now, the credentials file first. */
export function documentsOf({ credentialsPath, configPath }: Chosen['files']): readonly Document[] {
  return [credentialsPath, configPath].map((path) => parseDocument(readSharedFile(path) ?? '', path));
}

/** Every store that a section names. */
export function storesOf(sections: readonly PlacedSection[], profile: string): readonly KeyStore[] {
  const names = [...new Set(sections.flatMap(({ store }) => store ?? []))];
  return names.map((each) => namedStore(each, `awsmfa_key_store of profile "${profile}"`));
}

/** Edits both files, the credentials file first. Without a change a file is not touched. */
export async function editBoth(
  files: Chosen['files'],
  edit: (document: Document) => Document,
): Promise<void> {
  for (const document of documentsOf(files)) {
    if (edit(document).text !== document.text) await editSharedFile(document.path, edit);
  }
}

/** `~/.aws/credentials:2`. */
export function shownPlace({ path, line }: Pick<PlacedSection, 'path' | 'line'>, world: World): string {
  return `${tilde(printable(path), world.home)}:${line}`;
}

/** The same error, with a word about where a key is that works. */
export function withWorking(error: unknown, working: string): unknown {
  if (!(error instanceof UserError)) return error;
  return error.with({ hint: `${working}. ${error.hint ?? ''}`.trim() });
}

/**
 * Asks IAM when the key was made. It is a convenience: a refusal, or no answer in four seconds, is no error.
 *
 * @returns epoch seconds
 */
export async function askCreated(
  profile: KeysProfile,
  { env, files }: Pick<Chosen, 'env' | 'files'>,
  request: SessionRequest,
  ui: Ui,
  world: World,
): Promise<number | undefined> {
  try {
    const { accessKeyCreated } = await import('../../sts/iam.ts');
    const endpoint = { ...iamEndpoint(request, env, profile, files), attempts: 1 };
    const keys = await openKeys(profile.keys, ui, world);
    return await accessKeyCreated(keys, endpoint, keys.accessKeyId);
  } catch {
    ui.debug('IAM does not tell the age of the key');
    return undefined;
  }
}
