// Runs in `npm version X.Y.Z`, between the new version in package.json and the commit: the shell files, which are sourced
// as they are, name the version too, and the changelog gets a heading for what was unreleased.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
for (const name of readdirSync('shell')) {
  replace(`shell/${name}`, /(?<=\b[a-z]+:)\d+\.\d+\.\d+[\w.-]*(?=:)/g, version);
}
replace('CHANGELOG.md', /^## Unreleased$/m, `## ${version} (${new Date().toISOString().slice(0, 10)})`);

function replace(path, pattern, by) {
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(pattern, by));
}
