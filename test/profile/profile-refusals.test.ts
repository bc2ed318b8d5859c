import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { alice } from '../../tools/local-sts/sample.ts';
import { keysSection, makeHome } from '../support/home.ts';
import { files, stage } from '../support/stage.ts';
import type { Setting } from '../support/world.ts';

const at = stage();

/** The status and the lines of a refusal, whatever the home is called. */
async function outcome(argv: readonly string[], setting: Setting = {}): Promise<string> {
  const { exit, stderr } = await at.run(argv, setting);
  return [exit, ...stderr].join('\n').replaceAll((setting.home ?? at.home).path, '~');
}

test('a name that is nearly one', async () => {
  expect(await outcome(['env', 'wrok'])).toMatchInlineSnapshot(`
    "3
    awsmfa: No profile "wrok" (from the argument) in ~/.aws/config and ~/.aws/credentials
      Did you mean work?"
  `);
});

test('a name that is nothing like one, and who said it', async () => {
  expect(await outcome(['env', 'x'])).toMatchInlineSnapshot(`
    "3
    awsmfa: No profile "x" (from the argument) in ~/.aws/config and ~/.aws/credentials
      Your profiles: work, play."
  `);
  expect(await outcome(['env'], { env: { AWS_PROFILE: 'zzzzzz' } })).toMatchInlineSnapshot(`
    "3
    awsmfa: No profile "zzzzzz" (from AWS_PROFILE) in ~/.aws/config and ~/.aws/credentials
      Your profiles: work, play."
  `);
  expect(await outcome(['env'], { env: { AWSMFA_PROFILE: 'zzzzzz' } })).toMatchInlineSnapshot(`
    "3
    awsmfa: No profile "zzzzzz" (from AWSMFA_PROFILE) in ~/.aws/config and ~/.aws/credentials
      Your profiles: work, play."
  `);
});

test('no name and no default: never another profile', async () => {
  expect(await outcome(['env'])).toMatchInlineSnapshot(`
    "3
    awsmfa: No profile was named, and there is no [default] in ~/.aws/config and ~/.aws/credentials
      Name one: awsmfa use work or play"
  `);
});

test('no files, no directory for them, no home', async () => {
  expect(await outcome(['env', 'work'], { home: makeHome() })).toMatchInlineSnapshot(`
    "3
    awsmfa: No profile "work" (from the argument) in ~/.aws/config and ~/.aws/credentials
      Set one up with your access key: awsmfa setup. To sign in by browser instead: aws login, or aws configure sso"
  `);
  expect(await outcome(['env'], { home: makeHome() })).toMatchInlineSnapshot(`
    "3
    awsmfa: No profile was named, and there is no [default] in ~/.aws/config and ~/.aws/credentials
      Set one up with your access key: awsmfa setup. To sign in by browser instead: aws login, or aws configure sso"
  `);
  const { exit, stderr } = await at.run(['env', 'work'], { home: undefined });
  expect([exit, ...stderr].join('\n')).toMatchInlineSnapshot(`
    "3
    awsmfa: No profile "work" (from the argument) in ~/.aws/config and ~/.aws/credentials
      Set one up with your access key: awsmfa setup. To sign in by browser instead: aws login, or aws configure sso"
  `);
});

test('a profile without keys', async () => {
  const home = makeHome({ config: '[profile empty]\nregion = eu-west-1\n' });
  expect(await outcome(['env', 'empty'], { home })).toMatchInlineSnapshot(`
    "3
    awsmfa: Profile "empty" has no credentials in ~/.aws/config or ~/.aws/credentials
      Give it an access key: awsmfa setup --profile empty. To sign in by browser instead: aws login --profile empty, or aws configure sso --profile empty"
  `);
});

test('half a pair of keys', async () => {
  const home = makeHome({
    credentials: '[a]\n\naws_access_key_id = AKIAX\n[b]\naws_secret_access_key=secret-of-b\n',
  });
  expect(await outcome(['env', 'a'], { home })).toMatchInlineSnapshot(`
    "3
    awsmfa: ~/.aws/credentials:3: [a] has no aws_secret_access_key
      An access key is a pair: add the missing half, or give both anew: awsmfa setup --profile a"
  `);
  expect(await outcome(['env', 'b'], { home })).toMatchInlineSnapshot(`
    "3
    awsmfa: ~/.aws/credentials:5: [b] has no aws_access_key_id
      An access key is a pair: add the missing half, or give both anew: awsmfa setup --profile b"
  `);
  expect(await outcome(['env'], { env: { AWS_ACCESS_KEY_ID: 'AKIAX' } })).toMatchInlineSnapshot(`
    "3
    awsmfa: AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not
      Export both, or unset both to use a profile."
  `);
});

test('session keys, by their token and by their name', async () => {
  const credentials = `${keysSection('t', alice)}aws_session_token = session-token-of-t\n
[a]\naws_access_key_id = ASIAQQQQQQQQQQQQQQQQ\naws_secret_access_key = secret-of-a\n`;
  const home = makeHome({ credentials });
  expect(await outcome(['env', 't'], { home })).toMatchInlineSnapshot(`
    "3
    awsmfa: ~/.aws/credentials:4: [t] a long-term access key (AKIA…) stands beside a session token, which is left over
      Delete the line of the token: ~/.aws/credentials:4"
  `);
  expect(await outcome(['env', 'a'], { home })).toMatchInlineSnapshot(`
    "3
    awsmfa: ~/.aws/credentials:7: [a] holds temporary keys with a session token; a session needs long-term keys
      Put the long-term keys (AKIA…) into [a-long-term], or name the profile that has them."
  `);
});

test('a key with a blank or a quote that does not belong there', async () => {
  const credentials = '[a]\naws_access_key_id = AKIA QQQQ\naws_secret_access_key = secret-of-a\n';
  expect(await outcome(['env', 'a'], { home: makeHome({ credentials }) })).toMatchInlineSnapshot(`
    "3
    awsmfa: ~/.aws/credentials:2: the access key has a blank or a character that no AWS key has
      Copy the access key and its secret again, each on one line, without quotes."
  `);
});

test('a config that is a directory', async () => {
  const home = makeHome({ credentials: files.credentials });
  mkdirSync(join(home.path, '.aws/config'));
  expect(await outcome(['env', 'work'], { home })).toMatchInlineSnapshot(`
    "3
    awsmfa: Cannot read ~/.aws/config: it is a directory
      Check the file, or name another one in AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE"
  `);
});
