import type { SharedFiles } from '../config/files.ts';
import { Exit, UserError } from '../errors.ts';
import type { Profile } from '../profile/profile.ts';
import { checkedRegion, homeRegion, partitionOf, partitionOfArn } from '../profile/region.ts';
import type { SessionRequest, Setting } from '../request.ts';
import { printable, withoutUser } from '../text.ts';
import type { Environment } from '../world.ts';

/** The regions of `--region` and `--sts-region`. AWS_REGION and the profile come after them. */
export type AskedRegions = Partial<Pick<SessionRequest, 'region' | 'stsRegion'>>;

interface NamedRegion {
  /** The region of the endpoint, and of the signature. */
  readonly region: string;
  /** What named the region: `--region`, `AWS_REGION`, `region of profile "work"`; undefined where nothing did. */
  readonly regionBy?: string | undefined;
  /** The region of the profile, where another one is named and that is in another partition. */
  readonly regionOfProfile?: string | undefined;
}

/** The endpoint of STS, or of IAM. */
export interface StsEndpoint extends NamedRegion {
  /** A URL in place of AWS's own, or undefined. */
  readonly url: string | undefined;
  readonly fips: boolean;
  readonly dualStack: boolean;
  /** A file of certificates to trust, or undefined for Node's own. */
  readonly caBundle: string | undefined;
  /** How often a call that carries no token code is tried in all. */
  readonly attempts: number;
}

/**
 * The regional endpoint, whose tokens work in opt-in regions as well, unless `legacy` or a URL is configured.
 * The precedence is the AWS CLI's: option, environment, profile.
 *
 * @throws UserError for an invalid region, URL or number of attempts
 */
export function stsEndpoint(
  asked: AskedRegions,
  env: Environment,
  profile: Profile,
  files: SharedFiles,
): StsEndpoint {
  const named = stsRegion(asked, env, profile);
  const config = serviceSettings('sts', env, profile, files);
  // The global endpoint has neither form; it is signed for us-east-1, wherever the caller is.
  const isGlobal =
    settingIn('AWS_STS_REGIONAL_ENDPOINTS', 'sts_regional_endpoints', env, profile)?.value.toLowerCase() ===
      'legacy' &&
    legacyRegions.has(named.region) &&
    !(config.url || config.fips || config.dualStack || asked.stsRegion);
  return {
    ...named,
    ...config,
    ...(isGlobal ? { region: 'us-east-1', url: 'https://sts.amazonaws.com' } : {}),
  };
}

/**
 * IAM in the partition of STS's region. A partition has one IAM, and `iam.ts` knows the region to sign for.
 *
 * @throws UserError as `stsEndpoint`
 */
export function iamEndpoint(
  asked: AskedRegions,
  env: Environment,
  profile: Profile,
  files: SharedFiles,
): StsEndpoint {
  return { ...stsRegion(asked, env, profile), ...serviceSettings('iam', env, profile, files) };
}

/**
 * The region to call. A role without one is assumed in the region of its source, else in one that every account of its
 * partition has.
 */
function stsRegion({ stsRegion, region }: AskedRegions, env: Environment, profile: Profile): NamedRegion {
  const ofProfile = regionSetting(profile);
  const asked =
    stsRegion ?? region ?? variable('AWS_REGION', env) ?? variable('AWS_DEFAULT_REGION', env) ?? ofProfile;
  if (!asked) return { region: homeRegion(arnPartition(profile)) };
  const { value, by } = asked;
  const own = ofProfile?.value;
  const isElsewhere = own !== undefined && own !== value && partitionOf(own) !== partitionOf(value);
  return { region: checkedRegion(value, by), regionBy: by, regionOfProfile: isElsewhere ? own : undefined };
}

function regionSetting(profile: Profile): Setting | undefined {
  return profile.setting('region') ?? (profile.kind === 'role' ? regionSetting(profile.source) : undefined);
}

function arnPartition(profile: Profile): string | undefined {
  const arn = profile.kind === 'role' ? profile.roleArn : profile.setting('mfa_serial');
  return partitionOfArn(arn?.value);
}

/** A variable as a setting. An empty variable counts as unset. */
function variable(name: string, env: Environment): Setting | undefined {
  return env[name] ? { value: env[name], by: name } : undefined;
}

/** The regions that `legacy` sends to the global endpoint (AWS SDK reference guide, "STS Regional endpoints"). */
const legacyRegions = new Set(
  `ap-northeast-1 ap-south-1 ap-southeast-1 ap-southeast-2 aws-global ca-central-1 eu-central-1 eu-north-1 eu-west-1
eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2`.split(/\s+/),
);

