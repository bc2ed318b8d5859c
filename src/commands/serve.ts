import { sayDuration } from '../duration.ts';
import { Exit } from '../errors.ts';
import type { Dialect } from '../export/dialect.ts';
import { lead } from '../export/environment.ts';
import { printable } from '../printable.ts';
import { isLeftAlone } from '../system/processes.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { findShadows } from './serve/hidden.ts';
import { warningOf } from './serve/place.ts';
import { type Serving, type ServingOptions, serving } from './serve/serving.ts';

/**
 * `awsmfa serve`: sessions for programs that ask for them (AWS SDKs and Tools reference guide, "Container credential
 * provider"), renewed for as long as that goes without a code. stdout is what leads a shell here.
 */
export async function serve(
  options: ServingOptions & { readonly dialect: Dialect },
  ui: Ui,
  world: World,
): Promise<Outcome> {
  const { dialect } = options;
  const running = await serving(options, ui, world);
  const ended = firstSignal();
  const { server, held, close } = running;
  const change = lead(server, { ...held, keepProfile: false }, dialect.kind === 'code' ? world.env : {});
  sayWhere(running, warningOf(options.place), ui, world);
  if (world.stdoutIsTerminal()) {
    ui.say('Paste this into the shell that is to use it, or start a program with awsmfa exec --serve:');
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

function sayWhere({ server, held, also }: Serving, warning: string | undefined, ui: Ui, world: World): void {
  const left = sayDuration(held.session.expiration - world.now() / 1000);
  ui.say(
    `${printable(held.profile, 60)}: served at ${server.url} until Ctrl-C or kill ${process.pid}, session ${left} left`,
  );
  for (const [name, url] of also) ui.say(`${printable(name, 60)}: served at ${url}`);
  if (warning) ui.say(warning);
  for (const { file, path } of findShadows(world)) {
    const [who, what] =
      file === 'boto' ? ['boto3 and the AWS CLI', 'keys'] : ['Programs', 'what [default] has'];
    ui.say(`${who} read ${printable(path)}, and take ${what} there before they ask a server`);
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
