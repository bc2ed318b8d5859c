import { Exit, UserError } from '../errors.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { writeAll } from './write/all.ts';
import { introduce } from './write/introduce.ts';
import { writeOne } from './write/one.ts';
import type { WriteOptions } from './write/options.ts';
import { removeWritten } from './write/remove.ts';

/** `awsmfa write`: the session in a section of the shared credentials file, for what reads nothing else. */
export async function write(options: WriteOptions, ui: Ui, world: World): Promise<Outcome> {
  if (!options.isAwsMfa) return written(options, ui, world);
  introduce(ui, world);
  return written(options, ui, world).catch((error) => {
    throw asAwsMfa(error);
  });
}

async function written(options: WriteOptions, ui: Ui, world: World): Promise<Outcome> {
  if (options.action === 'setup') await (await import('./write/setup.ts')).setUp(options, ui, world);
  else if (options.action === 'remove') await removeWritten(options, ui, world);
  else if (options.all) await writeAll(options, ui, world);
  else await writeOne(options, ui, world);
  return { stdout: '', exit: Exit.ok };
}

/** It knows 2 for a command line that cannot be read, and 1 for everything else. */
function asAwsMfa(error: unknown): unknown {
  if (!(error instanceof UserError) || kept.has(error.exit) || unread.has(error.code)) return error;
  return new UserError(Exit.failed, error.code, error.message, error.hint);
}

const kept: ReadonlySet<number> = new Set([Exit.interrupted, Exit.terminated]);
const unread: ReadonlySet<string> = new Set(['usage', 'bad-duration', 'no-effect']);
