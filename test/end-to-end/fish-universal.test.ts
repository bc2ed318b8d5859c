import { expect, test } from 'vitest';
import { ada, arnOf, makeDesk } from '../support/desk.ts';
import { needs, type Shell, shells } from '../support/shells.ts';

/** `--no-config` switches universal variables off; the home is the test's own. */
const fish: Shell = { ...(shells.find(({ name }) => name === 'fish') as Shell), args: [] };

test(
  'a universal variable of fish does not shine through, or it is said; it is back after clear',
  needs(fish, async () => {
    const home = await makeDesk();
    try {
      const set = 'set -Ux AWS_PROFILE prod; set -Ux AWS_VAULT old; set -Ux AWS_SECURITY_TOKEN canary-stale';
      await home.run(fish, `${set}\n${home.snap('before')}`);
      expect(home.held('before')).toMatchObject({ AWS_PROFILE: 'prod', AWS_VAULT: 'old' });
      const { stderr } = await home.run(
        fish,
        [
          `awsmfa use work --token-code ${home.sts.nextCode('ada')}`,
          home.snap('work'),
          'awsmfa',
          home.snap('bare'),
          'awsmfa clear',
          home.snap('clear'),
        ].join('\n'),
      );
      const [work, bare, clear] = [home.held('work'), home.held('bare'), home.held('clear')];
      expect(await home.whose(work), stderr).toMatchObject({ arn: arnOf(ada) });
      // An empty one hides it, and does no harm: botocore reads the session token then.
      for (const name of ['AWS_VAULT', 'AWS_SECURITY_TOKEN']) expect(work[name] ?? '', name).toBe('');
      // Not so this one: the AWS CLI and boto3 fail on an empty profile. What stays has to be said.
      if (work.AWS_PROFILE !== undefined) expect(stderr).toContain('set -eU AWS_PROFILE');
      expect(bare).toEqual(work);
      expect(clear).toMatchObject({ AWS_PROFILE: 'prod' });
    } finally {
      await home.remove();
    }
  }),
);
