import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineAt, parseDocument, readSection, readValues, sectionNames } from '../../src/config/document.ts';
import { kindOf, profileHeader } from '../../src/config/headers.ts';
import { sharedFile } from '../support/shared-file-arbitrary.ts';

function read(text: string): Record<string, Record<string, unknown>> {
  const document = parseDocument(text, 'config');
  return Object.fromEntries(
    sectionNames(document).map((name) => {
      const entries = [...(readSection(document, name)?.values() ?? [])];
      return [
        name,
        Object.fromEntries(
          entries.map(({ key, value, block }) => [key, block ? Object.fromEntries(block) : value]),
        ),
      ];
    }),
  );
}

const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '[',
      ']',
      '=',
      ':',
      '\n',
      '\r',
      '\r\n',
      ' ',
      '\t',
      '#',
      ';',
      'a',
      'profile ',
      '\u0000',
      '\ufeff',
      '\u0085',
    ),
    fc.string({ unit: 'binary', maxLength: 2 }),
  ),
});

describe('round trip', () => {
  it('gives back any text', () => {
    fc.assert(fc.property(anyText, (text) => parseDocument(text, 'x').text === text));
    fc.assert(fc.property(sharedFile('config'), (text) => parseDocument(text, 'x').text === text));
  });

  it('reads any text without failing, and its sections follow one another', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const document = parseDocument(text, 'x');
        read(text);
        document.sections.forEach((section, index) => {
          expect(section.end).toBe(document.sections[index + 1]?.start ?? text.length);
          expect(section.body).toBeLessThanOrEqual(document.sections[index + 1]?.start ?? text.length);
        });
      }),
    );
  });
});

describe('values that are quickly read', () => {
  const quick = (text: string) => readValues(parseDocument(text, 'x'), 'a');

  it('are those of readSection', () => {
    const line = fc.constantFrom(
      ...[
        'k = v',
        'k=v',
        'k =  a = b ',
        'l\t=\tx==',
        'mfa_process = a b',
        'K = v',
        'k = v # no',
        ' l = v',
        ' x',
        '',
        '\r',
      ],
      ...['k =', 'k : v', '# no', '=v', 'k = \u00e4', 'x', '[DEFAULT]', '[a]', '[b]'],
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.boolean(), (lines, isOpen) => {
        const document = parseDocument(`[a]\n${lines.join('\n')}${isOpen ? '' : '\n'}`, 'x');
        const values = readValues(document, 'a');
        if (!values) return;
        const entries = readSection(document, 'a', () => expect.unreachable());
        expect([...values]).toEqual([...(entries ?? [])].map(([key, { value }]) => [key, value]));
      }),
      { numRuns: 3000 },
    );
  });

  it('are those of nearly every section, and of no other', () => {
    expect([...(quick('[a]\nk = v\nregion=eu-west-1\nk = w x\n\n[b]\n') ?? [])]).toEqual([
      ['k', 'w x'],
      ['region', 'eu-west-1'],
    ]);
    const slow = [
      'k = v ; no',
      'k = v\n  w',
      'k =',
      'k',
      'k = v\n[a]',
      'k = v\n[DEFAULT]',
      `k = ${'v'.repeat(10_000)}`,
    ];
    expect(slow.map((lines) => quick(`[a]\n${lines}\n`))).toEqual(slow.map(() => undefined));
  });
});

