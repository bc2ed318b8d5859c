import { spawn } from 'node:child_process';
import { Exit, UserError } from '../errors.ts';
import type { World } from '../world.ts';
import { systemProgram } from './windows.ts';

/** The opener of the system at work. */
export interface Opener {
  /** Becomes false when the opener says that it failed, and nothing otherwise. */
  readonly failed: Promise<false>;
}

/**
 * Opens an address with the opener of the system, and does not wait for the browser. The address is in the opener's argv:
 * it must not be a secret.
 *
 * @throws UserError when there is no opener
 */
export async function openUrl(
  url: string,
  { platform, env }: Pick<World, 'platform' | 'env'>,
): Promise<Opener> {
  const [program, ...args] = openerOf(platform, env);
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, url], {
      env: { ...env },
      stdio: 'ignore',
      detached: true,
      windowsHide: true,
    });
    child.once('error', () =>
      reject(
        new UserError(
          Exit.failed,
          'no-browser',
          `There is no ${program} that could open a browser`,
          'Print the address and open it yourself: awsmfa console --print',
        ),
      ),
    );
    const failed = new Promise<false>((fail) => {
      // The exit status of rundll32 means nothing.
      child.once('exit', (status) => status !== 0 && platform !== 'win32' && fail(false));
    });
    child.once('spawn', () => {
      child.unref();
      resolve({ failed });
    });
  });
}

function openerOf(platform: string, env: World['env']): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return [systemProgram('rundll32.exe', env), 'url.dll,FileProtocolHandler'];
  return env.WSL_DISTRO_NAME ? ['wslview'] : ['xdg-open'];
}
