import { describe, expect, test } from 'vitest';
import type { Flags } from '../../src/cli/commands.ts';
import { settle } from '../../src/cli/settle.ts';
import { configuredDevice } from '../../src/mfa/device.ts';
import { alice } from '../../tools/local-sts/sample.ts';
import { keysSection, makeHome } from '../support/home.ts';
import { aliceSerial, stage } from '../support/stage.ts';

/** A profile with these settings and no more. */
function profileWith(settings: Record<string, string> = {}) {
  const setting = (key: string) => {
    const value = settings[key];
    return value ? { value, by: `${key} of profile "work"` } : undefined;
  };
  return { setting } as Parameters<typeof configuredDevice>[1];
}

function device(flags: Flags, env: Record<string, string> = {}, settings?: Record<string, string>) {
  try {
    return configuredDevice(settle('env', undefined, flags, env).serialNumber, profileWith(settings));
  } catch (error) {
    const { exit, code, message, hint } = error as Record<string, unknown>;
    return [exit, code, message, hint];
  }
}

const arn = (name: string) => `arn:aws:iam::123456789012:mfa/${name}`;

describe('who names the device', () => {
  const flags = { 'serial-number': arn('option') };
  const env = { AWS_MFA_SERIAL: arn('AWS_MFA_SERIAL'), MFA_DEVICE: arn('MFA_DEVICE') };
  const settings = { mfa_serial: arn('mfa_serial'), aws_mfa_device: arn('aws_mfa_device') };

  test('in order', () => {
    expect([
      device(flags, env, settings),
      device({}, env, settings),
      device({}, { ...env, AWS_MFA_SERIAL: '' }, settings),
      device({}, {}, settings),
      device({}, {}, { ...settings, mfa_serial: '' }),
      device({}),
    ]).toEqual([
      arn('option'),
      arn('AWS_MFA_SERIAL'),
      arn('MFA_DEVICE'),
      arn('mfa_serial'),
      arn('aws_mfa_device'),
      undefined,
    ]);
  });
});

test.for([
  arn('alice'),
  arn('division/team/alice'),
  'arn:aws-cn:iam::123456789012:mfa/li',
  'arn:aws-us-gov:iam::123456789012:mfa/gov',
  arn('a+b=c,d.e@f-g_h'),
  'GAHT12345678',
  '123456789',
  `  ${arn('blank')}\t`,
  `arn:aws:iam::123456789012:mfa/${'x'.repeat(226)}`,
])('%s is taken', (serial) => {
  expect(device({ 'serial-number': serial })).toBe(serial.trim());
});

describe('is refused with the reason', () => {
  test('a user', () => {
    const [user, there] = ['arn:aws:iam::123456789012:user/team/alice', 'mfa_serial of profile "work"'];
    expect(device({}, {}, { mfa_serial: user })).toEqual([
      3,
      'bad-device',
      `${there}: ${user} is a user, not an MFA device`,
      `Its device is most likely ${arn('alice')}`,
    ]);
  });

  test('a security key', () => {
    const key = 'arn:aws:iam::123456789012:u2f/user/alice/yubi-ABCDEFGHIJKLMNOP';
    expect(device({ 'serial-number': key })).toEqual([
      3,
      'bad-device',
      `--serial-number: ${key} is a security key or passkey; STS accepts codes only`,
      'Register an authenticator app as a second device, and name that one. With a passkey alone sign in by browser: aws login',
    ]);
  });

  test.for([
    '12345678',
    'GAHT 12345678',
    'arn:aws:iam::1:mfa/ä',
    `${arn('x')}\n;id`,
    '$(touch x)',
    'x'.repeat(257),
  ])('%j', (serial) => {
    expect(device({}, { MFA_DEVICE: serial })).toEqual([
      3,
      'bad-device',
      expect.stringMatching(/^MFA_DEVICE: "[^\u0000-\u001f]{1,100}" is no serial number of an MFA device$/),
      'It looks like arn:aws:iam::123456789012:mfa/NAME, or is the number on a hardware token.',
    ]);
  });
});

describe('against STS', () => {
  const at = stage();

  test('a hardware token with a plain serial number', async () => {
    const env = { AWSMFA_TOKEN_CODE: at.sts.code('GAHT12345678') };
    expect(await at.run(['login', 'work', '--device', 'GAHT12345678'], { env })).toMatchObject({ exit: 0 });
    expect(at.calls()).toMatchObject([{ params: { SerialNumber: 'GAHT12345678' }, status: 200 }]);
  });

  test('the device of the long-term section serves the profile', async () => {
    const credentials = `[work]\nregion = eu-west-1\n${keysSection('work-long-term', alice)}aws_mfa_device = ${aliceSerial}\n`;
    const { exit } = await at.runWithCode(['login', 'work'], { home: makeHome({ credentials }) });
    expect({ exit, serial: at.calls()[0]?.params.SerialNumber }).toEqual({ exit: 0, serial: aliceSerial });
  });
});
