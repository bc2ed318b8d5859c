import { describe, expect, test } from 'vitest';
import { clients, found, quietSdk } from '../support/clients.ts';
import { ada, arnOf, desk, yesterday } from '../support/desk.ts';
import { integrated, needs, type Shell, shells } from '../support/shells.ts';

const home = desk();

describe.each(integrated)('out of $name', (shell) => {
  describe.each(clients)('$name', (client) => {
    test.for(['work', 'no-such-profile', ''])(
      'is whom awsmfa got, whatever was exported before, AWS_PROFILE=%o too',
      (profile, context) =>
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
  });
});

const bash = shells.find(({ name }) => name === 'bash') as Shell;

describe.each(clients)('without awsmfa, $name', (client) => {
  test("is refused with yesterday's token", async (context) => {
    const program = found(client, context);
    const { status } = await home.run(bash, client.line(program, home), {
      ...yesterday,
      AWS_REGION: 'eu-west-1',
    });
    expect(status).not.toBe(0);
  });
});
