import { quote } from '../../dialect/posix.ts';
import { printable } from '../../printable.ts';

/** A path as an argument of a command that the user may copy; quoted where it has to be. */
export function shellWord(path: string): string {
  const text = printable(path);
  return /^[\w./:@%+,-]+$/.test(text) ? text : quote(text);
}
