import type { SharedFiles } from '../config/files.ts';
import { Exit, UserError } from '../errors.ts';
import { printable, withoutUser } from '../printable.ts';
import type { Profile } from '../profile/profile.ts';
import type { Setting } from '../request.ts';
import type { Environment } from '../world.ts';
import { type AskedRegions, legacyRegions, type NamedRegion, stsRegion, variable } from './sts-region.ts';

/** Which STS, or which IAM, is called. */
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
 * Orders are the AWS CLI's: option, environment, profile.
 *
 * @throws UserError for a region that is none, or a URL that is none
 */
export function stsEndpoint(
  asked: AskedRegions,
  env: Environment,
  profile: Profile,
  files: SharedFiles,
): StsEndpoint {
  const { region, regionBy, regionOfProfile } = stsRegion(asked, env, profile);
  const { url, fips, dualStack, caBundle, attempts } = configured('sts', env, profile, files);
  // The global endpoint has neither form; it is signed for us-east-1, wherever the caller is.
  const global =
    settingIn('AWS_STS_REGIONAL_ENDPOINTS', 'sts_regional_endpoints', env, profile)?.value.toLowerCase() ===
      'legacy' &&
    legacyRegions.has(region) &&
    !(url || fips || dualStack || asked.stsRegion);
  return {
    region: global ? 'us-east-1' : region,
    regionBy,
    regionOfProfile,
    url: global ? 'https://sts.amazonaws.com' : url,
    fips,
    dualStack,
    caBundle,
    attempts,
  };
}

/**
 * IAM in the partition of STS's region. It is one service for a whole partition, and `iam.ts` knows the one region
 * that it is signed for.
 *
 * @throws UserError as `stsEndpoint`
 */
export function iamEndpoint(
  asked: AskedRegions,
  env: Environment,
  profile: Profile,
  files: SharedFiles,
): StsEndpoint {
  return { ...stsRegion(asked, env, profile), ...configured('iam', env, profile, files) };
}

type Service = 'sts' | 'iam';

/** All that has nothing to do with regions. */
function configured(
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
  return variable(name, env) ?? profile.setting(key);
}

/** The SDKs' endpoint rules refuse it ("FIPS and custom endpoint are not supported"). */
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
  const ignored =
    env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? profile.setting('ignore_configured_endpoint_urls')?.value;
  if (ignored?.toLowerCase() === 'true') return undefined;
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
    `${printable(found.by)}: "${shown}" is no URL`,
    'An endpoint looks like https://sts.eu-west-1.amazonaws.com.',
  );
}

/** The last one is remembered: `list` asks for the same one with each of 2,000 profiles, and parsing takes a while. */
function isUrl(text: string): boolean {
  if (text === lastUrl) return true;
  if (!/^https?:\/\/[^/]/.test(text) || !URL.canParse(text)) return false;
  lastUrl = text;
  return true;
}

let lastUrl: string | undefined;

/**
 * Three, as the standard retry mode of the SDKs has it; all modes are alike here, where one call is sent. botocore refuses
 * what is no mode or no number (`InvalidRetryModeError`, `InvalidMaxRetryAttemptsError`).
 */
function attempts(count: Setting | undefined, mode: Setting | undefined): number {
  if (mode && !['legacy', 'standard', 'adaptive'].includes(mode.value)) {
    throw badRetries(mode, 'There is legacy, standard and adaptive.');
  }
  if (!count) return 3;
  if (/^[1-9]\d{0,8}$/.test(count.value.trim())) return Math.min(Number(count.value), 20);
  throw badRetries(count, 'It is a number from 1 on.');
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
