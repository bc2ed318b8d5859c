import { type Refusal, wrongCode, wrongDevice } from './context.ts';

const setClock = 'Set the clock (turn on automatic time), then try again with a new code.';

/** What is wrong with the code, the device, or the clock that codes depend on. */
export const mfaRefusals: readonly Refusal[] = [
  {
    when: /: Signature (expired|not yet current)|^RequestExpired/,
    say: ({ offset }) => [
      'clock-off',
      `This clock is ${offset ?? 'too far off'}: AWS refuses calls that are more than 15m off`,
      setClock,
    ],
  },
  {
    when: /invalid MFA one time pass code/,
    say: ({ offset, device }) => [
      wrongCode,
      `AWS refused the MFA code: wrong, too old, or used elsewhere already${offset ? `; this clock is ${offset}` : ''}`,
      offset ? setClock : `Use the next code of ${device}; each works once, for 30 seconds.`,
    ],
  },
  {
    when: /verify your MFA serial number/,
    say: ({ of, device }) => [
      wrongDevice,
      `AWS knows no MFA device ${device} for the user of ${of}`,
      'Take the ARN from IAM, Users, Security credentials: …:mfa/NAME, in the account of this access key.',
    ],
  },
  {
    when: /must provide both MFA serial number/,
    say: ({ of }) => [
      'half-the-mfa',
      `AWS got the MFA device of ${of} without the code, or the code without the device`,
      'Both were sent: look for a proxy, or a wrong AWS_ENDPOINT_URL, in between.',
    ],
  },
];
