import type { Profile } from '../profile/profile.ts';
import { checkedRegion, homeRegion, partitionOf, partitionOfArn } from '../profile/region.ts';
import type { SessionRequest, Setting } from '../request.ts';
import type { Environment } from '../world.ts';

/** The regions that were asked for outright; AWS_REGION and the profile come after them. */
export type AskedRegions = Partial<Pick<SessionRequest, 'region' | 'stsRegion'>>;

export interface NamedRegion {
  /** The region of the endpoint, and of the signature. */
  readonly region: string;
  /** What named the region: `--region`, `AWS_REGION`, `region of profile "work"`; undefined where nothing did. */
  readonly regionBy?: string | undefined;
  /** The region of the profile, where another one is named and that is in another partition. */
  readonly regionOfProfile?: string | undefined;
}

/**
 * The region to call. A role without one is assumed in the region of its source, else in one that every account of its
 * partition has.
 */
export function stsRegion(
  { stsRegion, region }: AskedRegions,
  env: Environment,
  profile: Profile,
): NamedRegion {
  const ofProfile = regionSetting(profile);
  const asked =
    stsRegion ?? region ?? variable('AWS_REGION', env) ?? variable('AWS_DEFAULT_REGION', env) ?? ofProfile;
  if (!asked)
    return { region: homeRegion(arnPartition(profile)), regionBy: undefined, regionOfProfile: undefined };
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

/** A variable as a setting; an empty one counts as none. */
export function variable(name: string, env: Environment): Setting | undefined {
  return env[name] ? { value: env[name], by: name } : undefined;
}

/** The regions that `legacy` sends to the global endpoint (AWS SDK reference guide, "STS Regional endpoints"). */
export const legacyRegions = new Set([
  'ap-northeast-1',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'aws-global',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
]);
