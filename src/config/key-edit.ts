import type { Credentials } from '../credentials.ts';
import { type Document, lineAt, readSection, sectionNames } from './document.ts';
import { removeKeys, setKeys } from './edit.ts';
import { storeKey } from './section.ts';

/**
 * Edits of long-term keys in a shared file, for `awsmfa keys`. All sections that hold the same access key change
 * together, or one of them would break later.
 */

const idKey = 'aws_access_key_id';
const secretKey = 'aws_secret_access_key';
/** Of `keys rotate`, in the section of the key that is being rotated. */
const newIdKey = 'awsmfa_new_access_key_id';
const newSecretKey = 'awsmfa_new_secret_access_key';
const oldIdKey = 'awsmfa_old_access_key_id';

/** A section that holds an access key. */
export interface KeySection {
  /** The text between the brackets. */
  readonly name: string;
  readonly accessKeyId: string;
  /** Undefined when it is not in the file. */
  readonly secret: string | undefined;
  readonly store: string | undefined;
  readonly isTemporary: boolean;
  /** 1-based, of the access key ID. */
  readonly line: number;
}

export function keySections(document: Document): readonly KeySection[] {
  return sectionsOf(document).flatMap(({ name, value, lineOf }) => {
    const accessKeyId = value(idKey);
    if (!accessKeyId) return [];
    return {
      name,
      accessKeyId,
      secret: value(secretKey),
      store: value(storeKey),
      isTemporary: (value('aws_session_token') ?? value('aws_security_token')) !== undefined,
      line: lineOf(idKey),
    };
  });
}

/** Every section, with its values; an empty one counts as none. */
function sectionsOf(document: Document) {
  return sectionNames(document).map((name) => {
    const entries = readSection(document, name);
    return {
      name,
      value: (key: string) => entries?.get(key)?.value || undefined,
      lineOf: (key: string) => lineAt(document, entries?.get(key)?.start ?? 0),
    };
  });
}

/** The lines that contain a text, such as a secret in a comment; 1-based. */
export function linesWith(document: Document, text: string): readonly number[] {
  const lines: number[] = [];
  for (let at = document.text.indexOf(text); at >= 0; at = document.text.indexOf(text, at + text.length)) {
    lines.push(lineAt(document, at));
  }
  return [...new Set(lines)];
}

/** Removes the secret of this key from every section that has it, and names the store there. */
export function withStore(
  document: Document,
  { accessKeyId, secretAccessKey }: Pair,
  store: string,
): Document {
  const isThis = ({ secret }: KeySection) => secret === undefined || secret === secretAccessKey.reveal();
  return inSections(document, accessKeyId, isThis, (edited, name) =>
    removeKeys(setKeys(edited, name, [[storeKey, store]]), name, [secretKey]),
  );
}

/** Puts the secret back where a store was named. The line that names the store stays. */
export function withSecret(document: Document, { accessKeyId, secretAccessKey }: Pair): Document {
  return inSections(document, accessKeyId, isStored, (edited, name) =>
    setKeys(edited, name, [[secretKey, secretAccessKey.reveal()]]),
  );
}

/** Removes the name of the store where the secret is in the file. */
export function withoutStore(document: Document, accessKeyId: string): Document {
  const isBoth = ({ secret, store }: KeySection) => secret !== undefined && store !== undefined;
  return inSections(document, accessKeyId, isBoth, (edited, name) => removeKeys(edited, name, [storeKey]));
}

/** Removes a key that is in a store from every section. */
export function withoutStoredKey(document: Document, accessKeyId: string): Document {
  return inSections(document, accessKeyId, isStored, (edited, name) =>
    removeKeys(edited, name, [idKey, storeKey]),
  );
}

/** Keeps the next key beside this one, under names that no tool reads. */
export function withNextKey(document: Document, accessKeyId: string, next: Pair): Document {
  return inSections(
    document,
    accessKeyId,
    ({ secret }) => secret !== undefined,
    (edited, name) =>
      setKeys(edited, name, [
        [newIdKey, next.accessKeyId],
        [newSecretKey, next.secretAccessKey.reveal()],
      ]),
  );
}

/** The secret of a key that an earlier rotation kept in the file. */
export function nextSecret(document: Document, nextId: string): string | undefined {
  return sectionsOf(document)
    .find(({ value }) => value(newIdKey) === nextId)
    ?.value(newSecretKey);
}

/** Puts the next key in the place of this one, and remembers which one it was. A stored secret stays in its store. */
export function switchedTo(document: Document, accessKeyId: string, next: Pair): Document {
  const all = () => true;
  return inSections(document, accessKeyId, all, (edited, name, { secret }) =>
    removeKeys(
      setKeys(edited, name, [
        [idKey, next.accessKeyId],
        ...(secret === undefined ? [] : [[secretKey, next.secretAccessKey.reveal()] as const]),
        [oldIdKey, accessKeyId],
      ]),
      name,
      [newIdKey, newSecretKey],
    ),
  );
}

/** The key that this one replaced and that IAM may still have. */
export function replacedKey(document: Document, accessKeyId: string): string | undefined {
  const replaced = sectionsOf(document).filter(
    ({ value }) => value(idKey) === accessKeyId && value(oldIdKey),
  );
  return replaced[0]?.value(oldIdKey);
}

/** Forgets a key that was replaced. */
export function withoutReplaced(document: Document, replacedId: string): Document {
  return sectionsOf(document)
    .filter(({ value }) => value(oldIdKey) === replacedId)
    .reduce((edited, { name }) => removeKeys(edited, name, [oldIdKey]), document);
}

function isStored({ secret, store }: KeySection): boolean {
  return secret === undefined && store !== undefined;
}

type Pair = Pick<Credentials, 'accessKeyId' | 'secretAccessKey'>;

function inSections(
  document: Document,
  accessKeyId: string,
  isMeant: (section: KeySection) => boolean,
  edit: (document: Document, name: string, section: KeySection) => Document,
): Document {
  return keySections(document)
    .filter((section) => section.accessKeyId === accessKeyId && isMeant(section))
    .reduce((edited, section) => edit(edited, section.name, section), document);
}
