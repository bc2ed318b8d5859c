import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import { dpapi } from './dpapi.ts';
import { keychain } from './keychain.ts';
import { onePassword } from './onepassword.ts';
import { pass } from './pass.ts';
import { secretService } from './secret-service.ts';
import {
  fromEntry,
  goneFrom,
  type KeyStore,
  type Outside,
  type StoredKey,
  type Tools,
  toEntry,
} from './store.ts';

/** Every store. The first that is there is the one that awsmfa proposes: the system's own before a manager. */
export const stores: readonly KeyStore[] = [keychain, dpapi, secretService, pass, onePassword];

/**
 * The store of this name.
 *
 * @param by what names it, for the error: `--store`, `awsmfa_key_store of profile "work"`
 * @throws UserError usage for an option or a variable, configuration for a file
 */
export function namedStore(name: string, by: string): KeyStore {
  const store = stores.find((known) => known.name === name.toLowerCase());
  if (store) return store;
  throw new UserError(
    by.includes('profile') ? Exit.configuration : Exit.usage,
    'no-such-store',
    `${by}: there is no key store "${printable(name, 40)}"`,
    `Take one of: ${stores.map((known) => known.name).join(', ')}.`,
  );
}

/** The stores that can be used here. */
export function usableStores(outside: Outside): readonly KeyStore[] {
  return stores.filter((store) => store.isThere(outside));
}

/**
 * Keeps a key, and proves that the store gives it back as it was.
 *
 * @throws UserError refused: the store gave no answer, or gave back something else
 */
export async function saveKey(store: KeyStore, key: StoredKey, tools: Tools): Promise<void> {
  const entry = toEntry(key);
  await store.save(key.accessKeyId, entry, tools);
  const back = await store.read(key.accessKeyId, tools);
  // Programs that print end the line, which is not a part of the entry.
  if (back?.replace(/\r?\n$/, '') === entry.reveal()) return;
  throw new UserError(
    Exit.refused,
    'key-not-kept',
    `${store.title} ${back === undefined ? 'did not keep the key' : 'gave back another text than it was given'}`,
    `Nothing was taken out of the file. Look at ${store.title}: ${store.unlock}`,
  );
}

/** @throws UserError: the store is locked, the entry is gone, or it is not the entry of this key */
export async function readKey(store: KeyStore, accessKeyId: string, tools: Tools): Promise<StoredKey> {
  const text = await store.read(accessKeyId, tools);
  if (text === undefined) throw goneFrom(store, accessKeyId);
  return fromEntry(text, accessKeyId, store);
}
