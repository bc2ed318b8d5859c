// Two outputs: dist/ is what users install, build/ is the demo and the benchmark, which are not packed.
// CommonJS on purpose: starting an ES module costs Node 2 to 4 ms more, and this runs at every prompt.
import { readFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const shared = {
  platform: 'node',
  transform: { define: { VERSION: JSON.stringify(version), 'import.meta.url': JSON.stringify('file:///awsmfa') } },
  output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs', cleanDir: true },
};

export default [
  { ...shared, input: { awsmfa: 'src/bin.ts' }, output: { ...shared.output, dir: 'dist', banner: shebang } },
];

function shebang(chunk) {
  return chunk.isEntry ? '#!/usr/bin/env node' : '';
}
