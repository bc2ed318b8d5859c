/** The commands, as data. */

export const commands = {
  setup: 'guided: access key, MFA device, first session, rc file',
  use: 'get a session and apply it to this shell (needs the shell integration)',
  env: 'get a session and print the shell code that applies it',
  clear: 'take the session out of this shell again (needs the shell integration)',
  exec: 'run a command with a session in its environment; without one, your shell',
  process: 'act as a credential_process: print the session for AWS SDKs and the AWS CLI',
  serve: 'answer the container credentials protocol, for programs that outlive a session',
  login: 'get a session and keep it in the cache, touching no shell',
  logout: 'forget cached sessions',
  write: 'put the session into a section of the shared credentials file',
  status: 'show what this shell holds, whose it is, how long it lasts',
  list: 'show every profile that has the words: account, role, source, region, session left',
  doctor: 'check common problems and show how to fix each',
  init: 'print the line for the rc file that loads the shell integration',
  completion: 'print the completion script of a shell, which the line of init loads too',
  unload: 'take the shell integration itself out of this shell (needs the shell integration)',
  allow: 'let shells take the profile that the .awsmfa of this directory names',
  help: 'show the help of a command, or this',
  version: 'show the version',
  keys: 'store, rotate or remove long-term keys in the key store of the system',
  console: 'open the AWS console as this role',
} as const;

export type CommandName = keyof typeof commands;

export const commandNames = Object.keys(commands) as readonly CommandName[];

/** The word in place of a positional argument in the help, by command. */
export const positional: Readonly<Record<CommandName, string | undefined>> = {
  env: '[profile]',
  use: '[profile]',
  clear: undefined,
  exec: '[profile] [--] [command…]',
  process: '[profile]',
  serve: '[profile]',
  login: '[profile]',
  logout: '[profile]',
  write: '[profile]',
  status: undefined,
  list: '[word…]',
  setup: undefined,
  doctor: undefined,
  init: '<shell>',
  completion: '<shell>',
  unload: undefined,
  allow: undefined,
  help: '[command]',
  version: undefined,
  keys: '<store|rotate|remove> [profile]',
  console: '[profile]',
};
