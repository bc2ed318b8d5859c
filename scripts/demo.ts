import { join } from 'node:path';
import { startLocalSts } from '../tools/local-sts/server.ts';
import { accounts } from './demo/accounts.ts';
import { NotAsTold, told } from './demo/claims.ts';
import { type Home, makeHome } from './demo/home.ts';
import { page } from './demo/page.ts';
import { audience, day, nextMorning, oneCode, setting } from './demo/scenes.ts';
import { endRunning } from './demo/session.ts';
import { found, sh } from './demo/shells.ts';
import { type Stage, sessionsIssued, yesterdaysExports } from './demo/stage.ts';

/** `npm run demo`: the whole way from a code to a session in real shells, told and checked. */
async function demo(): Promise<void> {
  told(found(sh.name).length > 0, 'a POSIX shell called sh should be on PATH');
  const sts = await startLocalSts({ users: accounts.map(({ user }) => user) });
  try {
    const stage: Stage = {
      page: page(process.stdout, process.env),
      sts,
      home: housed(makeHome(core, sts.url)),
      project,
      yesterday: await yesterdaysExports(sts),
      codes: [],
    };
    await tell(stage);
  } finally {
    await sts.close();
  }
}

async function tell(stage: Stage): Promise<void> {
  setting(stage);
  await oneCode(stage);
  const shells = audience(stage);
  for (const shell of shells) await day(stage, shell);
  await nextMorning(stage, shells[0] ?? sh);
  const { page, codes, sts, home } = stage;
  const names = [sh, ...shells].map(({ name }) => name).join(', ');
  page.heading('All of it was as told');
  page.say(
    `${names}: ${codes.length} codes typed, ${sessionsIssued(stage)} calls to STS for a session, ${home.started()} ` +
      `starts of awsmfa. GetCallerIdentity was asked ${sts.count('GetCallerIdentity')} times.`,
  );
}

const project = join(__dirname, '..');

/** The tests put a core that lies here, to see the demo fail. */
const core = process.env.AWSMFA_DEMO_CORE ?? join(project, 'dist', 'awsmfa.cjs');

/** Whatever ends this process, nothing stays behind: no shell, no directory. */
function housed(home: Home): Home {
  process.once('exit', () => {
    endRunning();
    home.remove();
  });
  return home;
}

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => process.exit(status));
}
// `npm run demo | head`: whoever reads has read enough.
process.stdout.on('error', () => process.exit(1));

demo().catch((error: unknown) => {
  process.exitCode = 1;
  if (error instanceof NotAsTold) console.error(`\nNot as told: ${error.message.replace(/\.?$/, '.')}`);
  else console.error(error);
});
