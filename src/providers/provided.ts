import { loadSharedFiles } from '../config/files.ts';
import type { Provided } from '../credentials.ts';
import { UserError } from '../errors.ts';
import { cutCommand, mendCommand, type ProvidedProfile, type ProviderKind } from '../profile/profile.ts';
import type { AskedRegions } from '../sts/endpoint.ts';
import { findCommand, start } from '../system/command.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { World } from '../world.ts';
import type { Provider } from './provider.ts';

/** Each is loaded when it is needed: together they are as big as the rest of the AWS SDK. */
const providers: Readonly<Record<ProviderKind, () => Promise<Provider>>> = {
  process: async () => (await import('./process.ts')).fromProcess,
  sso: async () => (await import('./sso.ts')).fromIdentityCenter,
  'web-identity': async () => (await import('./web-identity.ts')).fromWebIdentity,
  login: async () => (await import('./login.ts')).fromLogin,
  Ec2InstanceMetadata: async () => (await import('./instance.ts')).fromInstance,
  EcsContainer: async () => (await import('./container.ts')).fromContainer,
};

/**
 * The credentials of a profile that neither has keys nor is a role: from a program, from the cache of `aws sso login`
 * or `aws login`, from a token file, or from the machine that awsmfa runs on. On a terminal it offers to log in where
 * that session is missing or has expired.
 *
 * @throws UserError that names the profile: configuration, refused or unreachable. Nothing that a program or a
 *   service answered is in it, but for AWS's own error texts.
 */
export async function getProvided(
  profile: ProvidedProfile,
  ui: Ui,
  world: World,
  regions: AskedRegions,
): Promise<Provided> {
  const provider = await providers[profile.kind]();
  const waiting = `Waiting for the credentials of ${printable(profile.name, 60)} …`;
  const get = () => {
    const call = provider({ profile, world, regions, files: loadSharedFiles(world) });
    // A program may be asking on the terminal itself.
    return profile.kind === 'process' ? call : ui.sayIfSlow(waiting, call);
  };
  const command = profile.kind === 'process' ? profile.setting('credential_process') : undefined;
  if (command?.isCut) ui.warn(`${command.by} is cut ${cutCommand}. ${mendCommand}`);
  try {
    return await get();
  } catch (error) {
    if (!(await logIn(error, profile, ui, world))) throw error;
    return get();
  }
}

/**
 * Offers to run `aws sso login` or `aws login`, where it helps and somebody can answer.
 *
 * @returns whether the command was run and succeeded
 */
async function logIn(
  error: unknown,
  { kind, name }: ProvidedProfile,
  ui: Ui,
  world: World,
): Promise<boolean> {
  if (!(error instanceof UserError) || !/^(sso-expired|no-sso-session|login-expired)$/.test(error.code)) {
    return false;
  }
  if (!ui.canOffer()) return false;
  const command = kind === 'sso' ? ['sso', 'login'] : ['login'];
  const shown = `aws ${command.join(' ')} for ${printable(name, 60)}`;
  const { askYes } = await import('../mfa/prompt.ts');
  if (!(await askYes(ui, `${error.message}. Run ${shown} now?`, true))) return false;
  const terminal = ui.terminal();
  if (!terminal) return false;
  const [stdin, stdout] = [terminal.input as NodeJS.ReadStream, terminal.output as NodeJS.WriteStream];
  try {
    const options = { env: { ...world.env }, stdio: [stdin, stdout, stdout] };
    const { ended } = await start(findCommand('aws', world), [...command, `--profile=${name}`], options);
    return (await ended).status === 0;
  } catch {
    return false;
  } finally {
    terminal.close();
  }
}
