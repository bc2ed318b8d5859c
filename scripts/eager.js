import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Script } from 'node:vm';

/**
 * Lets V8 compile the functions of the cached path when it loads the core, and no others. Node's compile cache holds what
 * V8 compiled while it loaded a file, and V8 leaves functions for later unless they stand in brackets. So these are put
 * in brackets, and in front, because they are no declarations any more. To compile the rest as well takes Node 20, which
 * has no compile cache, 7 ms.
 *
 * @param {string} file
 */
export function compileCachedPath(file) {
  const used = functionsOfCachedPath(file);
  if (!used.has('getSession')) throw new Error('the cached path of the core did not run');
  const functions = [];
  const rest = readFileSync(file, 'utf8').replace(
    /^(?:async )?function\*? ([\w$]+)\([\s\S]*?^}$/gm,
    (declaration, name) => {
      if (!used.has(name)) return declaration;
      functions.push(`const ${name} = (${declaration});`);
      return '';
    },
  );
  const code = `${functions.join('\n')}\n${rest}`;
  // Throws if a declaration was cut in two.
  new Script(`(function () {${code}\n})`);
  writeFileSync(file, code);
}

/** The names of the functions that ran when a session came from the cache, and when there was none for an access key. */
function functionsOfCachedPath(file) {
  const home = mkdtempSync(join(tmpdir(), 'awsmfa-eager-'));
  try {
    mkdirSync(join(home, '.aws'));
    writeFileSync(join(home, 'session.json'), JSON.stringify(session));
    writeFileSync(join(home, '.aws', 'config'), config);
    const env = { HOME: home, PATH: process.env.PATH, NODE_V8_COVERAGE: join(home, 'coverage') };
    // The first one puts the session into the cache.
    for (const args of [
      'process work',
      'process work',
      'env work --shell bash',
      'process keys --no-prompt',
    ]) {
      spawnSync(process.execPath, [resolve(file), ...args.split(' ')], { cwd: home, env });
    }
    return new Set(
      readdirSync(env.NODE_V8_COVERAGE).flatMap((name) => ranIn(join(env.NODE_V8_COVERAGE, name), file)),
    );
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const session = {
  Version: 1,
  AccessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  SecretAccessKey: 'secret',
  SessionToken: 'token',
  Expiration: '2099-01-01T00:00:00Z',
};

const config = `[profile work]
region = eu-central-1
credential_process = cat session.json
[profile keys]
region = eu-central-1
mfa_serial = arn:aws:iam::111122223333:mfa/ada
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = secret
`;

function ranIn(coverage, file) {
  const { result } = JSON.parse(readFileSync(coverage, 'utf8'));
  const core = result.find(({ url }) => url.endsWith(`/${file}`));
  return (core?.functions ?? [])
    .filter(({ ranges }) => ranges[0].count > 0)
    .map(({ functionName }) => functionName);
}
