import { chmodSync, chownSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Home } from './home.ts';

const nobody = 65_534;

/** Runs a body as somebody who is bound by modes: root, who is not, becomes nobody for it, and gives him the home. */
export async function unprivileged<T>(home: Home, body: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return body();
  chmodSync(dirname(home.path), 0o711);
  for (const path of ['', ...readdirSync(home.path, { recursive: true, encoding: 'utf8' })]) {
    chownSync(join(home.path, path), nobody, nobody);
  }
  process.setegid?.(nobody);
  process.seteuid?.(nobody);
  try {
    return await body();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
