import { type KeyStore, notOpened, type Tools } from './store.ts';

/** `pass`, the standard Unix password manager: one gpg file an entry, below `awsmfa/`. */
export const pass: KeyStore = {
  name: 'pass',
  title: 'the password store of pass',
  program: 'pass',
  unlock: 'pass ls awsmfa',
  isThere: ({ env, home, hasProgram, hasFile }) =>
    hasProgram('pass') && hasFile(`${env.PASSWORD_STORE_DIR || `${home}/.password-store`}/.gpg-id`),
  async save(id, entry, tools) {
    const words = ['pass', 'insert', '--multiline', '--force', entryName(id)];
    const answer = await tools.run(words, entry, environment(tools));
    if (answer.status !== 0) throw notOpened(pass, answer);
  },
  async read(id, tools) {
    const answer = await tools.run(['pass', 'show', entryName(id)], undefined, environment(tools));
    if (answer.status === 0) return answer.stdout;
    // pass itself ends with 1 for an entry that is not there; gpg, which it passes on, with 2.
    if (answer.status === 1) return undefined;
    throw notOpened(pass, answer);
  },
  async remove(id, tools) {
    const answer = await tools.run(['pass', 'rm', '--force', entryName(id)]);
    if (answer.status !== 0 && (await pass.read(id, tools)) !== undefined) throw notOpened(pass, answer);
  },
};

function entryName(id: string): string {
  return `awsmfa/${id}`;
}

/** Without a question, gpg uses what gpg-agent remembers, and fails for the rest. */
function environment({ mayAsk, env }: Tools) {
  if (mayAsk) return {};
  return { PASSWORD_STORE_GPG_OPTS: `${env.PASSWORD_STORE_GPG_OPTS ?? ''} --pinentry-mode error`.trim() };
}
