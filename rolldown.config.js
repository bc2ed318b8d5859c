// Two outputs: dist/ is what users install, build/ is the demo and the benchmark, which are not packed.
// CommonJS on purpose: starting an ES module costs Node 2 to 4 ms more, and this runs at every prompt.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const shared = {
  platform: 'node',
  transform: {
    define: {
      VERSION: JSON.stringify(version),
      'import.meta.url': JSON.stringify('file:///awsmfa'),
      'import.meta.resolve': 'String',
    },
  },
  logLevel: 'warn',
  resolve: {
    // The SDK's ES modules, which can be shaken; Node itself would be given its CommonJS, which cannot.
    conditionNames: ['module', 'import', 'node'],
    mainFields: ['module', 'main'],
    alias: { '@aws-sdk/credential-provider-node': resolve('src/session/no-default-credentials.ts') },
  },
  plugins: [{ name: 'no-runtime-in-entry', renderChunk: withoutRuntime }],
  output: {
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    cleanDir: true,
    // Comments are a fifth of the first file, and Node reads all of it at every start.
    comments: false,
  },
};

export default [
  {
    ...shared,
    // They have no module in common: what two entries share would become a file of its own.
    input: { awsmfa: 'src/bin.ts', 'aws-mfa': 'src/aws-mfa.ts' },
    external: ['./awsmfa.cjs'],
    output: {
      ...shared.output,
      dir: 'dist',
      banner: shebang,
      // The cached path in one file: each further one costs a third of a millisecond.
      codeSplitting: { groups: [{ name: 'core', test: /src\/bin\.ts$|rolldown.runtime/ }] },
    },
  },
  {
    ...shared,
    input: { demo: 'scripts/demo.ts', bench: 'scripts/bench.ts' },
    plugins: [],
    output: { ...shared.output, dir: 'build' },
  },
];

function shebang(chunk) {
  return chunk.isEntry ? '#!/usr/bin/env node' : '';
}

// The first file uses none of the bundler's helpers, and loading them costs a third of a millisecond.
function withoutRuntime(code, chunk) {
  return chunk.isEntry ? code.replace(/^require\("\.\/rolldown-runtime-[^"]+"\);\n/m, '') : null;
}
