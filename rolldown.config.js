// Two outputs: dist/ is what users install; build/ is the demo, the benchmark and what tests start, and is not packed.
// CommonJS on purpose: starting an ES module costs Node 2 to 4 ms more, and this runs at every prompt.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compileCachedPath } from './scripts/eager.js';
import { notices } from './scripts/notices.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

// Here, and not by `cleanDir`: the parts of dist/ are built at the same time.
for (const directory of ['dist', 'build']) rmSync(directory, { recursive: true, force: true });

const shared = {
  platform: 'node',
  transform: {
    define: {
      VERSION: JSON.stringify(version),
      'import.meta.resolve': 'String',
      // yargs looks at it when it is loaded, and Node then loads the network for a stream that nobody uses.
      'process.stdout.columns': 'undefined',
    },
  },
  logLevel: 'warn',
  resolve: {
    // The SDK's ES modules, which can be shaken; Node itself would be given its CommonJS, which cannot.
    conditionNames: ['module', 'import', 'node'],
    mainFields: ['module', 'main'],
    alias: { '@aws-sdk/credential-provider-node': resolve('scripts/no-default-credentials.js') },
  },
  plugins: [{ name: 'small-entry', generateBundle: smallEntry }, lightYargs()],
  output: {
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    // Comments are a fifth of the first file, and Node reads all of it at every start.
    comments: false,
  },
};

export default [
  {
    ...shared,
    input: { core: 'src/bin.ts' },
    plugins: [
      ...shared.plugins,
      notices(),
      { name: 'completion', writeBundle: writeCompletion },
      { name: 'eager', writeBundle: () => compileCachedPath('dist/core.cjs') },
    ],
    output: {
      ...shared.output,
      dir: 'dist',
      // The cached path in one file: each further one costs a third of a millisecond.
      codeSplitting: { groups: [{ name: 'core', test: /src\/bin\.ts$|rolldown.runtime/ }] },
    },
  },
  // The programs are built by themselves: what they share with the core would become a file of its own.
  ...[{ awsmfa: 'src/start.ts' }, { 'aws-mfa': 'src/aws-mfa.ts' }].map((input) => ({
    ...shared,
    input,
    external: ['./awsmfa.cjs', './core.cjs'],
    output: { ...shared.output, dir: 'dist', banner: shebang },
  })),
  {
    ...shared,
    input: {
      demo: 'scripts/demo.ts',
      bench: 'scripts/bench.ts',
      soak: 'scripts/soak.ts',
      generate: 'scripts/generate.ts',
      'edit-driver': 'test/config/edit-driver.ts',
      'lock-driver': 'test/files/lock-driver.ts',
    },
    plugins: [],
    output: { ...shared.output, dir: 'build' },
  },
];

// What the integrations load at the first TAB. The program writes it, from its own table of commands and options.
function writeCompletion() {
  for (const [shell, ending] of Object.entries({
    zsh: 'zsh',
    bash: 'bash',
    fish: 'fish',
    powershell: 'ps1',
  })) {
    const script = execFileSync(process.execPath, ['dist/core.cjs', 'completion', shell]);
    writeFileSync(`dist/completion.${ending}`, script);
  }
}

// yargs draws our own help, which has no wide characters: to load the table of all wide ones takes longer than the rest of
// `--help`. Node's `assert` is a quarter of that time, for two functions that check how yargs itself is called.
function lightYargs() {
  const modules = {
    'string-width': 'export default (text) => [...text].length;',
    assert: `function check(isRight) { if (!isRight) throw new Error('yargs is called wrongly'); }
      export const strictEqual = (a, b) => check(Object.is(a, b));
      export const notStrictEqual = (a, b) => check(!Object.is(a, b));`,
  };
  return {
    name: 'light-yargs',
    resolveId: (source, importer = '') =>
      source in modules && /[\\/](?:yargs|cliui)[\\/]/.test(importer) ? `\0light-yargs:${source}` : undefined,
    load: (id) => (id.startsWith('\0light-yargs:') ? modules[id.split(':')[1]] : undefined),
  };
}

function shebang(chunk) {
  return chunk.isEntry ? '#!/usr/bin/env node' : '';
}

// The first file uses none of the bundler's helpers, and loading them costs a third of a millisecond. V8 reads ASCII in
// half the time of a text with a single character more.
function smallEntry(_options, bundle) {
  for (const chunk of Object.values(bundle)) {
    // `import()` would start the loader of ES modules, and build every export of http, among them an unused WebSocket.
    chunk.code = chunk.code?.replace(/\bimport\("(node:[\w/]+)"\)/g, 'Promise.resolve(require("$1"))');
    if (!chunk.isEntry) continue;
    chunk.code = chunk.code
      .replace(/^require\("\.\/rolldown-runtime-[^"]+"\);\n/m, '')
      .replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  }
}
