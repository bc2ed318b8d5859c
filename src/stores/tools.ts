import type { Credentials } from '../credentials.ts';
import { sayDuration } from '../duration.ts';
import { readOwn, removeOwn, replaceOwn } from '../files/disk.ts';
import type { Profile } from '../profile/profile.ts';
import { isCommand, isFile } from '../system/command.ts';
import { timeLimit, withoutTemporary } from '../system/configured.ts';
import { type Ran, runProgram } from '../system/program.ts';
import type { Ui } from '../ui.ts';
import type { World } from '../world.ts';
import type { Answer, Outside, Tools } from './store.ts';
import { namedStore, readKey } from './stores.ts';

/** What detection of a store looks at, as it really is. */
export function outsideOf(world: World): Outside {
  return {
    env: world.env,
    platform: world.platform,
    home: world.home,
    hasProgram: (name) => isCommand(name, world),
    hasFile: isFile,
  };
}

/**
 * The tools of a store, as they really are. Its program has the terminal, where it can ask for a password or a touch, and
 * the time of `AWSMFA_PROCESS_TIMEOUT`.
 */
export function toolsOf(ui: Pick<Ui, 'terminal' | 'canAsk'>, world: World): Tools {
  return {
    ...outsideOf(world),
    mayAsk: ui.canAsk(),
    readFile: (path) => readOwn(path, 65_536)?.toString('utf8'),
    writeFile: replaceOwn,
    removeFile: removeOwn,
    run: async (words, input, env) => {
      const seconds = timeLimit(world.env);
      const terminal = ui.terminal();
      try {
        const ran = await runProgram({
          words,
          command: '',
          env: { ...withoutTemporary(world.env), ...env },
          platform: world.platform,
          terminal,
          seconds,
          most: 1_048_576,
          direct: true,
          ...(input && { input }),
        });
        return answerOf(ran, seconds);
      } finally {
        terminal?.close();
      }
    },
  };
}

/**
 * Credentials with their secret: those of a file as they are, those in a key store from there.
 *
 * @throws UserError: the store is locked, the key is gone, or what is there is another key
 */
export async function openKeys(
  keys: Credentials,
  ui: Pick<Ui, 'terminal' | 'canAsk'>,
  world: World,
): Promise<Credentials> {
  const { store } = keys;
  if (!store) return keys;
  const { secretAccessKey } = await readKey(
    namedStore(store.value, store.by),
    keys.accessKeyId,
    toolsOf(ui, world),
  );
  return { accessKeyId: keys.accessKeyId, secretAccessKey, sessionToken: undefined };
}

/** A profile with the secret of the keys that it comes from. */
export async function openProfile(
  profile: Profile,
  ui: Pick<Ui, 'terminal' | 'canAsk'>,
  world: World,
): Promise<Profile> {
  if (profile.kind === 'role') return { ...profile, source: await openProfile(profile.source, ui, world) };
  return 'keys' in profile ? { ...profile, keys: await openKeys(profile.keys, ui, world) } : profile;
}

/** @throws UserError interrupted, when awsmfa was told to end */
function answerOf(ran: Ran, seconds: number): Answer {
  if (ran.ok) return { status: 0, stdout: ran.stdout, ending: 'succeeded' };
  const failed = (ending: string, status?: number): Answer => ({ status, stdout: '', ending });
  switch (ran.reason) {
    case 'interrupted':
      throw ran.why;
    case 'cannot-start':
      return { ...failed(`cannot be started (${ran.code})`), isMissing: true };
    case 'too-slow':
      return failed(`was ended after ${sayDuration(seconds)} (AWSMFA_PROCESS_TIMEOUT)`);
    case 'too-much':
      return failed('printed more than 1 MiB, and was ended');
    case 'failed':
      return failed(
        ran.status === undefined ? `was ended by ${ran.signal}` : `ended with exit status ${ran.status}`,
        ran.status,
      );
  }
}
