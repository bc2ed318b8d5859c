import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refuseCircle } from '../../src/session/provider/circle.ts';
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
    const above = { AWSMFA_CREDENTIAL_PROCESS: '["tool"]' };
    expect(() => refuseCircle({ kind: 'process', name: 'tool' }, above)).toThrow('needs itself');
    expect(() => refuseCircle({ kind: 'sso', name: 'tool' }, above)).not.toThrow();
  });
});
