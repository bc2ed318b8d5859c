import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startLocalSts } from '../tools/local-sts/server.ts';
import { accounts, work } from './demo/accounts.ts';
import { makeHome } from './demo/home.ts';
import { found } from './demo/shells.ts';
import { screenOf } from './picture/screen.ts';
import { dark, light, svgOf } from './picture/svg.ts';

/** `npm run picture`: the terminal of the README, from a real run of the real shell on a pseudo-terminal. */
async function picture(): Promise<void> {
  if (found('zsh').length === 0) throw new Error('zsh is not on PATH: the picture shows a session in zsh');
  const role = { arn: `arn:aws:iam::${work.user.accountId}:role/Admin`, trust: { requireMfa: true } };
  const sts = await startLocalSts({ users: accounts.map(({ user }) => user), roles: [role] });
  const home = makeHome(join(project, 'dist', 'awsmfa.cjs'), sts.url);
  const screen = screenOf('zsh', ['-f'], {
    env: { ...home.env, TERM: 'xterm-256color', TZ: morning() },
    cwd: project,
  });
  try {
    const config = join(home.env.HOME ?? '', '.aws', 'config');
    appendFileSync(config, `\n[profile admin]\nrole_arn = ${role.arn}\nsource_profile = work\n`);
    await screen.run([
      'setopt interactive_comments',
      `PROMPT='%F{4}~%f %F{2}\u276f%f '`,
      `source ${join(project, 'shell', 'awsmfa.zsh')}`,
      'clear',
    ]);
    await screen.type('awsmfa use work');
    await screen.waitFor(/MFA code/);
    await screen.type(sts.nextCode(work.serial));
    await screen.waitFor(/left \(until/);
    await screen.type('awsmfa use admin                      # a role: no code');
    await screen.waitFor(/admin: .*left/);
    await screen.type('awsmfa list');
    await screen.waitFor(/admin +\d+ +Admin/);
    await screen.type('export AWS_PROFILE=prod; awsmfa   # another account');
    await screen.waitFor(/MFA code for prod/);
    await screen.type(sts.nextCode('arn:aws:iam::444455556666:mfa/ada-admin'));
    await screen.waitFor(/prod: new session/);
    const lines = await screen.lines();
    mkdirSync(join(project, 'docs', 'images'), { recursive: true });
    writeFileSync(join(project, 'docs', 'images', 'terminal-light.svg'), svgOf(lines, light));
    writeFileSync(join(project, 'docs', 'images', 'terminal-dark.svg'), svgOf(lines, dark));
  } finally {
    // A shell that is left running would keep this process.
    screen.close();
    home.remove();
    await sts.close();
  }
}

/** A time zone in which it is about nine now, so that the sessions end on the same day. */
function morning(): string {
  const west = new Date().getUTCHours() - 9;
  const hours = west > 12 ? west - 24 : west;
  return `Etc/GMT${hours >= 0 ? '+' : ''}${hours}`;
}

const project = join(__dirname, '..');

picture().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
