import { type Document, parseDocument } from '../../config/document.ts';
import { removeKeys, setKeys } from '../../config/edit.ts';
import { isPlain, profileHeader } from '../../config/headers.ts';
import { storeKey } from '../../config/section.ts';
import { editSharedFile } from '../../config/shared-file-edit.ts';
import type { Credentials } from '../../credentials.ts';
import { Exit, UserError } from '../../errors.ts';
import { printable, tilde } from '../../printable.ts';
import { headerOf } from '../../profile/mfa-serial.ts';
import type { KeysProfile } from '../../profile/profile.ts';
import { quote, shellWord } from '../../shell-word.ts';
import { outranking } from '../problems.ts';
import type { Guide } from './guide.ts';
import { resolved } from './keys.ts';

/** Puts long-term keys into the credentials file. Of temporary ones that were there nothing stays behind. */
export async function storeKeys(name: string, keys: Credentials, guide: Guide): Promise<void> {
  const { credentialsPath } = guide.files;
  const section = sectionOf(name, guide);
  await edit(
    credentialsPath,
    (document) =>
      removeKeys(
        setKeys(document, section, [
          ['aws_access_key_id', keys.accessKeyId],
          ['aws_secret_access_key', keys.secretAccessKey.reveal()],
        ]),
        section,
        ['aws_session_token', 'aws_security_token', storeKey],
      ),
    `Wrote the access key to [${printable(section, 60)}] in`,
    guide,
  );
}

/** Where aws-mfa has the keys of a profile, others take their place. */
function sectionOf(name: string, guide: Guide): string {
  const there = resolved(name, guide);
  return there?.kind === 'long-term' && there.file ? there.file.section : name;
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

/** The profile that serves sessions of another one to every SDK. */
export async function storeProcess(
  { name, setting }: KeysProfile,
  region = setting('region')?.value,
  guide: Guide,
): Promise<void> {
  const { name: its, command } = processProfile(name, guide.world.platform);
  const changes = [['credential_process', command] as const];
  await set(its, region === undefined ? changes : [...changes, ['region', region]], guide);
  const first = outranking(its, guide.world.env);
  if (first !== undefined) guide.say(`Programs use it with AWS_PROFILE=${shellWord(its)}; ${first}`);
}

function processProfile(name: string, platform: string): { readonly name: string; readonly command: string } {
  // botocore splits the command as a shell would, and other SDKs give it to one. On Windows it finds no .cmd by a bare name.
  const program = platform === 'win32' ? 'awsmfa.cmd' : 'awsmfa';
  const quoted = isPlain(name) ? name : platform === 'win32' ? `"${name}"` : quote(name);
  return { name: `${name}-mfa`, command: `${program} process --profile ${quoted}` };
}

/** A value that stands in the credentials file is set there, where it would win over one in the config file. */
async function set(name: string, changes: readonly Change[], guide: Guide): Promise<void> {
  const { configPath, credentialsPath, credentials } = guide.files;
  const isThere = ([key]: Change) => credentials(name)?.value(key) !== undefined;
  const [here, there] = [changes.filter(isThere), changes.filter((change) => !isThere(change))];
  const said = (some: readonly Change[]) =>
    `Wrote ${some.map(([key]) => key).join(' and ')} of profile "${printable(name, 60)}" to`;
  if (here.length > 0) {
    await edit(credentialsPath, (document) => setKeys(document, name, here), said(here), guide);
  }
  if (there.length > 0) {
    const change = (document: Document) => setKeys(document, headerOf(name, document), there);
    await edit(configPath, change, said(there), guide);
  }
}

type Change = readonly [key: string, value: string];

/**
 * Whether that profile is still to be written.
 *
 * @throws UserError (configuration) when it could not be written, or there is another one of this name: with keys of
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

async function edit(
  path: string,
  change: (document: Document) => Document,
  said: string,
  guide: Guide,
): Promise<void> {
  const onWait = () => guide.say(`Waiting for another awsmfa that writes ${tilde(path, guide.world.home)}`);
  if ((await editSharedFile(path, change, { onWait })) === 'written') {
    guide.wrote(`${said} ${tilde(path, guide.world.home)}`);
  }
}
