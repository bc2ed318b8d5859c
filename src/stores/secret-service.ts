import { type KeyStore, notOpened } from './store.ts';

/** The Secret Service of the desktop (GNOME Keyring, KWallet, KeePassXC), through libsecret's `secret-tool`. */
export const secretService: KeyStore = {
  name: 'secret-service',
  title: 'the Secret Service',
  program: 'secret-tool',
  unlock: 'unlock the key ring of your desktop, such as with seahorse',
  isThere: ({ env, hasProgram, hasFile }) =>
    hasProgram('secret-tool') &&
    Boolean(env.DBUS_SESSION_BUS_ADDRESS || (env.XDG_RUNTIME_DIR && hasFile(`${env.XDG_RUNTIME_DIR}/bus`))),
  async save(id, entry, tools) {
    const answer = await tools.run(
      ['secret-tool', 'store', `--label=awsmfa ${id}`, ...attributes(id)],
      entry,
    );
    if (answer.status !== 0) throw notOpened(secretService, answer);
  },
  async read(id, tools) {
    const answer = await tools.run(['secret-tool', 'lookup', ...attributes(id)]);
    if (answer.status === 0) return answer.stdout;
    // lookup ends with 1 for a locked key ring too. search finds locked items, without their secrets.
    const found = await tools.run(['secret-tool', 'search', ...attributes(id)]);
    if (found.status === 0 && found.stdout.trim() === '') return undefined;
    throw notOpened(secretService, answer);
  },
  async remove(id, tools) {
    const answer = await tools.run(['secret-tool', 'clear', ...attributes(id)]);
    // clear ends with 1 when there is nothing to remove.
    if (answer.status !== 0 && (await secretService.read(id, tools)) !== undefined) {
      throw notOpened(secretService, answer);
    }
  },
};

function attributes(id: string): readonly string[] {
  return ['service', 'awsmfa', 'access-key-id', id];
}
