import type { Environment } from '../../world.ts';
import { type Check, type Finding, ok, warning } from './finding.ts';

/** The Node that runs awsmfa. */
export const node: Check = ({ world: { env, platform } }) => [
  nodeFinding(process.versions.node, env, `${platform} ${process.arch}${surroundings(env, platform)}`),
];

/** Where two systems share one machine, their homes and PATHs are not the same. */
function surroundings(env: Environment, platform: string): string {
  if (platform === 'linux' && env.WSL_DISTRO_NAME) return ' in WSL, whose home is not that of Windows';
  return platform === 'win32' && env.MSYSTEM ? ' below Git Bash, whose HOME is ignored' : '';
}

/** @param version such as `20.19.1` */
export function nodeFinding(version: string, env: Environment, machine: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const shown = `Node ${version} on ${machine}`;
  if (major < least[0] || (major === least[0] && minor < least[1])) {
    return warning(`${shown} is too old: awsmfa needs ${least.join('.')} or later`, install);
  }
  // Odd lines live half a year, and are not among those that awsmfa is tested on.
  if (major % 2 === 1) return warning(`${shown}: awsmfa is made for even versions`, install);
  // Node 20 reads it at every start, Node 22 when the first connection needs it.
  const slow = major === 20 && env.NODE_EXTRA_CA_CERTS;
  return ok(slow ? `${shown}; NODE_EXTRA_CA_CERTS makes each start some 40 ms slower with it` : shown);
}

/** `engines` in package.json. */
const least = [20, 19] as const;

const install = 'Install an even version: 22 or 24.';
