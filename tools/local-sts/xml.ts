/** An XML element; `content` is text, which is escaped, or the elements inside, which are not. */
export type Xml = { readonly xml: string };

export function element(name: string, content: string | readonly Xml[], namespace?: string): Xml {
  const open = namespace === undefined ? name : `${name} xmlns="${escapeXml(namespace)}"`;
  const inside =
    typeof content === 'string' ? escapeXml(content) : `\n${content.map((child) => child.xml).join('')}`;
  return { xml: `<${open}>${inside}</${name}>\n` };
}

/**
 * Line breaks and the other white space become character references, because a parser may fold them.
 */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The text of the first element of that name, unescaped; undefined when there is none. */
export function textOf(document: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(document)?.[1];
  return text === undefined ? undefined : unescapeXml(text);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(?:#(\d+)|([a-z]+));/g, (whole, number?: string, name?: string) =>
    number === undefined ? (entities[name ?? ''] ?? whole) : String.fromCodePoint(Number(number)),
  );
}
