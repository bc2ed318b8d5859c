import type { CommandName } from './cli/commands.ts';
import type { Invocation } from './cli/invocation.ts';
import { readCommandLine } from './cli/parse.ts';
import { clear } from './commands/clear.ts';
import { chooseDialect, failureOf } from './commands/dialect.ts';
import { env } from './commands/env.ts';
import { process } from './commands/process.ts';
import { complain } from './complain.ts';
import type { Dialect } from './export/dialect.ts';
import { byDefault, chooseProfile } from './profile/choice.ts';
import type { Outcome, World } from './world.ts';

/**
 * One command line, from its arguments to what is written to stdout and the exit status. Whatever goes wrong is
 * said on stderr, by `complain` and nobody else.
 */
export async function main(world: World): Promise<Outcome> {
  const line = readCommandLine(world.argv);
  const { command, flags, invocation } = line;
  try {
    if (flags.help || flags.version) return await (await import('./cli/explain.ts')).help(line, world);
    if (!invocation) throw (await import('./cli/explain.ts')).usageError(line);
    return await run(invocation, world);
  } catch (error) {
    const { json, debug } = flags;
    const exit = complain(error, { json, debug, oneLine: command === 'process' }, world);
    return { stdout: failureOf(command, flags, world), exit };
  }
}

async function run(invocation: Invocation, world: World): Promise<Outcome> {
  const { command = 'use' } = invocation;
  if (command === 'env' || command === 'use' || command === 'clear') {
    const dialect = chooseDialect(command, invocation, world);
    return coded[command](await named(command, invocation, world), world, dialect);
  }
  return plain[command](invocation, world);
}

/** `use` with nothing named, `use --pick` and `use -`: the profile has to be found out first. */
async function named(command: CommandName, invocation: Invocation, world: World): Promise<Invocation> {
  if (command !== 'use') return invocation;
  const { argument, flags } = invocation;
  const isNamed = argument !== '-' && !flags.pick && chooseProfile(invocation, world.env).by !== byDefault;
  return isNamed ? invocation : (await import('./commands/pick.ts')).pick(invocation, world);
}

/** The commands whose stdout is code for a shell; they run at every prompt, and are part of the first file. */
const coded: Record<
  'env' | 'use' | 'clear',
  (invocation: Invocation, world: World, dialect: Dialect) => Promise<Outcome>
> = { env, use: env, clear };

const plain: Record<
  Exclude<CommandName, keyof typeof coded>,
  (invocation: Invocation, world: World) => Promise<Outcome>
> = {
  process,
  exec: async (invocation, world) => (await import('./commands/exec.ts')).exec(invocation, world),
  serve: async (invocation, world) => (await import('./commands/serve.ts')).serve(invocation, world),
  login: async (invocation, world) => (await import('./commands/login.ts')).login(invocation, world),
  logout: async (invocation, world) => (await import('./commands/logout.ts')).logout(invocation, world),
  write: async (invocation, world) => (await import('./commands/write.ts')).write(invocation, world),
  status: async (invocation, world) => (await import('./commands/status.ts')).status(invocation, world),
  list: async (invocation, world) => (await import('./commands/list.ts')).list(invocation, world),
  setup: async (invocation, world) => (await import('./commands/setup.ts')).setup(invocation, world),
  doctor: async (invocation, world) => (await import('./commands/doctor.ts')).doctor(invocation, world),
  init: async (invocation, world) => (await import('./commands/init.ts')).init(invocation, world),
};
