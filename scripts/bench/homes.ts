import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalSts } from '../../tools/local-sts/server.ts';
import { work } from '../demo/accounts.ts';
import { finish } from './measure.ts';

/** The environment in which everything is measured: nothing in it but what is needed. */
export type Env = Readonly<Record<string, string>>;

/**
 * A home with this many profiles, all of the same user; `work` is the last, after everything else has been read.
 * NODE_EXTRA_CA_CERTS and AWS_CA_BUNDLE of the caller stay out: the first alone would add 40 ms to every Node 20.
 */
export function home(root: string, profiles: number, sts: LocalSts): Env {
  const [key] = work.user.accessKeys;
  const names = Array.from({ length: profiles - 1 }, (_, index) => `profile-${index + 1}`);
  const path = join(root, `home-${profiles}`);
  mkdirSync(join(path, '.aws'), { recursive: true });
  const all = [...names, work.profile];
  const { region, serial } = work;
  const config = all.map((name) => `[profile ${name}]\nregion = ${region}\nmfa_serial = ${serial}\n`);
  const credentials = all.map(
    (name) => `[${name}]\naws_access_key_id = ${key?.id}\naws_secret_access_key = ${key?.secret}\n`,
  );
  writeFileSync(join(path, '.aws', 'config'), config.join('\n'));
  writeFileSync(join(path, '.aws', 'credentials'), credentials.join('\n'), { mode: 0o600 });
  const local = { AWS_ENDPOINT_URL_STS: sts.url, AWS_ENDPOINT_URL_IAM: sts.url };
  return { HOME: path, PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', ...local };
}

/** A home with a chain of so many roles, each from the one before. */
export function chainHome(root: string, roles: number, sts: LocalSts): Env {
  const env = home(root, 2, sts);
  const path = join(root, `chain-${roles}`);
  mkdirSync(join(path, '.aws'), { recursive: true });
  const hops = Array.from({ length: roles }, (_, index) => {
    const source = index === 0 ? work.profile : `role-${index - 1}`;
    return `[profile role-${index}]\nrole_arn = arn:aws:iam::111122223333:role/r${index}\nsource_profile = ${source}\n`;
  });
  const { HOME = '' } = env;
  for (const name of ['config', 'credentials']) {
    const text = readFileSync(join(HOME, '.aws', name), 'utf8');
    writeFileSync(join(path, '.aws', name), name === 'config' ? `${text}\n${hops.join('\n')}` : text);
  }
  return { ...env, HOME: path };
}

/** The same home with nothing remembered, and a code that will be taken. */
export function fresh(root: string, env: Env, sts: LocalSts): Env {
  sts.forgetSpentCodes();
  return {
    ...env,
    AWSMFA_CACHE_DIR: join(mkdtempSync(join(root, 'cache-')), 'awsmfa'),
    AWSMFA_TOKEN_CODE: sts.nextCode(work.serial),
  };
}

/** Gets a session into the cache of a home; what `env` has put into the shell, as variables. */
export async function logIn(node: string, core: string, env: Env, sts: LocalSts): Promise<Env> {
  sts.forgetSpentCodes();
  const args = [core, 'env', work.profile, '--format', 'json', '--token-code', sts.nextCode(work.serial)];
  const { status, stdout, stderr } = await finish({ command: node, args, env });
  if (status !== 0) throw new Error(`no session to measure with: ${stderr.trim()}`);
  return JSON.parse(stdout) as Env;
}
