import { spawn } from 'node:child_process';
import { Exit, UserError } from '../errors.ts';
import type { World } from '../world.ts';

/**
 * Opens an address with the opener of the system, and does not wait for the browser. The address is in the opener's argv:
 * it must not be a secret.
 *
 * @throws UserError when there is no opener
 */
export async function openUrl(
  url: string,
  { platform, env }: Pick<World, 'platform' | 'env'>,
): Promise<void> {
  const [program, ...args] = openerOf(platform, env);
  await new Promise<void>((resolve, reject) => {
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
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
  });
}

function openerOf(platform: string, { WSL_DISTRO_NAME: wsl }: World['env']): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return wsl ? ['wslview'] : ['xdg-open'];
}
