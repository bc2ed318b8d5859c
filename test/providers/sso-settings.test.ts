import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Sources, sources } from '../support/sources.ts';
import { configFile, ssoCacheFile, token } from '../support/sso.ts';

let at: Sources;
beforeEach(async () => {
  at = await sources();
  at.config(configFile);
});
afterEach(() => at.remove());

describe('an Identity Center profile that is not complete', () => {
  it('the session is not there', async () => {
    at.config('[profile dev]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = x\n');
    expect(await at.refusal('dev')).toEqual({
      exit: 3,
      code: 'sso-configuration',
      message: `Profile "dev" has sso_session "corp", and there is no [sso-session corp] in ${join(at.home, '.aws/config')}`,
      hint: 'Add it with: aws configure sso-session',
    });
  });

  it('a setting is not there', async () => {
    at.config(configFile.replace('sso_role_name = Developer', ''));
    expect(await at.refusal('dev')).toEqual({
      exit: 3,
      code: 'sso-configuration',
      message: 'Profile "dev" is for IAM Identity Center and has no sso_role_name',
      hint: 'Complete it with: aws configure sso --profile dev',
    });
  });

  it('it is there for its token only', async () => {
    at.config(configFile.replaceAll(/sso_(account_id|role_name) = .*/g, ''));
    expect(await at.refusal('dev')).toMatchObject({
      exit: 3,
      message: 'Profile "dev" is for IAM Identity Center and has no sso_account_id',
    });
  });

  it('the region or the endpoint is none', async () => {
    at.file(ssoCacheFile('corp'), token(3600));
    const env = { AWS_ENDPOINT_URL: 'nonsense' };
    expect(await at.refusal('dev', env)).toMatchObject({ exit: 3, code: 'bad-endpoint' });
    at.config(configFile.replace('sso_region = eu-central-1', 'sso_region = x y'));
    expect(await at.refusal('dev')).toMatchObject({
      message: 'sso_region of profile "dev": "x y" is no region',
      exit: 3,
    });
  });

  it('profile and session do not agree', async () => {
    at.config(configFile.replace('region = eu-west-1', 'sso_region = us-east-1'));
    expect(await at.refusal('dev')).toEqual({
      exit: 3,
      code: 'sso-configuration',
      message: 'sso_region of profile "dev" is "us-east-1", and of its sso-session "eu-central-1"',
      hint: 'Remove it from the profile.',
    });
  });
});
