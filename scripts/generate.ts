import { readFileSync, writeFileSync } from 'node:fs';
import { manPage } from './generate/man.ts';

/** Writes what is made from the table of options: the man page. Run after each build. */
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
writeFileSync('dist/awsmfa.1', manPage(version));
