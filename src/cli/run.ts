import { chooseDialect } from '../commands/dialect.ts';
import { clear, env, process } from '../commands/env.ts';
import { expected, type UserError, usage } from '../errors.ts';
import { byDefault, chooseProfile } from '../profile/choice.ts';
import type { SessionRequest } from '../request.ts';
import type { Place } from '../serve/server.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import type { CommandName, Flags, OptionName } from './commands.ts';
import type { Invocation } from './parse.ts';
import { named, settle, vaultTimes } from './settle.ts';

/** Settles the options of a command and runs it. Commands that run at every prompt are part of the first file. */
export function run(line: Invocation, ui: Ui, world: World): Promise<Outcome> {
  return commands[line.command ?? 'use'](line, ui, world);
}

type Run = (line: Invocation, ui: Ui, world: World) => Promise<Outcome>;

const commands: Readonly<Record<CommandName, Run>> = {
  env: (line, ui, world) => envOrUse('env', line, ui, world),
  use: (line, ui, world) => envOrUse('use', line, ui, world),
  clear: async ({ flags }, ui, world) => clear(chooseDialect('clear', flags, world), ui, world),
  process: async ({ argument, flags }, ui, world) =>
    process(settle('process', argument, flags, world.env, world.home), ui, world),
  exec: async (line, ui, world) => {
    const { argument, flags, rest = [] } = line;
    if (flags.json && rest.length === 0) {
      throw usage('exec --json prints no credentials', 'Use awsmfa process, or awsmfa env --format json.');
    }
    const serve = await placeForExec(flags);
    const { request, asked } = await settleOrPick('exec', line, ui, world);
    const { exec } = await import('../commands/exec.ts');
    const keepProfile = keepsProfile(flags, world);
    return exec({ request, argument, command: rest, keepProfile, serve }, ui, asked);
  },
  serve: async ({ argument, flags }, ui, world) => {
    const dialect = chooseDialect('serve', flags, world);
    refuseCredentialFormat(flags);
    const { placeOf } = await import('./own-options.ts');
    const place = await placeOf(flags);
    // The scope applies to the other served profiles too.
    const scope = flags.scope === undefined ? {} : { scope: flags.scope };
    const also = (flags.also ?? []).map((name) => ({
      name,
      request: settle('serve', name, scope, world.env, world.home),
    }));
    const request = settle('serve', argument, flags, world.env, world.home);
    return (await import('../commands/serve.ts')).serve({ request, place, also, dialect }, ui, world);
  },
  login: async (line, ui, world) => {
    const { request } = await settleOrPick('login', line, ui, world);
    return (await import('../commands/login.ts')).login(request, ui, world);
  },
  logout: async ({ argument, flags }, ui, world) => {
    (await import('./own-options.ts')).refuseOneOfAll(argument, flags);
    const choice = flags.all ? undefined : chooseProfile(named(argument, flags), world.env);
    return (await import('../commands/login.ts')).logout(choice, ui, world);
  },
  write: async ({ argument, flags }, ui, world) => {
    const { writeOptions } = await import('./own-options.ts');
    return (await import('../commands/write.ts')).write(writeOptions(argument, flags, world), ui, world);
  },
  status: async ({ flags: { json = false, verify = false } }, ui, world) => {
    const asked = { ...plain('status', world), json, verify };
    return (await import('../commands/status.ts')).status(asked, ui, world);
  },
  list: async ({ flags: { json = false, names = false }, rest: words = [] }, ui, world) => {
    if (json && names) throw usage('--json and --names exclude each other');
    const { request } = plain('list', world);
    return (await import('../commands/list.ts')).list({ request, words, json, names }, ui, world);
  },
  setup: async ({ flags }, ui, world) => {
    const { setupOptions } = await import('./own-options.ts');
    return (await import('../commands/setup.ts')).setup(setupOptions(flags, world), ui, world);
  },
  doctor: async ({ flags: { json = false } }, ui, world) =>
    (await import('../commands/doctor.ts')).doctor({ ...plain('doctor', world), json }, ui, world),
  completion: async ({ argument }, _ui, world) =>
    (await import('./completion.ts')).completion(argument, world),
  allow: async ({ flags }, ui, world) =>
    (await import('../commands/allow.ts')).allow({ isRemoved: flags.remove ?? false }, ui, world),
  unload: async (_line, ui) => (await import('../commands/init.ts')).unload(ui),
  help: async ({ argument, flags }, _ui, world) =>
    (await import('./explain.ts')).help(argument, flags, world),
  version: async ({ flags }, _ui, world) =>
    (await import('./explain.ts')).help(undefined, { ...flags, version: true }, world),
  keys: async (line, ui, world) => {
    const { keysOptions } = await import('./own-options.ts');
    return (await import('../commands/keys.ts')).keys(keysOptions(line, world), ui, world);
  },
  console: async ({ argument, flags }, ui, world) => {
    const request = settle('console', argument, flags, world.env, world.home);
    const options = { request, service: flags.service, print: flags.print ?? false };
    return (await import('../commands/console.ts')).openConsole(options, ui, world);
  },
  init: async ({ argument, flags }, ui, world) =>
    (await import('../commands/init.ts')).init(argument, flags.print ?? false, ui, world),
};

