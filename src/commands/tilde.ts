import { printable } from '../printable.ts';

/** A path as people write it, fit for a terminal: `~/.aws/config`. */
export function tilde(path: string, home: string | undefined): string {
  const root = home?.replace(/\/$/, '');
  return printable(root && path.startsWith(`${root}/`) ? `~${path.slice(root.length)}` : path);
}
