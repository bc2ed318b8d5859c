// Writes what a release is called, where it is and its hash into the three package files beside this one:
//   node packaging/fill.js https://HOST/PATH/awsmfa-1.2.3.tgz awsmfa-1.2.3.tgz
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { argv, exit } from 'node:process';

const [url, file] = argv.slice(2);
const version = /-(\d+\.\d+\.\d+[\w.-]*)\.tgz$/.exec(url ?? '')?.[1];
if (file === undefined || version === undefined) {
  console.error('Usage: node packaging/fill.js URL-OF-awsmfa-VERSION.tgz THE-SAME-FILE-HERE');
  exit(2);
}
const digest = createHash('sha256').update(readFileSync(file)).digest();
const hex = digest.toString('hex');

fill('awsmfa.rb', [
  [/url "[^"]*"/, `url "${url}"`],
  [/sha256 "[^"]*"/, `sha256 "${hex}"`],
]);
fill('PKGBUILD', [
  [/pkgver=.*/, `pkgver=${version}`],
  [/source=\("[^"]*"\)/, `source=("${url}")`],
  [/sha256sums=\('[^']*'\)/, `sha256sums=('${hex}')`],
]);
fill('flake.nix', [
  [/version = "[^"]*"/, `version = "${version}"`],
  [/url = "https:[^"]*"/, `url = "${url}"`],
  [/hash = "[^"]*"/, `hash = "sha256-${digest.toString('base64')}"`],
]);

function fill(name, lines) {
  const path = new URL(name, import.meta.url);
  let text = readFileSync(path, 'utf8');
  for (const [pattern, line] of lines) {
    if (!pattern.test(text)) throw new Error(`${name} has no line like ${pattern}`);
    text = text.replace(pattern, () => line);
  }
  writeFileSync(path, text);
}
