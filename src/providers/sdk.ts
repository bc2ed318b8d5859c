import { join } from 'node:path';
import { externalDataInterceptor } from '@smithy/core/config';
import type { ProfileSection } from '../config/section.ts';
import { withoutOurRegion } from '../export/memory.ts';
import { configuredRegion } from '../profile/choice.ts';
import { createHandler } from '../sts/client.ts';
import type { Environment } from '../world.ts';
import type { Asking } from './provider.ts';

/**
 * Runs a provider of the AWS SDK with its own `process.env` and config file. The config file exists in memory, and has
 * the settings of this profile as awsmfa reads them; the environment has no profile and no credentials.
 *
 * The SDK takes some settings from nowhere else: the endpoint of the instance metadata service (`loadConfig` without a
 * profile), the home directory with the tokens (`getHomeDir`, `AWS_LOGIN_CACHE_DIRECTORY`), and the region, endpoint URLs,
 * retries and FIPS of the clients that renew a token. Settings with a parameter are given as one.
 */
export function withSdk<T>(asking: Asking, run: () => Promise<T>): Promise<T> {
  const alone = last.then(async () => {
    const { env } = process;
    externalDataInterceptor.interceptFile(configPath, configText(asking));
    externalDataInterceptor.interceptFile(credentialsPath, '');
    process.env = environment(asking) as NodeJS.ProcessEnv;
    try {
      return await run();
    } finally {
      process.env = env;
    }
  });
  last = alone.catch(() => {});
  return alone;
}

/** Providers run one after another: there is one `process.env`. */
let last: Promise<unknown> = Promise.resolve();

/** The parameters of every client. */
export async function clientConfig({ profile, world }: Asking) {
  const caBundle = world.env.AWS_CA_BUNDLE || profile.setting('ca_bundle')?.value;
  return {
    // `auto` would ask an EC2 instance that may not be there.
    defaultsMode: 'standard',
    userAgentAppId: 'awsmfa',
    requestHandler: await createHandler(caBundle),
  } as const;
}

/** Names of the files in memory. */
const configPath = 'awsmfa/config';
const credentialsPath = 'awsmfa/credentials';

function environment({ profile, world, files }: Asking): Environment {
  const { env, home } = world;
  const own = withoutOurRegion(env, configuredRegion(env.AWSMFA_PROFILE, files));
  const kept = Object.entries(own).filter(([name, value]) => value !== undefined && !identity.test(name));
  return {
    AWS_REGION: profile.setting('region')?.value ?? (own.AWS_DEFAULT_REGION || 'us-east-1'),
    ...Object.fromEntries(kept),
    // The SDK takes the directory of `aws login` from `homedir()`, which does not see a changed process.env.
    ...(home === undefined
      ? {}
      : {
          HOME: home,
          AWS_LOGIN_CACHE_DIRECTORY: env.AWS_LOGIN_CACHE_DIRECTORY || join(home, '.aws', 'login', 'cache'),
        }),
    AWS_CONFIG_FILE: configPath,
    AWS_SHARED_CREDENTIALS_FILE: credentialsPath,
    // The SDK's advice about Node versions goes to its users' developers, not to ours.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

const identity =
  /^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|PROFILE|DEFAULT_PROFILE)$/;

/**
 * The profile under `[default]`, with its SSO session and its services. The SDK's parser turns `[sso-session NAME]` into
 * `[sso-session.NAME]`, which can have any name.
 */
function configText({ profile, files }: Asking): string {
  const section = files.profile(profile.section ?? profile.name);
  const session = section?.get('sso_session');
  const services = section?.get('services');
  const blocks = [...((services !== undefined && files.services(services)) || [])];
  return [
    ...block('[default]', pairsOf(section)),
    ...(session === undefined ? [] : block(`[sso-session.${session}]`, pairsOf(files.ssoSession(session)))),
    ...(services === undefined ? [] : [`[services.${services}]`]),
    ...blocks.flatMap(([name, pairs]) => block(`${name} =`, [...pairs], '  ')),
  ].join('\n');
}

/** The settings of a section without its access keys: the SDK must not use them. */
function pairsOf(section: ProfileSection | undefined): readonly (readonly [string, string])[] {
  const keys = section?.keys().filter((key) => !key.startsWith('aws_')) ?? [];
  return keys.map((key) => [key, section?.get(key) ?? ''] as const).filter(([, value]) => value !== '');
}

function block(
  header: string,
  pairs: readonly (readonly [string, string])[],
  indent = '',
): readonly string[] {
  const isOneLine = ([key, value]: readonly [string, string]) => !/[\r\n]/.test(key + value);
  return [header, ...pairs.filter(isOneLine).map(([key, value]) => `${indent}${key} = ${value}`)];
}
