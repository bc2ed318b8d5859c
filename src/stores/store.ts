import { Secret } from '../credentials.ts';
import { Exit, orUndefined, UserError } from '../errors.ts';
import type { Environment } from '../world.ts';

/**
 * A key store of the system or of a password manager, which keeps the secret of an access key. Each store is one file that
 * runs the program of the store. A secret goes to the program on stdin, never in argv.
 */
export interface KeyStore {
  /** What `--store` and `awsmfa_key_store` call it. */
  readonly name: string;
  /** For sentences: `the macOS Keychain`. */
  readonly title: string;
  /** The program it runs, for messages. */
  readonly program: string;
  /** How a person opens or checks the store. */
  readonly unlock: string;
  /** True where the store seems to be available. It does not start the program. */
  isThere(outside: Outside): boolean;
  /** Keeps the entry, and replaces an existing one. */
  save(id: string, entry: Secret, tools: Tools): Promise<void>;
  /** Undefined when the store has no entry of this name. */
  read(id: string, tools: Tools): Promise<string | undefined>;
  remove(id: string, tools: Tools): Promise<void>;
}

/** The facts that detect a store. */
export interface Outside {
  readonly env: Environment;
  readonly platform: string;
  readonly home: string | undefined;
  hasProgram(name: string): boolean;
  hasFile(path: string): boolean;
}

export interface Tools extends Outside {
  /** Runs a program; `input` is its stdin. A program that fails is an answer too. */
  run(words: readonly string[], input?: Secret, env?: Environment): Promise<Answer>;
  /** The text of a file of the user's own; undefined where there is none. */
  readFile(path: string): string | undefined;
  /** Replaces a file of the user's own, mode 0600. */
  writeFile(path: string, text: string): void;
  removeFile(path: string): void;
  /** False when nobody may be asked for a password or a touch. */
  readonly mayAsk: boolean;
}

/** How a program of a store ended. `status` is undefined when it was ended, or could not be started. */
export interface Answer {
  readonly status: number | undefined;
  readonly stdout: string;
  /** In words, for an error. It has nothing of the output. */
  readonly ending: string;
  /** True when there is no such program, or it cannot be started. */
  readonly isMissing?: boolean;
}

/** An access key as a store keeps it. */
export interface StoredKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
}

/**
 * One line in the format of `credential_process` (AWS SDKs and Tools reference guide), which people can use without awsmfa
 * too. The access key in it shows an entry that belongs to another key.
 */
export function toEntry({ accessKeyId, secretAccessKey }: StoredKey): Secret {
  return new Secret(
    JSON.stringify({
      Version: 1,
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey.reveal(),
    }),
  );
}

/** @throws UserError (refused) for an entry that is not the one line that awsmfa put there for this key */
export function fromEntry(text: string, accessKeyId: string, store: KeyStore): StoredKey {
  const lines = text.replace(/\r?\n$/, '').split(/\r?\n/);
  if (lines.length !== 1) {
    throw badEntry(store, accessKeyId, `has ${lines.length} lines, and an access key is one line of JSON`);
  }
  const entry = orUndefined(() => Object(JSON.parse(lines[0] as string)));
  if (!entry) throw badEntry(store, accessKeyId, 'is not the JSON that awsmfa put there');
  const { AccessKeyId: id, SecretAccessKey: secret } = entry;
  if (id !== accessKeyId) throw badEntry(store, accessKeyId, 'belongs to another access key');
  if (typeof secret !== 'string' || !/^[\x21-\x7e]{1,256}$/.test(secret)) {
    throw badEntry(store, accessKeyId, 'has no secret access key');
  }
  return { accessKeyId, secretAccessKey: new Secret(secret) };
}

function badEntry(store: KeyStore, id: string, what: string): UserError {
  return new UserError(
    Exit.refused,
    'bad-key-entry',
    `What ${store.title} has for ${id} ${what}`,
    `Look at it there, or put the key there again: awsmfa setup --overwrite, then awsmfa keys store.`,
  );
}

export function goneFrom(store: KeyStore, id: string): UserError {
  return new UserError(
    Exit.configuration,
    'key-gone',
    `The secret of ${id} is not in ${store.title}`,
    'Another store of the same kind may have it (another user, vault or directory). If it is lost, create a new access key in IAM and run: awsmfa setup --overwrite',
  );
}

/** The program of the store is missing, or it failed: the store is locked or signed out, or nobody answered. */
export function notOpened(store: KeyStore, { ending, isMissing }: Answer): UserError {
  const title = store.title.replace(/^./, (letter) => letter.toUpperCase());
  if (isMissing) {
    return new UserError(
      Exit.configuration,
      'no-key-store',
      `${title} cannot be asked: ${store.program} ${ending}`,
      `Install ${store.program}, or add its directory to PATH.`,
    );
  }
  return new UserError(
    Exit.refused,
    'key-store-locked',
    `${title} gave no answer: ${store.program} ${ending}`,
    `It may be locked. Open it: ${store.unlock}`,
  );
}
