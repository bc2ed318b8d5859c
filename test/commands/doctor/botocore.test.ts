import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textFindings } from '../../../src/commands/doctor/files.ts';
import { judge, pythonWithBotocore } from '../../support/botocore.ts';
import { runs } from '../../support/matrix.ts';
import { sharedFile } from '../../support/shared-file-arbitrary.ts';
import { missing } from '../../support/shells.ts';

test('a file is broken if and only if the AWS CLI refuses it', { timeout: 120_000 }, (context) => {
  const python = pythonWithBotocore() ?? missing('botocore', context);
  const directory = mkdtempSync(join(tmpdir(), 'awsmfa-judge-'));
  const pair = fc.record({ config: sharedFile('config'), credentials: sharedFile('credentials') });
  const pairs = fc.sample(pair, { seed: 20261121, numRuns: runs(300, 1500) });
  const files = pairs.map((texts, index) => {
    const [config, credentials] = [
      join(directory, `${index}.config`),
      join(directory, `${index}.credentials`),
    ];
    writeFileSync(config, texts.config);
    writeFileSync(credentials, texts.credentials);
    return { config, credentials };
  });
  const counts = { broken: 0, sound: 0 };
  judge(python, files).forEach((answer, index) => {
    for (const kind of ['config', 'credentials'] as const) {
      const text = pairs[index]?.[kind] ?? '';
      const isBroken = textFindings(kind, 'file', text).some(({ state }) => state === 'broken');
      expect([isBroken, JSON.stringify(text)]).toEqual(['error' in answer[kind], JSON.stringify(text)]);
      counts[isBroken ? 'broken' : 'sound'] += 1;
    }
  });
  rmSync(directory, { recursive: true });
  expect(Math.min(counts.broken, counts.sound)).toBeGreaterThan(runs(60, 300));
});
