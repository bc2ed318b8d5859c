import { describe, expect, test } from 'vitest';
import { clients, found, quietSdk } from '../support/clients.ts';
import { ada, arnOf, desk, yesterday } from '../support/desk.ts';
import { some } from '../support/matrix.ts';
import { integrated, needs, type Shell, shells } from '../support/shells.ts';

const home = desk();

const cases = integrated.flatMap((shell) =>
  clients.flatMap((client) =>
    ['work', 'no-such-profile', ''].map(
      (profile) =>
        [`${client.name} out of ${shell.name}, AWS_PROFILE="${profile}"`, shell, client, profile] as const,
    ),
  ),
);

test.for(some(cases, 13))(
  'is whom awsmfa got, whatever was exported before: %s',
  ([, shell, client, profile], context) =>
    needs(shell, async () => {
      const program = found(client, context);
      const { status, stdout, stderr } = await home.run(
        shell,
        `awsmfa use work --token-code ${home.sts.nextCode('ada')}\n${client.line(program, home)}`,
        { ...yesterday, ...quietSdk, AWS_PROFILE: profile, AWS_DEFAULT_PROFILE: profile },
      );
      expect(stderr).toMatch(/^work: new session, 12h left \(until .*\)\n$/);
      expect({ status, stdout }).toEqual({ status: 0, stdout: `${arnOf(ada)}\n` });
      const [session] = home.sts.sessions();
      expect(session).toMatchObject({ arn: arnOf(ada), mfa: true });
      const [, identity] = home.sts.requests;
      expect(identity).toMatchObject({ action: 'GetCallerIdentity', accessKeyId: session?.accessKeyId });
    })(context),
);

const bash = shells.find(({ name }) => name === 'bash') as Shell;

describe.each(some(clients, 2))('without awsmfa, $name', (client) => {
  test("is refused with yesterday's token", async (context) => {
    const program = found(client, context);
    const { status } = await home.run(bash, client.line(program, home), {
      ...yesterday,
      AWS_REGION: 'eu-west-1',
    });
    expect(status).not.toBe(0);
  });
});
