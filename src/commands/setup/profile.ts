import { type Document, parseDocument } from '../../config/document.ts';
import { removeKeys, setKeys } from '../../config/edit.ts';
import { isPlain, kindOf, profileHeader } from '../../config/headers.ts';
import { storeKey } from '../../config/section.ts';
import { editSharedFile } from '../../config/shared-file-edit.ts';
import { type Credentials, shortKey } from '../../credentials.ts';
import { attempt, Exit, UserError } from '../../errors.ts';
import { askText, askYes } from '../../mfa/prompt.ts';
import { headerOf } from '../../profile/long-term.ts';
import { type KeysProfile, sourceOf } from '../../profile/profile.ts';
import { printable, quote, shellWord, tilde } from '../../text.ts';
import { outranking } from '../problems.ts';
import type { Guide } from './guide.ts';
import { type FreshKeys, keysProfiles, resolved } from './keys.ts';

/**
 * Refuses a `--profile` before the user is asked for keys.
 *
 * @throws UserError (configuration) for a name that cannot be written, or that a profile of another kind has
 */
export function checkGivenName(guide: Guide): void {
  const given = guide.options.profile;
  const problem = given === undefined ? undefined : nameProblem(given, guide);
  if (problem === undefined) return;
  const hint = 'Choose another name with --profile.';
  throw new UserError(Exit.configuration, 'bad-name', `--profile: ${problem}`, hint);
}

/**
 * What the profile of new keys is called. With no profile there yet it is `default`, unasked: then every tool finds it
 * without a name.
 *
 * @throws UserError for a name that has other keys, unless they may be replaced
 */
export async function chooseName(fresh: FreshKeys, guide: Guide): Promise<string> {
  const { options, ui, files } = guide;
  const given = options.profile;
  if (given !== undefined) {
    if (await mayHave(given, fresh, guide)) return given;
    throw new UserError(Exit.interrupted, 'interrupted', 'Cancelled');
  }
  const suggestion = suggested(fresh, guide);
  if (files.names().length === 0) return suggestion;
  if (!guide.asks) {
    if (!otherKeys(suggestion, fresh, guide)) return suggestion;
    throw guide.unanswered('The profile of the new access key needs a name', 'Give it with --profile NAME.');
  }
  for (;;) {
    const problem = (text: string) => nameProblem(text.trim(), guide);
    const answer = await askText(ui, { message: 'Name of its profile:', suggestion, problem });
    if (await mayHave(answer.trim(), fresh, guide)) return answer.trim();
  }
}

/**
 * If a profile has this access key, its secret was wrong. `AWS_PROFILE` is the name that tools will look for; a second user gets
 * the name of the user.
 */
function suggested(fresh: FreshKeys, guide: Guide): string {
  const { env } = guide.world;
  const user = /:user\/(?:.*\/)?([^/]+)$/.exec(fresh.arn)?.[1];
  const same = keysProfiles(guide).find(({ keys }) => keys.accessKeyId === fresh.keys.accessKeyId);
  const names = [same?.name, env.AWS_PROFILE, env.AWS_DEFAULT_PROFILE, 'default', user];
  const isFree = (name: string | undefined) =>
    name && !nameProblem(name, guide) && !otherKeys(name, fresh, guide);
  return names.find(isFree) ?? 'default';
}

/** The reason why a name cannot be written, for people; undefined for none. */
function nameProblem(name: string, guide: Guide): string | undefined {
  if (name === '') return 'A profile needs a name';
  if (name.startsWith('-')) return 'A name that begins with a hyphen would be taken for an option';
  const shown = `"${printable(name, 60)}"`;
  const empty = parseDocument('', '');
  const written = attempt(() => [name, profileHeader(name)].map((section) => setKeys(empty, section, [])));
  if (written instanceof UserError) {
    return `${shown} cannot be the name of a profile: it has ] or a line break, or is DEFAULT`;
  }
  if (kindOf(profileHeader(name))?.name !== name || name.trim() !== name) {
    return `${shown} would not be read back as the same name`;
  }
  const profile = resolved(name, guide);
  if (!profile || 'keys' in profile) return undefined;
  const source = sourceOf(profile);
  const whose =
    source.kind === 'long-term' ? `; its access key is that of "${printable(source.name, 60)}"` : '';
  return `${shown} is a profile of another kind (${profile.kind})${whose}`;
}

/** The keys that a profile of this name has now, also those of a session, where they are others. */
export function otherKeys(name: string, { keys }: FreshKeys, guide: Guide): Credentials | undefined {
  const profile = resolved(name, guide);
  if (!profile || !('keys' in profile)) return undefined;
  return profile.keys.accessKeyId === keys.accessKeyId ? undefined : profile.keys;
}

