import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Document } from '../../src/config/document.ts';
import { removeSection, setKeys } from '../../src/config/edit.ts';
import { editSharedFile } from '../../src/config/shared-file-edit.ts';
import { makeHome } from '../support/home.ts';

const work = '# mine\n[work]\naws_access_key_id = AKIA1\n';
const add =
  (name = 'work-mfa') =>
  (document: Document) =>
    setKeys(document, name, [['expiration', 'soon']]);

const modeOf = (path: string) => (statSync(path).mode & 0o7777).toString(8);
const textOf = (path: string) => readFileSync(path, 'utf8');

describe('the file', () => {
  test('is written, or left alone when the edit changes nothing', async () => {
    const { credentials } = makeHome({ credentials: work });
    expect(await editSharedFile(credentials, add())).toBe('written');
    const { ino, mtimeMs } = statSync(credentials);
    expect(await editSharedFile(credentials, add())).toBe('unchanged');
    expect(textOf(credentials)).toBe(`${work}\n[work-mfa]\nexpiration = soon\n`);
    expect(statSync(credentials)).toMatchObject({ ino, mtimeMs });
    expect(readdirSync(dirname(credentials))).toEqual(['credentials']);
  });

  test('is made, and its directory, for their owner alone', async () => {
    const { path, credentials } = makeHome();
    expect(await editSharedFile(credentials, (document) => removeSection(document, 'work'))).toBe(
      'unchanged',
    );
    expect(readdirSync(path)).toEqual([]);
    expect(await editSharedFile(credentials, add())).toBe('written');
    expect(textOf(credentials)).toBe('[work-mfa]\nexpiration = soon\n');
    expect([modeOf(credentials), modeOf(dirname(credentials))]).toEqual(['600', '700']);
  });
});
