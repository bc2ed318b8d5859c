import { Exit, orUndefined } from '../errors.ts';
import { type ConfiguredProgram, failed, outputOf } from '../system/configured.ts';
import { markedBy, refuseRunning } from './circle.ts';
import { checked, named, type Provider, type Raw } from './provider.ts';

/**
 * `credential_process`: a program that prints credentials (AWS SDKs and Tools reference guide, "Process credential
 * provider"; botocore's ProcessProvider). The SDK's `fromProcess` would wait for ever, give the program no terminal, hide
 * its request to touch a key, and put command line and output into errors. As in the AWS CLI, no shell reads the command.
 */
export const fromProcess: Provider = async (asking) => {
  const { profile, world } = asking;
  refuseRunning(profile, world.env);
  const program: ConfiguredProgram = {
    command: profile.setting('credential_process')?.value ?? '',
    subject: `The credential_process of ${named(asking)}`,
    code: 'credential-process',
    shell: false,
    env: markedBy(profile.name, world.env),
  };
  const raw = read(await outputOf(program, world), program);
  return checked(raw, asking, `${program.subject} gave`, 'Log in again with that program.');
};

/** Version 1 of the format. */
function read(stdout: string, program: ConfiguredProgram): Raw {
  // Windows PowerShell prints a byte order mark first.
  const answer: unknown = orUndefined(() => JSON.parse(stdout.replace(/^\ufeff/, '')));
  const fix = 'It must print JSON: {"Version": 1, "AccessKeyId": …, "SecretAccessKey": …}, and nothing else.';
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    const what = stdout.trim() === '' ? 'printed nothing' : 'did not print JSON';
    throw failed(Exit.configuration, program, what, fix);
  }
  const { Version, AccessKeyId, SecretAccessKey, SessionToken, Expiration, AccountId } = answer as Record<
    string,
    unknown
  >;
  if (Version !== 1) {
    const version = typeof Version === 'number' ? `Version ${Version}` : 'no Version';
    throw failed(Exit.configuration, program, `printed ${version} of the format; there is Version 1`, fix);
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    accountId: AccountId,
    // Anything but a text becomes an invalid time, which `checked` refuses.
    expiration: Expiration ? new Date(typeof Expiration === 'string' ? Expiration : Number.NaN) : undefined,
  };
}