async function envOrUse(command: 'env' | 'use', line: Invocation, ui: Ui, world: World): Promise<Outcome> {
  const { flags } = line;
  const dialect = chooseDialect(command, flags, world);
  if (flags['keep-profile'] && credentialFormats.has(flags.format ?? '')) {
    throw usage(
      `--format ${flags.format} has no variables, and --keep-profile is about one`,
      'Leave it out.',
    );
  }
  const { request, asked } = await settleOrPick(command, line, ui, world);
  return env({ request, dialect, keepProfile: keepsProfile(flags, world) }, ui, asked);
}

/** The request of a command without options. A wrong variable must not stop commands that only look. */
function plain(command: CommandName, world: World): { request: SessionRequest; wrong?: UserError } {
  const { env } = world;
  try {
    return { request: settle(command, undefined, {}, world.env, world.home) };
  } catch (error) {
    const wrong = expected(error);
    const names = ['AWSMFA_MIN_TTL', 'AWSMFA_DURATION', 'MFA_STS_DURATION', ...vaultTimes];
    const checked = Object.fromEntries(names.map((name) => [name, undefined]));
    return {
      request: settle(command, undefined, {}, { ...env, ...checked }),
      wrong,
    };
  }
}

function keepsProfile(flags: Flags, { env }: World): boolean {
  return flags['keep-profile'] ?? isOn(env.AWSMFA_KEEP_PROFILE);
}

/** Whether a variable switches something on: anything but nothing, `0`, `false` and `no`. */
function isOn(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'no'].includes(value.toLowerCase());
}

/** A request, and the world in which it is answered. */
interface Settled {
  readonly request: SessionRequest;
  /** Without the shell's question where the answer may be another one the next time. */
  readonly asked: World;
}

/** The options that mean the same the next time. All others are about one time, or about a file. */
const lasting: ReadonlySet<string> = new Set<OptionName>([
  'profile',
  'region',
  'format',
  'shell',
  'keep-profile',
  'no-prompt',
]);

/**
 * With nothing named, several profiles and a terminal, a person chooses. `use -` goes back to the profile before, and
 * `use --pick` offers the list although the environment names a profile.
 */
async function settleOrPick(
  command: 'env' | 'use' | 'exec' | 'login',
  { argument, flags }: Invocation,
  ui: Ui,
  world: World,
): Promise<Settled> {
  const isPrevious = argument === '-';
  const isForced = flags.pick ?? false;
  if (isForced && (argument || flags.profile)) {
    throw usage('--pick and the name of a profile exclude each other');
  }
  if (isPrevious && flags.profile) throw usage('- is the profile before, and --profile names another one');
  const request = settle(command, isPrevious ? undefined : argument, flags, world.env, world.home);
  const unasked = { ...world, question: undefined };
  if (!isPrevious && !isForced && request.choice.by !== byDefault) {
    // A scope is a file, or depends on the scope around it: a shell cannot see that its answer has changed.
    const isScoped = request.scope !== undefined || request.isUnscoped;
    const isForOnce = Object.keys(flags).some((name) => !lasting.has(name));
    return { request, asked: isScoped || isForOnce ? unasked : world };
  }
  const { pick } = await import('../commands/pick.ts');
  const name = await pick({ request, isPrevious, isForced }, ui, world);
  return {
    request: name === undefined ? request : { ...request, choice: { name, by: 'the argument' } },
    asked: unasked,
  };
}

async function placeForExec(flags: Flags): Promise<Place | undefined> {
  for (const name of ['port', 'bind'] as const) {
    if (flags[name] === undefined || flags.serve) continue;
    throw usage(`--${name} is for a server`, 'Add --serve, or leave it out.');
  }
  if (!flags.serve) return undefined;
  if (flags['keep-profile']) {
    throw usage(
      '--serve and --keep-profile exclude each other',
      'With AWS_PROFILE set, programs read that profile and ask no server.',
    );
  }
  return (await import('./own-options.ts')).placeOf(flags);
}

/** These formats have fields for keys, but none for variables or a server. */
const credentialFormats: ReadonlySet<string> = new Set(['process', 'ini']);

function refuseCredentialFormat({ format = '' }: Flags): void {
  if (!credentialFormats.has(format)) return;
  throw usage(
    `--format ${format} is for credentials, and serve prints where they are`,
    'Take env or json, or --shell.',
  );
}
