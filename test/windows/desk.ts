import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach } from 'vitest';
import { alice, users } from '../../tools/local-sts/sample.ts';
import { type LocalSts, startLocalSts } from '../../tools/local-sts/server.ts';
import { missing } from '../support/shells.ts';
import { missingForWindows, type WindowsMachine, windowsMachine } from '../support/wine.ts';

const [key] = alice.accessKeys;
const keys = `aws_access_key_id = ${key?.id}\r\naws_secret_access_key = ${key?.secret}\r\n`;
const device = 'mfa_serial = arn:aws:iam::123456789012:mfa/alice\r\n';

/** For each test of a file: an STS, and a Windows machine with the profile `work`. */
export interface WindowsDesk {
  readonly sts: LocalSts;
  readonly machine: WindowsMachine;
  /** Makes these the only profiles, each with keys and a device. */
  profiles(...names: readonly string[]): void;
  /** Where a file below the user's home is, for Linux. */
  home(name: string): string;
  /** Where a file in the current directory of the machine is, for Linux. */
  work(name: string): string;
  /** The shared credentials file. */
  credentials(): string;
  /** The variable with a token code that was not used yet. */
  code(): { AWSMFA_TOKEN_CODE: string };
  /** Waits until a file is there and not empty, and reads it. */
  fileOf(name: string): Promise<string>;
}

export function windowsDesk(): WindowsDesk {
  const desk = {
    profiles(...names: readonly string[]) {
      writeFileSync(desk.home('.aws/config'), names.map((name) => `[profile ${name}]\r\n${device}`).join(''));
      writeFileSync(desk.home('.aws/credentials'), names.map((name) => `[${name}]\r\n${keys}`).join(''));
    },
    home: (name: string) => join(desk.machine.home, name),
    work: (name: string) => join(desk.machine.root, 'work', name),
    credentials: () => readFileSync(desk.home('.aws/credentials'), 'utf8'),
    code: () => ({ AWSMFA_TOKEN_CODE: desk.sts.nextCode('alice') }),
    async fileOf(name: string) {
      for (let waited = 0; waited < 50_000; waited += 50) {
        const text = existsSync(desk.work(name)) ? readFileSync(desk.work(name), 'utf8') : '';
        if (text !== '') return text;
        await sleep(50);
      }
      throw new Error(`50 s without ${name}`);
    },
  } as { -readonly [Name in keyof WindowsDesk]: WindowsDesk[Name] };
  beforeEach(async (context) => {
    const absent = missingForWindows();
    if (absent !== undefined) missing(absent, context);
    desk.sts = await startLocalSts({ users, roles: [] });
    desk.machine = windowsMachine({
      AWS_ENDPOINT_URL_STS: desk.sts.url,
      AWS_ENDPOINT_URL_IAM: desk.sts.url,
    });
    desk.profiles('work');
  });
  afterEach(async () => {
    desk.machine?.remove();
    await desk.sts?.close();
  });
  return desk;
}
