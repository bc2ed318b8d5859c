import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../src/cli/settle.ts';
import { loadSharedFiles } from '../../src/config/files.ts';
import { sourceOf } from '../../src/profile/profile.ts';
import { resolveProfile } from '../../src/profile/resolve.ts';
import { refuseCircle } from '../../src/providers/circle.ts';
import { type Sources, sources } from '../support/sources.ts';

let at: Sources;
beforeEach(async () => {
  at = await sources();
});
afterEach(() => at.remove());

function tool(script: string): void {
  at.config(`[profile tool]\ncredential_process = sh ${at.file('tool.sh', script)}\n`);
}

describe('a credential process that is awsmfa', () => {
  const seen = () => {
    tool(
      `printf '{"Version":1,"AccessKeyId":"AKIA","SecretAccessKey":"%s"}' "$(printf %s "$AWSMFA_CREDENTIAL_PROCESS" | tr -d '" ')"`,
    );
  };

  it('is told which profiles led to it', async () => {
    seen();
    expect((await at.provide('tool')).secretAccessKey).toBe('[tool]');
    const env = { AWSMFA_CREDENTIAL_PROCESS: '["other"]' };
    expect((await at.provide('tool', env)).secretAccessKey).toBe('[other,tool]');
    expect((await at.provide('tool', { AWSMFA_CREDENTIAL_PROCESS: 'junk' })).secretAccessKey).toBe('[tool]');
  });

  it('and goes round in a circle is refused, and not started', async () => {
    const path = join(at.home, 'started');
    tool(`touch '${path}'`);
    expect(await at.refusal('tool', { AWSMFA_CREDENTIAL_PROCESS: '["outer","tool","inner"]' })).toEqual({
      exit: 3,
      code: 'credential-process-circle',
      message: 'The credential_process of profile "tool" is awsmfa, and needs itself: tool → inner → tool',
      hint: 'Let it name another profile, one that has keys or a source of its own.',
    });
    expect(existsSync(path)).toBe(false);
  });
});

describe('a circle that stands in the files', () => {
  const role = (name: string, source: string) =>
    `[profile ${name}]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = ${source}\n`;
  const process = (name: string, command: string) => `[profile ${name}]\ncredential_process = ${command}\n`;
  const circle = (config: string, name: string, env = {}) => {
    at.config(config);
    const setting = {
      env: { ...at.world().env, AWS_PROFILE: '', AWS_DEFAULT_PROFILE: '', ...env },
      home: at.home,
    };
    const files = loadSharedFiles(setting);
    const profile = sourceOf(resolveProfile({ name, by: '--profile' }, files, setting.env));
    try {
      const { profileOf } = settle('process', undefined, {}, {}).cli;
      refuseCircle(profile, { env: setting.env, files, profileOf });
      return 'none';
    } catch (error) {
      return /itself: (.*)/.exec((error as Error).message)?.[1];
    }
  };

  it.each([
    ['to itself', process('a', 'awsmfa process --profile a'), 'a → a'],
    ['by way of another', process('a', 'awsmfa process b') + process('b', 'awsmfa process a'), 'a → b → a'],
    ['beside the way', process('a', 'awsmfa process b') + process('b', 'awsmfa process b'), 'b → b'],
    ['through a role', process('a', "awsmfa process 'my role'") + role('"my role"', 'a'), 'a → a'],
    [
      'with whole paths',
      process('a', '/usr/bin/node "/my home/awsmfa.cjs" process a --min-ttl 15m'),
      'a → a',
    ],
    ['by exec', process('a', 'awsmfa exec a -- true'), 'a → a'],
    [
      'by default',
      process('a', 'awsmfa process') + process('default', 'awsmfa process a'),
      'a → default → a',
    ],
  ])('%s', (_what, config, names) => {
    expect(circle(config, 'a')).toBe(names);
  });

  it('depends on the profile that the variables name', () => {
    const config = process('a', 'awsmfa process') + process('b', '/bin/true');
    expect(circle(config, 'a', { AWS_PROFILE: 'a' })).toBe('a → a');
    expect(circle(config, 'a', { AWS_PROFILE: 'b' })).toBe('none');
  });

  it.each([
    ['a way that ends', process('a', 'awsmfa process b') + role('b', 'c') + process('c', '/bin/true')],
    ['another program', process('a', '/bin/tool process a')],
    ['another command', process('a', 'awsmfa list')],
    ['an option that is none', process('a', 'awsmfa process a --nonsense')],
    ['a profile that is not there', process('a', 'awsmfa process b')],
    ['a quote that is not closed', process('a', 'awsmfa process "a')],
  ])('%s is none', (_what, config) => {
    expect(circle(config, 'a')).toBe('none');
  });
});