describe('what botocore accepts is read as botocore reads it', () => {
  it('keys in any case, = and :, values with =', () => {
    expect(read('[a]\nRegion = eu-west-1\nOUTPUT: json\nx = y=z:1\n')).toEqual({
      a: { region: 'eu-west-1', output: 'json', x: 'y=z:1' },
    });
  });

  it('blocks, and values that go on in indented lines with blank lines and comments between', () => {
    const text =
      '[a]\ns3 =\n  Max_Concurrent = 20\n\n  # no\n  addressing_style=path\nca = v\n   w # kept\n\n   x\n\nb = 1\n';
    expect(read(text)).toEqual({
      a: { s3: { Max_Concurrent: '20', addressing_style: 'path' }, ca: 'v\nw # kept\n\nx', b: '1' },
    });
  });

  it('an indented header that is further in than the key above is a part of its value', () => {
    expect(read('[a]\nk = v\n  [b]\n [c]\n')).toEqual({ a: { k: 'v\n[b]\n[c]' } });
    expect(read('[a]\n  k = v\n  [b]\n [c]\n')).toEqual({ a: { k: 'v' }, b: {}, c: {} });
  });

  it('a name goes to the last bracket and keeps its blanks', () => {
    expect(Object.keys(read('[ a ] ; x\n[b]; [c]\n[__proto__]\n'))).toEqual([' a ', 'b]; [c', '__proto__']);
  });

  it('[DEFAULT] gives its keys to every section and is none', () => {
    expect(read('[a]\nx = 1\n[DEFAULT]\nx = 2\ny = 3\n[b]\n')).toEqual({
      a: { x: '1', y: '3' },
      b: { x: '2', y: '3' },
    });
  });

  it.each([
    ['profile work', 'work'],
    ['profile "two words"', 'two words'],
    ["profile 'x'", 'x'],
    ['profile\t x ', 'x'],
    ['profile two\\ words', 'two words'],
    ['profile "a\\"b\\c"', 'a"b\\c'],
    ['profile ""', ''],
    ['default', 'default'],
    ['profile two words', undefined],
    ['profile "open', undefined],
    ['profile x\\', undefined],
    ['profile', undefined],
    ['profilework', undefined],
    [' profile work', undefined],
    ['work', undefined],
    ['preview', undefined],
  ])('[%s] is profile %s', (header, name) => {
    expect(kindOf(header)).toEqual(name === undefined ? undefined : { kind: 'profile', name });
  });

  it('sso-session and services', () => {
    expect(kindOf('sso-session "my sso"')).toEqual({ kind: 'sso-session', name: 'my sso' });
    expect(kindOf('services local')).toEqual({ kind: 'services', name: 'local' });
  });

  it('a header that is written for a name names it', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(kindOf(profileHeader(name))).toEqual({ kind: 'profile', name });
      }),
    );
  });
});

/** AWS SDKs and Tools Reference Guide, "Format of the config file"; the cases are those of the SDKs' parser tests. */
describe('comments', () => {
  it.each([
    ['name = value # Comment with ; sign', 'value'],
    ['name = value\t; comment', 'value'],
    ['name = value; adjacent', 'value; adjacent'],
    ['name = value# adjacent', 'value# adjacent'],
    ['name = # nothing else', ''],
    ['name =# adjacent', '# adjacent'],
  ])('%s', (line, value) => {
    expect(read(`[a]\n${line}\n`)).toEqual({ a: { name: value } });
  });

  it('behind the key of a block, and within it', () => {
    expect(read('[a]\nsts = # local\n  endpoint_url = http://localhost:4566 # stack\n')).toEqual({
      a: { sts: { endpoint_url: 'http://localhost:4566' } },
    });
  });
});

/** An edit keeps what it does not understand; who uses the values asks for faults (`faults.test.ts`). */
describe('what botocore refuses is no obstacle to an edit', () => {
  it('sections that are twice there are one, and the last key wins', () => {
    expect(read('[a]\nx = 1\ny = 1\n[b]\n[a]\nY = 2\ny = 3\n')).toEqual({ a: { x: '1', y: '3' }, b: {} });
  });

  it('a byte order mark', () => {
    expect(read('\ufeff[a]\r\nx = 1\r\n')).toEqual({ a: { x: '1' } });
    expect(read('\ufeff  [a]\nx = 1')).toEqual({ a: { x: '1' } });
  });

  it('keys before the first section, lines without = and without a key', () => {
    expect(read('x = 1\n  y = 2\n[a]\njunk\nz = 3\njunk\n   w = 4\n = 5\n:\n')).toEqual({
      a: { z: '3', w: '4' },
    });
  });

  it('keys after a header that is not closed belong to nobody', () => {
    expect(
      read('[a]\naws_access_key_id = A\n[prod\naws_access_key_id = P\n[]\naws_access_key_id = Q\n[b]\n'),
    ).toEqual({
      a: { aws_access_key_id: 'A' },
      b: {},
    });
  });

  it('a block without an entry', () => {
    expect(read('[a]\ns3 =\n  junk\n  x = 1\n')).toEqual({ a: { s3: { x: '1' } } });
  });
});

describe('lines', () => {
  it.each(['\n', '\r\n', '\r'])('are counted with %j', (lineBreak) => {
    const document = parseDocument(['# top', '[a]', '', 'x = 1', 'y = 2'].join(lineBreak), 'config');
    expect(lineAt(document, document.byName.get('a')?.start ?? 0)).toBe(2);
    expect(
      [...(readSection(document, 'a')?.values() ?? [])].map(({ start }) => lineAt(document, start)),
    ).toEqual([4, 5]);
  });
});
