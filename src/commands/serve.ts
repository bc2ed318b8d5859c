import type { Invocation } from '../cli/invocation.ts';
import { sayDuration } from '../duration.ts';
import { Exit, UserError } from '../errors.ts';
import { lead } from '../export/environment.ts';
import { printable } from '../printable.ts';
import { isLeftAlone } from '../system/processes.ts';
import type { Outcome, World } from '../world.ts';
import { chooseDialect } from './dialect.ts';
import { warningOf } from './serve/place.ts';
import { type Serving, serving } from './serve/serving.ts';
import { shadowing } from './serve/shadow.ts';

/**
 * `awsmfa serve`: sessions for programs that ask for them (AWS SDKs and Tools reference guide, "Container credential
 * provider"), renewed for as long as that goes without a code. stdout is what leads a shell here.
 */
export async function serve(invocation: Invocation, world: World): Promise<Outcome> {
  const { flags } = invocation;
  const dialect = chooseDialect('serve', invocation, world);
  if (credentialFormats.has(flags.format ?? '')) {
    throw new UserError(
      Exit.usage,
      'usage',
      `--format ${flags.format} is for credentials, and serve prints where they are`,
      'Take env or json, or --shell.',
    );
  }
  const running = await serving(invocation, world);
  const ended = firstSignal();
  const { server, held, close } = running;
  const change = lead(server, { ...held, keepProfile: false }, dialect.kind === 'code' ? world.env : {});
  if (!flags.quiet) {
    sayWhere(running, warningOf(flags), world);
    if (world.stdoutIsTerminal()) {
      world.say('Paste this into the shell that is to use it, or start a program with awsmfa exec --serve:');
    }
  }
  return {
    stdout: dialect.render(change),
    exit: Exit.ok,
    after: async () => {
      const exit = await ended;
      await close();
      return exit;
    },
  };
}

/** They have fields for keys, and none for a server. */
const credentialFormats = new Set(['process', 'ini']);

function sayWhere({ server, held, also }: Serving, warning: string | undefined, world: World): void {
  const left = sayDuration(held.session.expiration - world.now() / 1000);
  world.say(
    `${printable(held.profile, 60)}: served at ${server.url} until Ctrl-C or kill ${process.pid}, session ${left} left`,
  );
  for (const [name, url] of also) world.say(`${printable(name, 60)}: served at ${url}`);
  if (warning) world.say(warning);
  const shadow = shadowing(world);
  if (shadow) {
    world.say(
      `Programs that read ${printable(shadow.path)} take what [default] has there before they ask a server`,
    );
  }
}

function firstSignal(): Promise<number> {
  return new Promise((resolve) => {
    const heard = (signal: NodeJS.Signals) => {
      if (signal === 'SIGINT' && isLeftAlone()) return;
      process.off('SIGINT', heard).off('SIGTERM', heard);
      resolve(signal === 'SIGINT' ? Exit.interrupted : Exit.terminated);
    };
    process.on('SIGINT', heard).on('SIGTERM', heard);
  });
}
