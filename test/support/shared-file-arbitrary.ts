import fc from 'fast-check';

/**
 * Texts of shared files as people and programs write them, and worse: every spelling of a header, nested blocks,
 * continuations, comments, indentation, mixed line breaks, Python's white space. Most are files that botocore accepts.
 * None has a comment behind a value, where botocore and awsmfa differ.
 */
export function sharedFile(kind: 'config' | 'credentials'): fc.Arbitrary<string> {
  const section = fc.tuple(
    kind === 'config' ? configHeader : credentialsHeader,
    fc.array(line, { maxLength: 7 }),
  );
  return fc
    .record({
      top: fc.array(filler, { maxLength: 2 }),
      sections: fc.uniqueArray(section, { maxLength: 6, selector: ([header]) => header }),
      breaks: fc.constantFrom('\n', '\n', '\r\n', '\r', 'mixed'),
      isEnded: fc.boolean(),
      isUnique: fc.constantFrom(true, true, true, true, false),
    })
    .map(({ top, sections, breaks, isEnded, isUnique }) => {
      const lines = [...top];
      for (const [header, body] of sections) {
        lines.push(header);
        body.forEach((text, index) => {
          lines.push(isUnique ? text.replace('KEY', `key_${index}`) : text.replace('KEY', 'key'));
        });
      }
      const lineBreak = (index: number) =>
        breaks === 'mixed' ? (['\n', '\r\n', '\r'][index % 3] ?? '') : breaks;
      const text = lines.map((content, index) => content + lineBreak(index)).join('');
      return isEnded ? text : text.replace(/[\r\n]+$/, '');
    });
}

const odd = fc.constantFrom('\t', '\v', '\f', '\u00a0', '\u0085', '\u001c', '\u2003', '\u3000', '\u2028');
const blank = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('', ' ', '  ', '\t') },
  { weight: 1, arbitrary: odd },
);
const word = fc.constantFrom(
  ...[
    'work',
    'prod',
    'a',
    'two words',
    'ÜBER',
    '__proto__',
    'constructor',
    'x=y',
    'a:b',
    'b#c',
    'c;d',
    '[x]',
    '"q"',
  ],
  ...[
    "it's",
    'back\\slash',
    'nul\u0000',
    '𝒳',
    '=',
    '%(a)s',
    'arn:aws:iam::123456789012:role/x',
    'p]',
    '[',
    'İ',
    'profile',
  ],
);
const value = fc.tuple(blank, fc.array(word, { maxLength: 2 }), blank).map(([before, words, after]) => {
  return before + words.join(' ') + after;
});
const comment = fc
  .tuple(blank, fc.constantFrom('#', ';', '# a = b', ';[x]', '#[profile x]'))
  .map((parts) => parts.join(''));
const filler = fc.oneof(blank, comment);
const delimiter = fc.constantFrom('=', ' = ', ': ', '\t=\t', ' =', '= ', '\u2003:');
const indent = fc.constantFrom('', '', '', '', ' ', '    ', '\t');
const entry = fc
  .tuple(
    indent,
    fc.constantFrom('KEY', 'KEY', 'Region_KEY', 'ke KEY', '[KEY', 'KEY]', '__proto__KEY'),
    delimiter,
    value,
  )
  .map((parts) => parts.join(''));
const deeper = fc.constantFrom('  ', '    ', '\t', ' \t ');
const block = fc
  .tuple(
    fc.array(
      fc.tuple(deeper, fc.constantFrom('a', 'Endpoint_url', 'b c', ''), fc.constantFrom('=', ' = '), value),
    ),
    filler,
  )
  .map(([lines, after]) => ['s3_KEY =', ...lines.map((parts) => parts.join('')), after].join('\n'));
const continued = fc
  .tuple(entry, fc.array(fc.oneof(fc.tuple(deeper, value), fc.tuple(blank, comment)), { maxLength: 3 }))
  .map(([first, lines]) => [`${first} v`, ...lines.map((parts) => parts.join(''))].join('\n'));
const junk = fc.constantFrom('junk', '= x', '[unclosed', '[]');
const line = fc.oneof(
  { weight: 100, arbitrary: entry },
  { weight: 30, arbitrary: filler },
  { weight: 20, arbitrary: block },
  { weight: 20, arbitrary: continued },
  { weight: 3, arbitrary: fc.constantFrom('  [indented]', '[profile x] # [y]') },
  { weight: 1, arbitrary: junk },
);

const name = fc.oneof(word, fc.constantFrom('default', 'x', 'long-name_1.2@z', 'work-long-term', ''));
const wrap = fc.constantFrom(
  (header: string) => `[${header}]`,
  (header: string) => `[${header}]`,
  (header: string) => ` [${header}] `,
  (header: string) => `[ ${header}]`,
  (header: string) => `[${header} ]; comment`,
);
const quote = fc.constantFrom(
  (text: string) => text,
  (text: string) => text,
  (text: string) => `"${text}"`,
  (text: string) => `'${text}'`,
  (text: string) => `"${text}`,
  (text: string) => text.replace(/ /g, '\\ '),
);
const kind = fc.constantFrom(
  'profile ',
  'profile ',
  'profile ',
  'profile\t',
  'profile  ',
  'sso-session ',
  'services ',
  'profile',
  '',
);
const configHeader = fc
  .tuple(wrap, kind, quote, name)
  .map(([wrapped, prefix, quoted, text]) => wrapped(prefix + quoted(text)));
const credentialsHeader = fc
  .tuple(wrap, fc.oneof(name, fc.constant('DEFAULT')))
  .map(([wrapped, text]) => wrapped(text));
