import { input, password } from '@inquirer/prompts';
import { type Document, parseDocument } from '../../config/document.ts';
import { setKeys } from '../../config/edit.ts';
import { loadSharedFiles } from '../../config/files.ts';
import { editSharedFile } from '../../config/shared-file-edit.ts';
import { Exit, UserError } from '../../errors.ts';
import { onTerminal } from '../../mfa/prompt.ts';
import { printable } from '../../printable.ts';
import { longTermSuffix, suffixed } from '../../profile/long-term.ts';
import { optionWord, profileWord } from '../../shell-word.ts';
import type { Ui } from '../../ui.ts';
import type { World } from '../../world.ts';
import type { WriteOptions } from './options.ts';

/**
 * `write --setup`: asks for the name of a profile and its access key, and puts them where aws-mfa has them. Nothing
 * that is there already is touched.
 */
export async function setUp(options: WriteOptions, ui: Ui, world: World): Promise<void> {
  const { credentialsPath, credentials } = loadSharedFiles(world);
  if (!ui.canAsk()) throw cannotAsk(ui.whyNot);
  const { isAwsMfa, isNamed, request } = options;
  const said = isNamed ? request.choice.name : undefined;
  // aws-mfa asks in any case.
  const isSettled = said !== undefined && !isAwsMfa;
  const name = isSettled ? said : await ask(ui, 'Profile name:', isName, said ?? 'default');
  const section = suffixed(name, options.longTermSuffix ?? longTermSuffix);
  // A name that cannot be one is refused before the keys are asked for.
  setKeys(parseDocument('', credentialsPath), section, []);
  if (credentials(section)) throw isThere(section, credentialsPath);
  const id = await ask(ui, 'Access key ID:', isKeyId);
  const secret = await onTerminal(ui, (context) =>
    password({ message: 'Secret access key:', mask: '*', validate: isSecret, theme }, context),
  );
  const entries = [
    ['aws_access_key_id', id.trim()] as const,
    ['aws_secret_access_key', secret.trim()] as const,
  ];
  const edit = (document: Document) => setKeys(document, section, entries);
  await editSharedFile(credentialsPath, edit);
  const next = isAwsMfa ? `aws-mfa ${optionWord('--profile', name)}` : `awsmfa write ${profileWord(name)}`;
  ui.say(`The keys are in [${printable(section, 60)}] of ${printable(credentialsPath)}; now: ${next}`);
}

const theme = { prefix: 'AWS' };

async function ask(
  ui: Ui,
  message: string,
  validate: (text: string) => true | string,
  usual?: string,
): Promise<string> {
  const question = { message, validate, theme, ...(usual === undefined ? {} : { default: usual }) };
  return onTerminal(ui, (context) => input(question, context));
}

function isName(text: string): true | string {
  return /^[^\][\r\n]+$/.test(text) ? true : 'A name without brackets, please';
}

/** API reference of IAM, `AccessKey`. */
function isKeyId(text: string): true | string {
  if (/^ASIA/.test(text.trim())) return 'That is a temporary key; a session needs a long-term one, AKIA…';
  return /^\w{16,128}$/.test(text.trim())
    ? true
    : 'It has 16 letters and digits or more, and looks like AKIA…';
}

function isSecret(text: string): true | string {
  return /^[\x21-\x7e]{8,}$/.test(text.trim())
    ? true
    : 'A secret access key has no blanks, and some 40 characters';
}

function cannotAsk(why: string): UserError {
  return new UserError(
    Exit.cannotAsk,
    'cannot-ask',
    `--setup asks for the keys, and ${why}`,
    'Put them there with: aws configure --profile NAME-long-term',
  );
}

function isThere(section: string, path: string): UserError {
  return new UserError(
    Exit.configuration,
    'section-exists',
    `There is a [${printable(section, 60)}] in ${printable(path)} already, and it stays as it is`,
    'Choose another name, or change its keys with: aws configure --profile NAME-long-term',
  );
}
