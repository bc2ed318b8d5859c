import { Exit, UserError } from '../errors.ts';
import { printable } from '../printable.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import type { KeysOptions } from './keys/key.ts';
import { removeKey } from './keys/remove.ts';
import { rotateKey } from './keys/rotate.ts';
import { storeAll, storeKey } from './keys/store.ts';

/** `awsmfa keys`: long-term keys into and out of a key store, and a new key for an old one. */
export async function keys(options: KeysOptions, ui: Ui, world: World): Promise<Outcome> {
  const { AWSMFA_SCOPE: scope } = world.env;
  if (scope) {
    throw new UserError(
      Exit.refused,
      'scoped',
      `The credentials here are narrowed to ${printable(scope, 100)}, and awsmfa keys works with whole ones`,
      'Run it in a shell outside of the scope.',
    );
  }
  switch (options.action) {
    case 'store':
      await (options.all ? storeAll : storeKey)(options, ui, world);
      break;
    case 'rotate':
      await rotateKey(options, ui, world);
      break;
    case 'remove':
      await removeKey(options, ui, world);
      break;
    default:
      throw new UserError(
        Exit.usage,
        'usage',
        'awsmfa keys needs one of: store, rotate, remove',
        'See: awsmfa keys --help',
      );
  }
  return { stdout: '', exit: Exit.ok };
}