/** Replaces keys of another user only after a yes: there may be no other copy of them. */
async function mayHave(name: string, fresh: FreshKeys, guide: Guide): Promise<boolean> {
  const others = otherKeys(name, fresh, guide);
  if (!others || guide.options.overwrite) return true;
  const has = `Profile "${printable(name, 60)}" has another access key, ${shortKey(others.accessKeyId)}`;
  if (!guide.asks) {
    throw guide.unanswered(has, 'Replace it with --overwrite, or name another profile with --profile.');
  }
  return askYes(guide.ui, `${has}. Replace it?`, false);
}

/** Puts long-term keys into the credentials file, and removes the token of temporary ones that were there. */
export async function storeKeys(name: string, keys: Credentials, guide: Guide): Promise<void> {
  // Where aws-mfa has the keys of a profile, others take their place.
  const there = resolved(name, guide);
  const section = there?.kind === 'long-term' && there.file ? there.file.section : name;
  const entries = [
    ['aws_access_key_id', keys.accessKeyId],
    ['aws_secret_access_key', keys.secretAccessKey.reveal()],
  ] as const;
  const change = (document: Document) =>
    removeKeys(setKeys(document, section, entries), section, [
      'aws_session_token',
      'aws_security_token',
      storeKey,
    ]);
  const said = `Wrote the access key to [${printable(section, 60)}] in`;
  await edit(guide.files.credentialsPath, change, said, guide);
}

/** Sets keys of a profile in the config file, but for those that either file gives it already. */
export async function storeSettings(
  { name, setting }: KeysProfile,
  settings: Readonly<Record<string, string | undefined>>,
  guide: Guide,
): Promise<void> {
  const changes = Object.entries(settings).flatMap(([key, value]) =>
    value === undefined || setting(key)?.value === value ? [] : [[key, value] as const],
  );
  await set(name, changes, guide);
}

/** Adds the profile that serves sessions of another one to every SDK. */
export async function storeProcess(
  { name, setting }: KeysProfile,
  region = setting('region')?.value,
  guide: Guide,
): Promise<void> {
  const { name: its, command } = processProfile(name, guide.world.platform);
  const changes = [['credential_process', command] as const];
  await set(its, region === undefined ? changes : [...changes, ['region', region]], guide);
  const first = outranking(its, guide.world.env);
  if (first !== undefined) guide.ui.say(`Programs use it with AWS_PROFILE=${shellWord(its)}; ${first}`);
}

function processProfile(name: string, platform: string): { readonly name: string; readonly command: string } {
  // botocore splits the command as a shell would, and other SDKs give it to one. On Windows it finds no .cmd by a bare name.
  const program = platform === 'win32' ? 'awsmfa.cmd' : 'awsmfa';
  const quoted = isPlain(name) ? name : platform === 'win32' ? `"${name}"` : quote(name);
  return { name: `${name}-mfa`, command: `${program} process --profile ${quoted}` };
}

/**
 * Whether that profile is still to be written.
 *
 * @throws UserError (configuration) when it cannot be written, or there is another one of this name: with keys of
 *   its own it would not serve
 */
export function lacksProcessProfile(of: string, { files, world }: Guide): boolean {
  const { name, command } = processProfile(of, world.platform);
  setKeys(parseDocument('', files.configPath), profileHeader(name), [['credential_process', command]]);
  const section = files.profile(name);
  const taken = ['aws_access_key_id', 'role_arn', 'sso_session', 'sso_start_url', 'web_identity_token_file'];
  const there = section?.get('credential_process');
  if ((there === undefined || there === command) && !taken.some((key) => section?.get(key))) {
    return there === undefined;
  }
  throw new UserError(
    Exit.configuration,
    'taken',
    `--credential-process: there is a profile "${printable(name, 60)}" already, and it gets its credentials otherwise`,
    'Nothing was written; rename or remove it, or leave the option out.',
  );
}

type Change = readonly [key: string, value: string];

/** Sets a value in the credentials file if it is there already: it would win over the config file. */
async function set(name: string, changes: readonly Change[], guide: Guide): Promise<void> {
  const { configPath, credentialsPath, credentials } = guide.files;
  const isThere = ([key]: Change) => credentials(name)?.value(key) !== undefined;
  const places = [
    [credentialsPath, changes.filter(isThere), () => name],
    [configPath, changes.filter((one) => !isThere(one)), (document: Document) => headerOf(name, document)],
  ] as const;
  for (const [path, some, sectionIn] of places) {
    if (some.length === 0) continue;
    const said = `Wrote ${some.map(([key]) => key).join(' and ')} of profile "${printable(name, 60)}" to`;
    await edit(path, (document) => setKeys(document, sectionIn(document), some), said, guide);
  }
}

async function edit(
  path: string,
  change: (document: Document) => Document,
  said: string,
  { ui, world, wrote }: Guide,
): Promise<void> {
  const shown = tilde(path, world.home);
  const onWait = () => ui.say(`Waiting for another awsmfa that writes ${shown}`);
  if ((await editSharedFile(path, change, { onWait })) === 'written') wrote(`${said} ${shown}`);
}