type Service = 'sts' | 'iam';

/** The settings that do not depend on the region. */
function serviceSettings(
  service: Service,
  env: Environment,
  profile: Profile,
  files: SharedFiles,
): Omit<StsEndpoint, keyof NamedRegion> {
  const setting = (variable: string, key: string) => settingIn(variable, key, env, profile);
  const url = endpointUrl(service, env, profile, files);
  const fips = isTrue(setting('AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint'));
  const dualStack = isTrue(setting('AWS_USE_DUALSTACK_ENDPOINT', 'use_dualstack_endpoint'));
  if (url && (fips || dualStack)) throw contradiction(url, fips ? 'FIPS' : 'dual-stack');
  return {
    url,
    fips,
    dualStack,
    caBundle: setting('AWS_CA_BUNDLE', 'ca_bundle')?.value,
    attempts: attempts(setting('AWS_MAX_ATTEMPTS', 'max_attempts'), setting('AWS_RETRY_MODE', 'retry_mode')),
  };
}

function settingIn(name: string, key: string, env: Environment, profile: Profile): Setting | undefined {
  return env[name] ? variable(name, env) : profile.setting(key);
}

/** The SDKs' endpoint rules refuse both together ("FIPS and custom endpoint are not supported"). */
function contradiction(url: string, kind: string): UserError {
  return new UserError(
    Exit.configuration,
    'bad-endpoint',
    `A ${kind} endpoint is asked for, and the endpoint ${printable(withoutUser(url), 80)} is set`,
    `Unset one of them: the endpoint URL, or AWS_USE_${kind === 'FIPS' ? 'FIPS' : 'DUALSTACK'}_ENDPOINT.`,
  );
}

function endpointUrl(
  service: Service,
  env: Environment,
  profile: Profile,
  files: SharedFiles,
): string | undefined {
  const ignored = settingIn(
    'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
    'ignore_configured_endpoint_urls',
    env,
    profile,
  );
  if (isTrue(ignored)) return undefined;
  const services = profile.setting('services')?.value;
  const ofService = services && files.services(services)?.get(service)?.get('endpoint_url');
  const found: Setting | undefined =
    variable(service === 'sts' ? 'AWS_ENDPOINT_URL_STS' : 'AWS_ENDPOINT_URL_IAM', env) ??
    variable('AWS_ENDPOINT_URL', env) ??
    (ofService ? { value: ofService, by: `endpoint_url of [services ${services}]` } : undefined) ??
    profile.setting('endpoint_url');
  if (!found) return undefined;
  if (isUrl(found.value)) return found.value;
  // In a text that is not a URL, the end of a password cannot be found.
  const shown = printable(found.value.replace(/.*@/s, '…@'), 80);
  throw new UserError(
    Exit.configuration,
    'bad-endpoint',
    `${printable(found.by)}: "${shown}" is not a URL`,
    'An endpoint looks like https://sts.eu-west-1.amazonaws.com.',
  );
}

/** Remembers the last URL: `list` has the same one for each of 2,000 profiles, and parsing is slow. */
function isUrl(text: string): boolean {
  if (text === lastUrl) return true;
  if (!/^https?:\/\/[^/]/.test(text) || !URL.canParse(text)) return false;
  lastUrl = text;
  return true;
}

let lastUrl: string | undefined;

/**
 * The default is three, as in the standard retry mode of the SDKs. All modes do the same for a single call. botocore
 * refuses an unknown mode and an invalid number (`InvalidRetryModeError`, `InvalidMaxRetryAttemptsError`).
 */
function attempts(count: Setting | undefined, mode: Setting | undefined): number {
  if (mode && !['legacy', 'standard', 'adaptive'].includes(mode.value)) {
    throw badRetries(mode, 'Use legacy, standard or adaptive.');
  }
  if (!count) return 3;
  if (/^[1-9]\d{0,8}$/.test(count.value.trim())) return Math.min(Number(count.value), 20);
  throw badRetries(count, 'Use a number of 1 or more.');
}

function badRetries({ value, by }: Setting, hint: string): UserError {
  return new UserError(
    Exit.configuration,
    'bad-retries',
    `${by}: "${printable(value, 40)}" means nothing`,
    hint,
  );
}

function isTrue(setting: Setting | undefined): boolean {
  return setting?.value.toLowerCase() === 'true';
}
