import fc from 'fast-check';

/** Texts that set out to run something, or to come out as something else, in any shell. */
const attacks = [
  "$(touch x)@`touch x`@'; touch x; '@\\'; touch x; \\'@\"; touch x; \"@\n touch x\n@!touch@!!@!$@^a^b@-n@--@=ls@~@*@{a,b}",
  "\\@\\'@'@''@'''@\"@\r\n@(touch x)@<(touch x)@>x@& touch x@| touch x@%(x)s@$PATH@$'\\x41'@#@;@ @\t@-@?@[a]@%d@&@$",
  '\u0081\u0088@\u{f600}\u{fdd0}@\u2028@\ufeff@𝒳@é@\u0007\u001b[31m@\u007f',
  '\u2018; touch x; \u2018@\u2019@\u201a@\u201b@\u201c; touch x; \u201d@Б; touch x; Б@$env:PATH@`n@@()@"@\n\'@',
  '" & echo x>x & "@&echo x>x@^&echo x>x@|echo x>x@%PATH%@%%PATH%%@!PATH!@^@^^@""@"@) & echo x>x@\u001a@%~f0@=@ =@;a@:a',
];

export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.constantFrom(...attacks.flatMap((line) => line.split('@'))),
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({ maxLength: 8 }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''))
  .filter((text) => text !== '');
