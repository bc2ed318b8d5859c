import type * as net from 'node:net';

/** What the holder of a lock tells those who wait: one line about itself at once, its word in the end. */
export const greeting = (introduction: string) => `${introduction.replace(/[\r\n].*/s, '')}\n`;

/**
 * Waits for a holder's word; undefined when it died without one.
 *
 * @param onWait called with its introduction, undefined where it gives none: one that is stopped (Ctrl-Z) says
 * nothing, and is waited for all the same
 */
export function lastWord(
  holder: net.Socket,
  onWait: (introduction: string | undefined) => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    let heard = '';
    const silent = setTimeout(() => onWait(undefined), 1000);
    holder.setEncoding('utf8').on('data', (part) => {
      heard += part;
      const end = heard.indexOf('\n');
      if (end < 0) return;
      clearTimeout(silent);
      onWait(heard.slice(0, end) || undefined);
    });
    holder.on('error', () => {});
    holder.on('close', () => {
      clearTimeout(silent);
      const end = heard.indexOf('\n');
      resolve(end < 0 ? undefined : heard.slice(end + 1) || undefined);
    });
  });
}
