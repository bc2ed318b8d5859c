import { externalDataInterceptor } from '@smithy/core/config';
import type { ProfileSection } from '../config/section.ts';
import { withoutOurRegion } from '../export/memory.ts';
import { configuredRegion } from '../profile/profile.ts';
import { createHandler } from '../sts/client.ts';
import type { Environment } from '../world.ts';
import type { Asking } from './provider.ts';

/**
 * Runs a provider of the AWS SDK in an environment that is made for it. The SDK reads `process.env` and the shared
 * files by itself, wherever it looks for a setting: so it is shown this profile's settings, as awsmfa reads them, as
 * the only profile of a config file that exists in memory, and an environment without profile and credentials.
 *
 * Settings that have a parameter are given as one (`clientConfig`, and what each provider takes). This is for those that
 * have none: the home directory with the tokens (`getHomeDir`), and the region, endpoint URLs, retries and FIPS of the
 * clients that a provider makes by itself to renew a token.
 *
 * @param more variables for this provider
 */
export function withSdk<T>(asking: Asking, run: () => Promise<T>, more: Environment = {}): Promise<T> {
  const alone = last.then(async () => {
    const { env } = process;
    externalDataInterceptor.interceptFile(configPath, configText(asking));
    externalDataInterceptor.interceptFile(credentialsPath, '');
    process.env = { ...environment(asking), ...more } as NodeJS.ProcessEnv;
    try {
      return await run();
    } finally {
      process.env = env;
    }
  });
  last = alone.catch(() => {});
  return alone;
}

/** There is one `process.env`: two providers at once would see each other's. */
let last: Promise<unknown> = Promise.resolve();

/** What every client of the SDK is told outright. */
export async function clientConfig({ profile, world }: Asking) {
  const caBundle = world.env.AWS_CA_BUNDLE || profile.setting('ca_bundle')?.value;
  return {
    // `auto` would ask an EC2 instance that may not be there.
    defaultsMode: 'standard',
    userAgentAppId: 'awsmfa',
    requestHandler: await createHandler(caBundle),
  } as const;
}

/** Names of files that nobody opens. */
const configPath = 'awsmfa/config';
const credentialsPath = 'awsmfa/credentials';

function environment({ profile, world, files }: Asking): Environment {
  const { env, home } = world;
  const own = withoutOurRegion(env, configuredRegion(env.AWSMFA_PROFILE, files));
  const kept = Object.entries(own).filter(([name, value]) => value !== undefined && !identity.test(name));
  return {
    AWS_REGION: profile.setting('region')?.value ?? (own.AWS_DEFAULT_REGION || 'us-east-1'),
    ...Object.fromEntries(kept),
    ...(home === undefined ? {} : { HOME: home }),
    AWS_CONFIG_FILE: configPath,
    AWS_SHARED_CREDENTIALS_FILE: credentialsPath,
    // The SDK's advice about Node versions goes to its users' developers, not to ours.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

const identity =
  /^AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|PROFILE|DEFAULT_PROFILE)$/;

/**
 * The profile under `[default]`, with its SSO session and its services. `[sso-session.NAME]` is what the SDK's parser
 * makes of `[sso-session NAME]`, and unlike that it holds any name.
 */
function configText({ profile, files }: Asking): string {
  const section = files.profile(profile.section ?? profile.name);
  const session = section?.get('sso_session');
  const services = section?.get('services');
  const blocks = services === undefined ? undefined : files.services(services);
  return [
    ...linesOf('default', section),
    ...(session === undefined ? [] : linesOf(`sso-session.${session}`, files.ssoSession(session))),
    ...(blocks === undefined ? [] : [`[services.${services}]`]),
    ...[...(blocks ?? [])].flatMap(([name, block]) => [
      `${name} =`,
      ...[...block].filter(oneLine).map(([key, value]) => `  ${key} = ${value}`),
    ]),
  ].join('\n');
}

/** Keys have no business there: what the SDK does not find it cannot use. */
function linesOf(header: string, section: ProfileSection | undefined): readonly string[] {
  const keys = section?.keys().filter((key) => !key.startsWith('aws_')) ?? [];
  const pairs = keys.map((key) => [key, section?.get(key) ?? ''] as const);
  return [
    `[${header}]`,
    ...pairs
      .filter(([, value]) => value !== '')
      .filter(oneLine)
      .map(([key, value]) => `${key} = ${value}`),
  ];
}

function oneLine([key, value]: readonly [string, string]): boolean {
  return !/[\r\n]/.test(key + value);
}
