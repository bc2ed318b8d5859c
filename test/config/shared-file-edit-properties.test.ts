import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { appearances, parseDocument } from '../../src/config/document.ts';
import { setKeys } from '../../src/config/edit.ts';
import { editSharedFile } from '../../src/config/shared-file-edit.ts';
import { UserError } from '../../src/errors.ts';
import { judge, pythonWithBotocore } from '../support/botocore.ts';
import { makeHome } from '../support/home.ts';
import { runs } from '../support/matrix.ts';
import { sharedFile } from '../support/shared-file-arbitrary.ts';
import { missing } from '../support/shells.ts';

/** What `write` puts into a section. */
const session = {
  aws_access_key_id: 'ASIAIOSFODNN7EXAMPLE',
  aws_secret_access_key: 'wJalr/XUtnF+EMI=K7MDENG',
  aws_session_token: `${'IQoJb3JpZ2luX2Vj+/'.repeat(40)}==`,
  aws_security_token: `${'IQoJb3JpZ2luX2Vj+/'.repeat(40)}==`,
  assumed_role: 'True',
  assumed_role_arn: 'arn:aws:iam::123456789012:role/admin',
  expiration: '2026-11-21 18:07:20',
};

interface Case {
  readonly text: string;
  readonly name: string;
  readonly before: string;
  readonly after: string;
  /** Undefined when the edit was refused. */
  readonly isWritten: boolean;
}

/** Contract, section 9, through the file: on the disk, and in the eyes of botocore. */
describe('for any file', () => {
  const home = makeHome({ config: '' });
  let cases: readonly Case[] = [];

  beforeAll(async () => {
    const names = fc.constantFrom('work', 'prod', 'two words', 'default', 'work-mfa', 'work-mfa');
    const samples = fc.sample(fc.tuple(sharedFile('credentials'), names), {
      seed: 20261121,
      numRuns: runs(100, 400),
    });
    cases = await Promise.all(
      samples.map(async ([text, name], index) => {
        const directory = join(home.path, String(index));
        mkdirSync(directory);
        const [before, after] = [join(directory, 'before'), join(directory, 'after')];
        for (const path of [before, after]) writeFileSync(path, text);
        const edit = editSharedFile(after, (document) => setKeys(document, name, Object.entries(session)));
        const isWritten = await edit.then(
          () => true,
          (error) => {
            if (error instanceof UserError) return false;
            throw error;
          },
        );
        expect(readdirSync(directory)).toEqual(['after', 'before']);
        return { text, name, before, after, isWritten };
      }),
    );
  });

  it('every byte outside the section is the same', () => {
    let counted = 0;
    for (const { text, name, after, isWritten } of cases) {
      const old = Buffer.from(text);
      const now = readFileSync(after);
      const document = parseDocument(text, after);
      const [section, second] = appearances(document, name);
      if (!isWritten) expect(now).toEqual(old);
      if (!isWritten || second) continue;
      counted += 1;
      const bytes = (offset: number) => Buffer.byteLength(text.slice(0, offset));
      const start = bytes(section ? section.start : text.length);
      const end = bytes(section ? section.end : text.length);
      expect(now.subarray(0, start), text).toEqual(old.subarray(0, start));
      expect(now.subarray(now.length - (old.length - end)), text).toEqual(old.subarray(end));
    }
    expect(counted).toBeGreaterThan(runs(60, 250));
  });

  it('botocore reads the new section exactly, and the others as before', (context) => {
    const python = pythonWithBotocore() ?? missing('botocore', context);
    const files = cases.flatMap(({ before, after }) => [before, after]);
    const judged = judge(
      python,
      files.map((credentials) => ({ config: home.config, credentials })),
    );
    let counted = 0;
    cases.forEach(({ text, name }, index) => {
      const [before, after] = judged.slice(2 * index).map(({ credentials }) => credentials);
      // botocore gives the keys of [DEFAULT] to every section.
      if (!before || 'error' in before || text.includes('[DEFAULT')) return;
      counted += 1;
      expect(after, text).toEqual({ ...before, [name]: { ...before[name], ...session } });
    });
    expect(counted).toBeGreaterThan(runs(25, 100));
  });
});
