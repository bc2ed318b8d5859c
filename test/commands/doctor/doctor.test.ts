import { expect, test } from 'vitest';
import { stage } from '../../support/stage.ts';
import { healthy, report } from './patient.ts';

const at = stage();

test('all is well', async () => {
  const result = await at.run(['doctor'], healthy(at));
  expect(report(result, at)).toMatchInlineSnapshot(`
    [
      "ok       integration  loaded in this bash, version 1.2.3",
      "ok       program      1.2.3, HOME/bin/awsmfa",
      "ok       node         Node N on MACHINE",
      "ok       environment  no conflict among the variables",
      "ok       config       HOME/.aws/config",
      "ok       credentials  HOME/.aws/credentials",
      "ok       profiles     2 of 2 profiles lead to credentials",
      "ok       profile      "work" (from AWS_PROFILE): long-term keys",
      "ok       sts          STS (http://STS) answers in N ms, directly",
      "ok       keys         AKIA…MPLE of "work" is arn:aws:iam::123456789012:user/alice",
      "ok       clock        the same as that of STS",
      "ok       device       arn:aws:iam::123456789012:mfa/alice",
      "ok       code         asked for on the terminal",
      "ok       cache        HOME/.aws/awsmfa will be made with the first session",
      "",
      "All is well.",
    ]
  `);
  expect(result).toMatchObject({ exit: 0, stderr: [] });
});
