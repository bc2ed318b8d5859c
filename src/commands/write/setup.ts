import { input, password } from '@inquirer/prompts';
import type { Invocation } from '../../cli/invocation.ts';
import { type Document, parseDocument } from '../../config/document.ts';
import { setKeys } from '../../config/edit.ts';
import { loadSharedFiles } from '../../config/files.ts';
import { editSharedFile } from '../../config/shared-file-edit.ts';
import { Exit, UserError } from '../../errors.ts';
import { onTerminal } from '../../mfa/prompt.ts';
import { printable } from '../../printable.ts';
import { longTermSuffix, suffixed } from '../../profile/long-term.ts';

import type { World } from '../../world.ts';

/**
 * `write --setup`: asks for the name of a profile and its access key, and puts them where aws-mfa has them. Nothing
 * that is there already is touched.
 */
export async function setUp({ argument, flags }: Invocation, world: World): Promise<void> {
  const { credentialsPath, credentials } = loadSharedFiles(world);
  if (flags['no-prompt'] || !canAsk(world)) throw cannotAsk(flags['no-prompt'] ?? false);
  const said = argument ?? flags.profile;
  // aws-mfa asks in any case.
  const isSettled = said !== undefined && !flags['aws-mfa'];
  const name = isSettled ? said : await ask(world, 'Profile name:', isName, said ?? 'default');
  const section = suffixed(name, flags['long-term-suffix'] ?? longTermSuffix);
  // A name that cannot be one is refused before the keys are asked for.
  setKeys(parseDocument('', credentialsPath), section, []);
  if (credentials(section)) throw isThere(section, credentialsPath);
  const id = await ask(world, 'Access key ID:', isKeyId);
  const secret = await onTerminal(world, (context) =>
    password({ message: 'Secret access key:', mask: '*', validate: isSecret, theme }, context),
  );
  const entries = [
    ['aws_access_key_id', id.trim()] as const,
    ['aws_secret_access_key', secret.trim()] as const,
  ];
  const edit = (document: Document) => setKeys(document, section, entries);
  await editSharedFile(credentialsPath, edit);
  if (flags.quiet) return;
  const next = flags['aws-mfa']
    ? `aws-mfa --profile ${printable(name, 60)}`
    : `awsmfa write ${printable(name, 60)}`;
  world.say(`The keys are in [${printable(section, 60)}] of ${printable(credentialsPath)}; now: ${next}`);
}

const theme = { prefix: 'AWS' };

async function ask(
  world: World,
  message: string,
  validate: (text: string) => true | string,
  usual?: string,
): Promise<string> {
  const question = { message, validate, theme, ...(usual === undefined ? {} : { default: usual }) };
  return onTerminal(world, (context) => input(question, context));
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

function canAsk(world: World): boolean {
  const terminal = world.openTerminal();
  terminal?.close();
  return terminal !== undefined;
}

function cannotAsk(isForbidden: boolean): UserError {
  return new UserError(
    Exit.cannotAsk,
    'cannot-ask',
    `--setup asks for the keys, and ${isForbidden ? '--no-prompt forbids asking' : 'there is no terminal to ask on'}`,
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
