import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ada, arnOf, desk, project, prompt, serialOf } from '../support/desk.ts';
import { spawn, type Terminal } from '../support/pty.ts';
import { type IntegratedShell, integrated, needs } from '../support/shells.ts';

const at = desk();
const open: Terminal[] = [];
beforeEach(() => {
  rmSync(join(at.home, '.aws'), { recursive: true });
});
afterEach(async () => {
  for (const terminal of open.splice(0)) await terminal.close();
});

/** How each starts with the rc file of its user and of nobody else, and what that says about the prompt. */
const own: Readonly<Record<string, { args: string[]; rcFile: string; text: string }>> = {
  zsh: { args: ['-d', '-i'], rcFile: '.zshrc', text: `PS1='${prompt}'\n` },
  bash: { args: ['-i'], rcFile: '.bashrc', text: `PS1='${prompt}'\n` },
  fish: {
    args: ['-i'],
    rcFile: '.config/fish/config.fish',
    text: `function fish_prompt; echo '${prompt}'; end\nset -g fish_greeting\n`,
  },
};

const rcOf = (shell: IntegratedShell) => own[shell.name] as (typeof own)[string];

/** A new terminal window: the shell with its rc file, at its first prompt. */
async function window(shell: IntegratedShell): Promise<Terminal> {
  const { args } = rcOf(shell);
  const env = { ...at.env, AWS_ENDPOINT_URL: at.sts.url, SHELL: shell.command };
  const terminal = spawn(shell.command, args, { env, cwd: at.home });
  open.push(terminal);
  await terminal.waitFor(prompt);
  return terminal;
}

function writeRc(shell: IntegratedShell): string {
  const { rcFile, text } = rcOf(shell);
  const path = join(at.home, rcFile);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const [key] = ada.accessKeys;

describe.each(integrated)('a newcomer with two keys, in $name', (shell) => {
  test(
    'answers four questions, gives a code, opens the shell anew, and has a session',
    needs(shell, async () => {
      const rcFile = writeRc(shell);
      const first = await window(shell);
      first.type('awsmfa setup\r');
      const answers = [
        ['Access key ID', `${key?.id}`],
        ['Secret access key', `${key?.secret}`],
        ['Region', 'eu-central-1'],
      ] as const;
      for (const [question, answer] of answers) {
        await first.waitFor(question);
        first.type(`${answer}\r`);
      }
      await first.waitFor('MFA code for default (ada)');
      first.type(`${at.sts.nextCode(serialOf(ada))}\r`);
      await first.waitFor('default: new session, 12h left');
      await first.waitFor('? (Y/n)');
      first.key('enter');
      await first.waitFor('Then: awsmfa use default');
      await first.waitFor(prompt);
      expect(first.screen().match(/^[?✔] /gm)).toHaveLength(4);
      expect(first.screen()).not.toContain(`${key?.secret}`);

      const second = await window(shell);
      second.type('awsmfa use default\r');
      await second.waitFor('default: session, ');
      await second.waitFor(prompt);
      second.type(`${at.snap('second')}\r`);
      await second.waitFor(prompt);
      const held = at.held('second');
      expect(await at.whose(held)).toMatchObject({ arn: arnOf(ada) });
      expect(held).toMatchObject({ AWSMFA_PROFILE: 'default', AWS_REGION: 'eu-central-1' });

      const { text } = rcOf(shell);
      const integration = `'${project}/shell/awsmfa.${shell.name}'`;
      const guard = shell.name === 'fish' ? `test ! -f ${integration}; or ` : `[ ! -f ${integration} ] || `;
      const line = `${guard}source ${integration}`;
      expect(readFileSync(rcFile, 'utf8')).toBe(`${text}# >>> awsmfa >>>\n${line}\n# <<< awsmfa <<<\n`);
      second.type('awsmfa setup --profile default\r');
      await second.waitFor('All of it was there already: nothing is changed');
      await second.waitFor(prompt);
      second.type('awsmfa setup --remove\r');
      await second.waitFor(`Took the shell integration out of ~/${rcOf(shell).rcFile}`);
      await second.waitFor(prompt);
      expect(readFileSync(rcFile, 'utf8')).toBe(text);
    }),
    30_000,
  );

  for (const stop of ['ctrl-c', 'ctrl-d'] as const) {
    test(
      `${stop} in the middle of the secret: 130, nothing written, and the terminal shows what is typed`,
      needs(shell, async () => {
        writeRc(shell);
        const terminal = await window(shell);
        terminal.type('awsmfa setup\r');
        await terminal.waitFor('Access key ID');
        terminal.type(`${key?.id}\r`);
        await terminal.waitFor('Secret access key');
        terminal.type('canary');
        await terminal.waitFor('******');
        terminal.key(stop);
        await terminal.waitFor('awsmfa: Cancelled: nothing was written');
        await terminal.waitFor(prompt);
        terminal.type(`echo "[${shell.status}]"\r`);
        await terminal.waitFor('echo "[');
        await terminal.waitFor('[130]');
        expect(terminal.screen()).not.toContain('canary');
        expect(readFileSync(join(at.home, rcOf(shell).rcFile), 'utf8')).toBe(rcOf(shell).text);
      }),
    );
  }
});
