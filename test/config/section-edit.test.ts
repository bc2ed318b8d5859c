import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Document, parseDocument } from '../../src/config/document.ts';
import { type Writing, withoutSession, withSession } from '../../src/config/section-edit.ts';
import { contentOf, sessionIn } from '../../src/config/session-section.ts';
import { Secret } from '../../src/credentials.ts';
import { UserError } from '../../src/errors.ts';
import { judge, pythonWithBotocore, type Sections } from '../support/botocore.ts';
import { makeHome, sessionText } from '../support/home.ts';
import { runs } from '../support/matrix.ts';
import { sharedFile } from '../support/shared-file-arbitrary.ts';
import { missing } from '../support/shells.ts';

const session: Writing['session'] = {
  accessKeyId: 'ASIANEW',
  secretAccessKey: new Secret('new/secret+key='),
  sessionToken: new Secret('IQoJb3JpZ2luX2VjEP//////////wEaCXVz='),
  expiration: Date.UTC(2026, 10, 21, 5, 7, 9) / 1000,
};
const role = 'arn:aws:iam::123456789012:role/team/ops';
const plain = { session, roleArn: undefined, region: undefined, overwrite: true };
const withRole = { session, roleArn: role, region: 'eu-west-1', overwrite: true };
const expected = {
  aws_access_key_id: 'ASIANEW',
  aws_secret_access_key: 'new/secret+key=',
  aws_session_token: 'IQoJb3JpZ2luX2VjEP//////////wEaCXVz=',
  aws_security_token: 'IQoJb3JpZ2luX2VjEP//////////wEaCXVz=',
  expiration: '2026-11-21 05:07:09',
};

const document = (text: string) => parseDocument(text, 'credentials');

describe('for any file that somebody edited', () => {
  const names = fc.constantFrom('work', 'prod', 'x', 'two words', 'new-mfa', 'default');
  const writing = fc
    .tuple(names, fc.constantFrom(plain, withRole))
    .map(([section, rest]): Writing => ({ ...rest, section }));

  test('botocore reads the session, and in every other section what it read before', (context) => {
    const python = pythonWithBotocore() ?? missing('botocore', context);
    const edits = fc
      .sample(fc.tuple(sharedFile('credentials'), writing), runs(250, 1000))
      .flatMap(([text, wanted]) => {
        // Its keys are in every section, also in a new one.
        if (text.includes('[DEFAULT]')) return [];
        const edited = attempt(() => withSession(document(text), wanted));
        return edited ? [{ text, wanted, edited: edited.text }] : [];
      });
    expect(edits.length).toBeGreaterThan(runs(60, 250));
    const home = makeHome();
    const file = (name: string, text: string) => ({
      config: '/dev/null',
      credentials: home.write(name, text),
    });
    const files = edits.flatMap(({ text, edited }, index) => [
      file(`${index}-before`, text),
      file(`${index}-after`, edited),
    ]);
    const judged = judge(python, files).map(({ credentials }) => credentials);
    const read = edits.flatMap(({ wanted }, index) => {
      const [before, after] = [judged[2 * index], judged[2 * index + 1]] as const;
      return before && after && !('error' in before)
        ? [{ wanted, before: before as Sections, after: after as Sections }]
        : [];
    });
    expect(read.length).toBeGreaterThan(runs(25, 100));
    for (const { wanted, before, after } of read) {
      const { [wanted.section]: _, ...others } = before;
      const { [wanted.section]: own, ...untouched } = after;
      expect(untouched).toEqual(others);
      const { assumed_role_arn: left, ...rest } = { ...before[wanted.section] };
      expect(own).toEqual({
        ...rest,
        ...expected,
        assumed_role: wanted.roleArn ? 'True' : 'False',
        ...(wanted.roleArn ? { assumed_role_arn: role, region: 'eu-west-1' } : {}),
      });
    }
  });

  test('done again it changes nothing, and taken out again it leaves no key of its own', () => {
    fc.assert(
      fc.property(sharedFile('credentials'), writing, (text, wanted) => {
        const once = attempt(() => withSession(document(text), wanted));
        if (!once) return;
        expect(withSession(once, wanted)).toBe(once);
        // An indented header that would continue the value above it cannot lose what stands between them.
        const out = attempt(() => withoutSession(once, wanted.section, wanted.region));
        if (!out) return;
        expect(out.text).not.toContain('ASIANEW');
        expect(withoutSession(out, wanted.section, wanted.region)).toBe(out);
      }),
      { numRuns: 300 },
    );
  });
});

function attempt(run: () => Document): Document | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

describe('what a section holds', () => {
  const contentIn = (text: string) => {
    const values = new Map(text.split('\n').map((line) => line.split(' = ') as [string, string]));
    return contentOf((key) => values.get(key));
  };
  const whole = sessionText();

  test.for([
    ['', 'free'],
    ['region = x', 'free'],
    [whole, 'session'],
    [sessionText({ roleArn: role }), 'session'],
    [whole.replace('assumed_role', 'other'), 'foreign'],
    [whole.replace('aws_security_token', 'other'), 'foreign'],
    [whole.replace(/expiration = .*/, 'expiration = 2026-11-21T05:07:09Z'), 'foreign'],
    [whole.replace(/expiration = .*/, 'expiration = 2026-21-11 05:07:09'), 'foreign'],
    [whole.replace(/ASIA\w+/, 'AKIAOLDOLDOLDOLDOLD1'), 'long-term'],
    ['aws_access_key_id = ASIAX\naws_secret_access_key = y', 'foreign'],
    ['aws_access_key_id = AKIAX\naws_secret_access_key = y', 'long-term'],
    ['aws_access_key_id = minio\naws_secret_access_key = y', 'long-term'],
    ['aws_secret_access_key = y', 'long-term'],
    ['aws_session_token = y', 'foreign'],
    ['credential_process = y', 'foreign'],
  ] as const)('%j is %s', ([text, content]) => {
    expect(contentIn(text)).toBe(content);
  });

  test('its time is UTC, whatever the clock of the user says', () => {
    const values: Record<string, string> = { ...expected, assumed_role: 'False' };
    expect(sessionIn((key) => values[key])).toEqual({
      accessKeyId: 'ASIANEW',
      roleArn: undefined,
      expiration: session.expiration,
    });
  });
});
