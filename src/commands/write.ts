import type { Invocation } from '../cli/invocation.ts';
import { Exit, UserError } from '../errors.ts';
import type { Outcome, World } from '../world.ts';
import { writeAll } from './write/all.ts';
import { introduce } from './write/introduce.ts';
import { writeOne } from './write/one.ts';
import { removeWritten } from './write/remove.ts';

/** `awsmfa write`: the session in a section of the shared credentials file, for what reads nothing else. */
export async function write(invocation: Invocation, world: World): Promise<Outcome> {
  const { flags } = invocation;
  if (!flags['aws-mfa']) return written(invocation, world);
  introduce(flags, world);
  return written(invocation, world).catch((error) => {
    throw asAwsMfa(error);
  });
}

async function written(invocation: Invocation, world: World): Promise<Outcome> {
  const { argument, flags } = invocation;
  if (flags.all && (argument ?? flags.profile ?? flags.to) !== undefined) {
    throw new UserError(
      Exit.usage,
      'usage',
      '--all is about every section, and one was named',
      'Leave out one.',
    );
  }
  if (flags.setup) await (await import('./write/setup.ts')).setUp(invocation, world);
  else if (flags.remove) await removeWritten(invocation, world);
  else if (flags.all) await writeAll(invocation, world);
  else await writeOne(invocation, world);
  return { stdout: '', exit: Exit.ok };
}

/** It knows 2 for a command line that cannot be read, and 1 for everything else. */
function asAwsMfa(error: unknown): unknown {
  if (!(error instanceof UserError) || kept.has(error.exit) || unread.has(error.code)) return error;
  return new UserError(Exit.failed, error.code, error.message, error.hint);
}

const kept: ReadonlySet<number> = new Set([Exit.interrupted, Exit.terminated]);
const unread: ReadonlySet<string> = new Set(['usage', 'bad-duration']);
