import { Secret } from '../credentials.ts';
import { orUndefined } from '../errors.ts';
import { type KeyStore, notOpened, type Tools } from './store.ts';

/**
 * 1Password, through its `op`: one item an access key, in the vault that `AWSMFA_OP_VAULT` names, else in the private
 * one. The item is made from a JSON template on stdin.
 */
export const onePassword: KeyStore = {
  name: '1password',
  title: '1Password',
  program: 'op',
  unlock: 'op signin',
  isThere: ({ hasProgram }) => hasProgram('op'),
  async save(id, entry, tools) {
    // op would add a second item of the same title.
    if ((await readItem(id, tools)) !== undefined) await onePassword.remove(id, tools);
    const template = {
      title: title(id),
      category: 'PASSWORD',
      fields: [
        {
          id: 'password',
          type: 'CONCEALED',
          purpose: 'PASSWORD',
          label: 'password',
          value: entry.reveal(),
        },
      ],
    };
    const words = ['op', 'item', 'create', '-', ...vault(tools), '--format', 'json'];
    const answer = await tools.run(throughPipe(words, tools), new Secret(JSON.stringify(template)));
    if (answer.status !== 0) throw notOpened(onePassword, answer);
  },
  async read(id, tools) {
    return readItem(id, tools);
  },
  async remove(id, tools) {
    const answer = await tools.run(['op', 'item', 'delete', title(id), ...vault(tools)]);
    if (answer.status !== 0 && (await readItem(id, tools)) !== undefined)
      throw notOpened(onePassword, answer);
  },
};

/**
 * op takes a template from a pipe only (it checks Go's ModeNamedPipe). Node's stdin for a child is a socket, on Windows a
 * pipe.
 */
function throughPipe(words: readonly string[], { platform }: Tools): readonly string[] {
  return platform === 'win32' ? words : ['/bin/sh', '-c', 'cat | "$@"', 'sh', ...words];
}

async function readItem(id: string, tools: Tools): Promise<string | undefined> {
  const words = ['op', 'item', 'get', title(id), ...vault(tools), '--format', 'json'];
  const answer = await tools.run(words);
  if (answer.status === 0) {
    const value = valueIn(answer.stdout);
    // Since 2.30 op prints "[use 'op item get … --reveal' to reveal]" for some outputs. Older ones do not know the option.
    return /--reveal/.test(value) ? valueIn((await tools.run([...words, '--reveal'])).stdout) : value;
  }
  // op ends with 1 for everything. The list, which has no secrets, says whether it is signed in.
  const listed = await tools.run(['op', 'item', 'list', ...vault(tools), '--format', 'json']);
  if (listed.status !== 0) throw notOpened(onePassword, answer);
  if (titlesIn(listed.stdout).includes(title(id))) throw notOpened(onePassword, answer);
  return undefined;
}

function title(id: string): string {
  return `awsmfa ${id}`;
}

function vault({ env }: Tools): readonly string[] {
  return env.AWSMFA_OP_VAULT ? ['--vault', env.AWSMFA_OP_VAULT] : [];
}

function valueIn(json: string): string {
  const fieldsIn = (): readonly { id?: unknown; value?: unknown }[] => JSON.parse(json).fields;
  const value = orUndefined(() => fieldsIn().find(({ id }) => id === 'password')?.value);
  return typeof value === 'string' ? value : '';
}

function titlesIn(json: string): readonly unknown[] {
  const items = (): readonly { readonly title?: unknown }[] => JSON.parse(json);
  return orUndefined(() => items().map(({ title }) => title)) ?? [];
}
