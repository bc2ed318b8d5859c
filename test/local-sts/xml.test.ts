import fc from 'fast-check';
import { expect, test } from 'vitest';
import { element, textOf } from '../../tools/local-sts/xml.ts';

test('any text comes out of an element as it went in', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const { xml } = element('Outer', [element('Value', text)], 'https://example.com/?a=1&b=2');
      expect(textOf(xml, 'Value')).toBe(text);
    }),
  );
});

test('markup and line breaks are escaped', () => {
  expect(element('V', `<a href="x">'&'\r\n`).xml).toBe(
    '<V>&#60;a href=&#34;x&#34;&#62;&#39;&#38;&#39;&#13;&#10;</V>\n',
  );
});
