// Two outputs: dist/ is what users install, build/ is the demo and the benchmark, which are not packed.
// CommonJS on purpose: starting an ES module costs Node 2 to 4 ms more, and this runs at every prompt.
const shared = {
  platform: 'node',
  output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs', cleanDir: true },
};

export default [
  { ...shared, input: { awsmfa: 'src/bin.ts' }, output: { ...shared.output, dir: 'dist', banner: shebang } },
];

function shebang(chunk) {
  return chunk.isEntry ? '#!/usr/bin/env node' : '';
}
