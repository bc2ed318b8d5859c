import { Secret } from '../credentials.ts';
import { type Answer, type KeyStore, notOpened, type Outside, type Tools } from './store.ts';

/**
 * Windows DPAPI, through the PowerShell of the system: the entry is encrypted for this user on this machine, and the
 * result is a file in `~/.aws/awsmfa-keys`. It is not in the cache, because people delete the cache.
 */
export const dpapi: KeyStore = {
  name: 'dpapi',
  title: 'Windows data protection (DPAPI)',
  program: 'powershell.exe',
  unlock: 'sign in to Windows as the user who stored it',
  isThere: ({ platform, home }) => platform === 'win32' && home !== undefined,
  async save(id, entry, tools) {
    const answer = await convert('Protect', entry, tools);
    if (answer.status !== 0 || !/^[\w+/=]+\s*$/.test(answer.stdout)) throw notOpened(dpapi, answer);
    tools.writeFile(pathOf(id, tools), answer.stdout.trim());
  },
  async read(id, tools) {
    const encrypted = tools.readFile(pathOf(id, tools));
    if (encrypted === undefined) return undefined;
    const answer = await convert('Unprotect', new Secret(encrypted), tools);
    if (answer.status !== 0) throw notOpened(dpapi, answer);
    return Buffer.from(answer.stdout.trim(), 'base64').toString('utf8');
  },
  async remove(id, tools) {
    tools.removeFile(pathOf(id, tools));
  },
};

/** The text goes in as Base64 of UTF-8 and comes out as Base64, so that no code page can change it. */
function convert(way: 'Protect' | 'Unprotect', input: Secret, tools: Tools): Promise<Answer> {
  const text = way === 'Protect' ? Buffer.from(input.reveal()).toString('base64') : input.reveal();
  const words = ['powershell.exe', '-NoLogo', '-NoProfile', '-NonInteractive', '-Command', script(way)];
  return tools.run(words, new Secret(text));
}

/** Without double quotes and line breaks, which Windows would need quoted. */
export function script(way: 'Protect' | 'Unprotect'): string {
  return [
    "$ErrorActionPreference = 'Stop'",
    'Add-Type -AssemblyName System.Security',
    '$given = [Convert]::FromBase64String([Console]::In.ReadToEnd().Trim())',
    `$made = [Security.Cryptography.ProtectedData]::${way}($given, $null, 'CurrentUser')`,
    '[Console]::Out.Write([Convert]::ToBase64String($made))',
  ].join('; ');
}

function pathOf(id: string, { home }: Outside): string {
  return `${home}/.aws/awsmfa-keys/${id}.dpapi`;
}
