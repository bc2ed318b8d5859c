import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesOf, parseDocument, readSection, sectionNames } from '../../src/config/document.ts';
import { setKeys } from '../../src/config/edit.ts';
import { loadSharedFiles } from '../../src/config/files.ts';
import type { Fault } from '../../src/config/lines.ts';
import type { ProfileSection } from '../../src/config/section.ts';
import { type Judgement, judge, pythonWithBotocore } from '../support/botocore.ts';
import { runs } from '../support/matrix.ts';
import { sharedFile } from '../support/shared-file-arbitrary.ts';

const python = pythonWithBotocore();
const seed = 20261121;

if (!python && process.env.CI) throw new Error('botocore is needed in CI: install python3-botocore');
if (!python) console.warn('botocore not found: the comparison with it is skipped');

/** Contract, section 4: parsing follows the AWS CLI wherever the CLI accepts a file. */
describe.skipIf(!python)('botocore as the judge', () => {
  const directory = mkdtempSync(join(tmpdir(), 'awsmfa-judge-'));
  afterAll(() => rmSync(directory, { recursive: true }));

  function written(name: string, texts: { config: string; credentials: string }) {
    const files = {
      config: join(directory, `${name}.config`),
      credentials: join(directory, `${name}.credentials`),
    };
    writeFileSync(files.config, texts.config);
    writeFileSync(files.credentials, texts.credentials);
    return files;
  }

  describe('reading', () => {
    const pairs = fc.sample(
      fc.record({ config: sharedFile('config'), credentials: sharedFile('credentials') }),
      {
        seed,
        numRuns: runs(500, 2500),
      },
    );
    let answers: Judgement[] = [];
    const files = pairs.map((pair, index) => written(`read-${index}`, pair));
    beforeAll(() => {
      answers = judge(python ?? '', files);
    });

    it('accepts at least a fifth of the pairs', () => {
      const accepted = answers.filter(
        ({ config, credentials }) => !('error' in config) && !('error' in credentials),
      );
      expect(accepted.length).toBeGreaterThan(pairs.length / 5);
    });

    it('refuses the files in which awsmfa finds a fault, and no other but for what is twice there', () => {
      let refused = 0;
      answers.forEach((answer, index) => {
        for (const kind of ['config', 'credentials'] as const) {
          const text = pairs[index]?.[kind] ?? '';
          const { faults, isUnique } = reading(text);
          if (!('error' in answer[kind])) expect(faults, JSON.stringify(text)).toEqual([]);
          else if (isUnique) {
            expect(faults, JSON.stringify(text)).not.toEqual([]);
            refused += 1;
          }
        }
      });
      expect(refused).toBeGreaterThan(pairs.length / 25);
    });

    it('says what awsmfa says', () => {
      answers.forEach((answer, index) => {
        const pair = pairs[index];
        const paths = files[index];
        if (!pair || !paths) throw new Error('no such pair');
        // awsmfa reads neither when there is a line in one of them that belongs to no section.
        if (parseDocument(pair.config, '').fault || parseDocument(pair.credentials, '').fault) return;
        const ours = loadSharedFiles({
          env: { AWS_CONFIG_FILE: paths.config, AWS_SHARED_CREDENTIALS_FILE: paths.credentials },
          home: undefined,
        });
        if (!('error' in answer.config)) {
          const { profiles, sso_sessions, services } = answer.config;
          expect(plain(profiles, ours.config), JSON.stringify(pair.config)).toEqual(profiles);
          expect(plain(sso_sessions, ours.ssoSession), JSON.stringify(pair.config)).toEqual(sso_sessions);
          for (const [name, values] of Object.entries(services)) {
            const blocks = Object.entries(values).filter(([, value]) => typeof value === 'object');
            const found = [...(ours.services(name) ?? [])].map(([key, block]) => [
              key,
              Object.fromEntries(block),
            ]);
            expect(Object.fromEntries(found), JSON.stringify(pair.config)).toEqual(
              Object.fromEntries(blocks),
            );
          }
        }
        if (!('error' in answer.credentials)) {
          expect(plain(answer.credentials, ours.credentials), JSON.stringify(pair.credentials)).toEqual(
            answer.credentials,
          );
        }
        if ('error' in answer.config || 'error' in answer.credentials) return;
        expect(ours.names(), JSON.stringify(pair)).toEqual(answer.names);
        expect(plain(answer.merged, ours.profile), JSON.stringify(pair)).toEqual(answer.merged);
      });
    });
  });

  /** Contract, section 9: an edit touches one section, and botocore reads that one exactly. */
  it('reads what was edited, and all else as before', () => {
    const texts = fc.sample(sharedFile('credentials'), { seed, numRuns: runs(300, 1500) });
    const files = texts.map((text, index) => written(`edit-${index}`, { config: '', credentials: text }));
    const before = judge(python ?? '', files).map(({ credentials }) => credentials);
    const edits = texts.flatMap((text, index) => {
      const sections = before[index];
      if (!sections || 'error' in sections) return [];
      // A name with ] cannot be written; now and then the section is a new one.
      const names = Object.keys(sections).filter((name) => !name.includes(']'));
      const name = index % 3 === 0 ? 'new-mfa' : (names[index % names.length] ?? 'new-mfa');
      const keys = Object.keys(sections[name] ?? {});
      const key = keys[index % 5] ?? 'aws_access_key_id';
      // A new section has the keys of [DEFAULT], too.
      if (!/^[a-z_]\w*$/.test(key) || (!sections[name] && text.includes('[DEFAULT]'))) return [];
      return [{ index, text, sections, name, key }];
    });
    const edited = edits.map(({ index, text, name, key }) => {
      const document = setKeys(parseDocument(text, 'credentials'), name, [
        [key.toUpperCase(), 'AKIA/+= %(x)s'],
        ['expiration', '2026-11-21 11:47:46'],
      ]);
      return written(`edited-${index}`, { config: '', credentials: document.text });
    });
    const after = judge(python ?? '', edited);
    expect(edits.length).toBeGreaterThan(texts.length / 3);
    edits.forEach(({ text, sections, name, key }, index) => {
      const own = { ...sections[name], [key]: 'AKIA/+= %(x)s', expiration: '2026-11-21 11:47:46' };
      expect(after[index]?.credentials, JSON.stringify({ text, name, key })).toEqual({
        ...sections,
        [name]: own,
      });
    });
  });
});

