// What is bundled into dist/ belongs to others too: their notices, and a bill of materials for scanners.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A plugin of the bundler that adds `THIRD-PARTY-NOTICES.txt` and `sbom.cdx.json` (CycloneDX 1.6) to its output. */
export function notices() {
  return {
    name: 'notices',
    generateBundle(_options, bundle) {
      const ids = Object.values(bundle).flatMap((chunk) => chunk.moduleIds ?? []);
      const packages = bundledPackages(ids);
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-NOTICES.txt', source: noticesText(packages) });
      this.emitFile({ type: 'asset', fileName: 'sbom.cdx.json', source: billOfMaterials(packages) });
    },
  };
}

/** The packages that the modules come from, by name and version, each once. */
function bundledPackages(moduleIds) {
  const found = new Map();
  for (const id of moduleIds) {
    const root = packageRoot(id);
    if (root === undefined || found.has(root)) continue;
    const { name, version, license, homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    found.set(root, { name, version, license, homepage, text: licenseText(root) });
  }
  return [...found.values()].sort((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
}

/** The directory of the package that a module lies in: the nearest package.json with a name and a version. */
function packageRoot(id) {
  const path = id.replace(/^\0/, '').replace(/\?.*$/, '');
  if (!/[/\\]node_modules[/\\]/.test(path)) return undefined;
  for (let directory = dirname(path); !/[/\\]node_modules$/.test(directory); directory = dirname(directory)) {
    const file = join(directory, 'package.json');
    if (!existsSync(file)) continue;
    const { name, version } = JSON.parse(readFileSync(file, 'utf8'));
    if (name && version) return directory;
  }
  return undefined;
}

function licenseText(root) {
  const files = readdirSync(root)
    .filter((name) => /^(licen[cs]e|notice|copying)/i.test(name))
    .sort();
  return files.map((name) => readFileSync(join(root, name), 'utf8').trim()).join('\n\n');
}

/** Packages with the same text are listed above it together: the AWS SDK has thirty packages and one license. */
function noticesText(packages) {
  const groups = new Map();
  for (const one of packages) {
    const text = one.text || `License: ${one.license}`;
    const key = text.replace(/\s+/g, '');
    groups.set(key, { text, members: [...(groups.get(key)?.members ?? []), one] });
  }
  const parts = [...groups.values()].map(
    ({ text, members }) =>
      `${members.map(({ name, version, license }) => `${name} ${version} (${license})`).join('\n')}\n\n${text}\n`,
  );
  return `awsmfa contains parts of the following packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** No time stamp and no serial number: two builds of the same sources give the same bytes. */
function billOfMaterials(packages) {
  const { name, version, license } = JSON.parse(readFileSync('package.json', 'utf8'));
  const component = (one, type) => ({
    type,
    'bom-ref': packageUrl(one),
    name: one.name,
    version: one.version,
    purl: packageUrl(one),
    ...(one.license ? { licenses: [{ license: { id: one.license } }] } : {}),
  });
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: component({ name, version, license }, 'application') },
    components: packages.map((one) => component(one, 'library')),
    dependencies: [
      { ref: packageUrl({ name, version }), dependsOn: packages.map(packageUrl) },
      ...packages.map((one) => ({ ref: packageUrl(one) })),
    ],
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

/** Package URL of npm (purl-spec, "npm"): the at sign of a scope is percent-encoded. */
function packageUrl({ name, version }) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
