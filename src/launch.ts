import { Module } from 'node:module';
import { Script } from 'node:vm';
import { compiledPath, readCompiled, readCore } from './launch/compiled.ts';

/**
 * The program's first file: it runs `core.cjs`. To compile that takes Node as long as all that a cached `env` does, so
 * that what V8 made of it is kept, and used from the second time on.
 */
const core = readCore(__dirname);
const path = compiledPath(core, process.env);
const compiled = path === undefined ? undefined : readCompiled(path);
const script = new Script(`(function(exports,require,module,__filename,__dirname){${core.source}\n})`, {
  filename: core.path,
  ...(compiled && { cachedData: compiled }),
});
// The other files of the program require it, as they would any module.
const loaded = new Module(core.path);
require.cache[core.path] = loaded;
script.runInThisContext()(loaded.exports, require, loaded, core.path, __dirname);
if (path !== undefined && (!compiled || script.cachedDataRejected)) {
  // When all has been done: by then V8 has compiled what such a run needs, and nobody waits for an answer.
  process.once('beforeExit', async () => {
    // Of many that start at once, the first will do.
    if (!script.cachedDataRejected && readCompiled(path)) return;
    const keep = await import('./launch/keep.ts').catch(() => undefined);
    // Without it awsmfa has been replaced or taken away meanwhile, and there is nothing to keep.
    keep?.keepCompiled(path, script.createCachedData());
  });
}