/** What awsmfa finds wrong in all of a file; sections or keys that are twice there are not among it. */
function reading(text: string) {
  const document = parseDocument(text, 'file');
  const faults: Fault[] = document.fault ? [document.fault] : [];
  const keys = document.sections.flatMap((section) =>
    // A [DEFAULT] is looked at where it is used, and this one may be the only section.
    entriesOf(document, section, section.name === 'DEFAULT' ? (fault) => faults.push(fault) : undefined).map(
      ({ key }) => JSON.stringify([section.name, key]),
    ),
  );
  for (const name of sectionNames(document)) readSection(document, name, (fault) => faults.push(fault));
  const headers = document.sections.map(({ name }) => name).filter((name) => name !== 'DEFAULT');
  const isUnique = [keys, headers].every((all) => new Set(all).size === all.length);
  return { faults, isUnique };
}

/** The sections by these names as plain objects, own `__proto__` included. */
function plain(wanted: object, find: (name: string) => ProfileSection | undefined): object {
  return Object.fromEntries(
    Object.keys(wanted).map((name) => {
      const section = find(name);
      const values = section?.keys().map((key) => {
        const block = section.block(key);
        return [key, block ? Object.fromEntries(block) : section.value(key)?.value];
      });
      return [name, values && Object.fromEntries(values)];
    }),
  );
}
