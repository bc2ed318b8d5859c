import { Secret } from '../credentials.ts';
import { type KeyStore, notOpened } from './store.ts';

/**
 * The macOS Keychain, through the system's `security`. A command that has the secret is given to `security -i` on
 * stdin. The secret is written in hex, which needs no quoting. With `-T ""` macOS asks the user before any
 * program reads the entry, even `security` itself.
 */
export const keychain: KeyStore = {
  name: 'keychain',
  title: 'the macOS Keychain',
  program: 'security',
  unlock: 'security unlock-keychain',
  isThere: ({ platform, hasProgram }) => platform === 'darwin' && hasProgram('security'),
  async save(id, entry, tools) {
    const hex = Buffer.from(entry.reveal()).toString('hex');
    const command = `add-generic-password -U -a ${id} -s awsmfa -l "awsmfa ${id}" -T "" -X ${hex}\n`;
    const answer = await tools.run(['security', '-i'], new Secret(command));
    if (answer.status !== 0) throw notOpened(keychain, answer);
  },
  async read(id, tools) {
    const answer = await tools.run(['security', 'find-generic-password', ...names(id), '-w']);
    if (answer.status === 0) return answer.stdout;
    if (answer.status === notFound) return undefined;
    throw notOpened(keychain, answer);
  },
  async remove(id, tools) {
    const answer = await tools.run(['security', 'delete-generic-password', ...names(id)]);
    if (answer.status !== 0 && answer.status !== notFound) throw notOpened(keychain, answer);
  },
};

function names(id: string): readonly string[] {
  return ['-a', id, '-s', 'awsmfa'];
}

/** The low byte of errSecItemNotFound (-25300). */
const notFound = 44;
