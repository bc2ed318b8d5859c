import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { project } from './desk.ts';

const inFolder = (folder: string) =>
  readdirSync(join(project, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));

/** The pages that have an English page of the same name. */
export const japanese: readonly string[] = inFolder('docs/ja');

/** Every page, as a path in the project. */
export const pages: readonly string[] = [
  ...['README.md', 'README.ja.md', 'SECURITY.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'CHANGELOG.md'],
  ...inFolder('docs'),
  ...japanese,
];

export const textOf = (page: string) => readFileSync(join(project, page), 'utf8');

/** Command lines of awsmfa and of its aws-mfa: in `code`, in the blocks that show a terminal or a script, in `$(…)`. */
export function linesOf(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```(?:console|sh)?\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  const shown = [
    ...[...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, line = '']) => line),
    ...[...text.matchAll(/^(?: {4}|\t)(?:\$ )?(.*)$/gm)].map(([, line = '']) => line),
    ...blocks.flatMap((block) => block.split('\n').map((line) => line.replace(/^\$ /, ''))),
  ];
  return shown
    .flatMap((line) => [
      line,
      ...[...line.matchAll(/\$\((?:command )?(aws-?mfa [^()]*)\)/g)].map(([, call = '']) => call),
    ])
    .map((line) =>
      line
        .replace(/\s+#.*| >>? .*| \\?\| .*|\s+&$/, '')
        .replace(outsideQuotes, '')
        .trim(),
    )
    .filter((line) => /^(awsmfa|aws-mfa)( |$)/.test(line) && !/…$|\[|<|^awsmfa [A-Z]|: /.test(line));
}

/** What follows a whole command: `&& …` and `; …`, but not within quotes. */
const outsideQuotes = /(?<=^(?:[^'"]|'[^']*'|"[^"]*")*)(?: && |;).*$/;
