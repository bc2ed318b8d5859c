import { type Document, lineAt, readSection } from './document.ts';
import type { Entry } from './entries.ts';
import { type Fault, malformed } from './faults.ts';

/**
 * The keys of one profile, SSO session or `[services]` section, from one file or merged from both. Keys are asked
 * for in lower case.
 */
export interface ProfileSection {
  readonly name: string;
  keys(): readonly string[];
  /** The value. An empty one counts as none, and so does a block. */
  get(key: string): string | undefined;
  /** The value as it stands, perhaps empty, and where it stands; of a block, its text. */
  value(key: string): PlacedValue | undefined;
  /** The keys and values of the indented block under a key such as `s3 =`; their names keep their case. */
  block(key: string): Block | undefined;
  /** Every key that has a block. */
  blocks(): ReadonlyMap<string, Block>;
  /**
   * To be called by whoever makes something of the section; `list` shows what can be read of a broken one.
   *
   * @throws UserError (configuration, malformed-file) for its first line that no reader takes
   */
  check(): void;
}

export type Block = ReadonlyMap<string, string>;

export interface PlacedValue {
  readonly value: string;
  readonly path: string;
  /** 1-based. */
  readonly line: number;
}

/** A section of a document by its header text; no header, no section. */
export type Layer = readonly [document: Document, header: string | undefined];

/** The section that these layers make, the keys of later ones over those of earlier ones; nothing if none exists. */
export function layered(name: string, layers: readonly Layer[]): ProfileSection | undefined {
  const entries = new Map<string, { readonly entry: Entry; readonly document: Document }>();
  let exists = false;
  let broken: readonly [Document, Fault] | undefined;
  for (const [document, header] of layers) {
    const read = header === undefined ? undefined : readOnce(document, header);
    if (!read) continue;
    exists = true;
    if (read.fault) broken ??= [document, read.fault];
    for (const entry of read.keys.values()) entries.set(entry.key, { entry, document });
  }
  if (!exists) return undefined;
  return {
    name,
    keys: () => [...entries.keys()],
    get: (key) => {
      const entry = entries.get(key)?.entry;
      return entry?.block ? undefined : entry?.value || undefined;
    },
    value: (key) => {
      const found = entries.get(key);
      return found && placed(found.document, found.entry);
    },
    block: (key) => entries.get(key)?.entry.block,
    blocks: () =>
      new Map([...entries].flatMap(([key, { entry }]) => (entry.block ? [[key, entry.block]] : []))),
    check: () => {
      if (broken) throw malformed(...broken);
    },
  };
}

interface Read {
  readonly keys: ReadonlyMap<string, Entry>;
  readonly fault: Fault | undefined;
}

/** A profile is looked at as one file has it, as the other has it, and as both have it. */
function readOnce(document: Document, header: string): Read | undefined {
  const sections = known.get(document) ?? new Map<string, Read | undefined>();
  known.set(document, sections);
  if (sections.has(header)) return sections.get(header);
  let fault: Fault | undefined;
  const keys = readSection(document, header, (found) => {
    fault ??= found;
  });
  const read = keys && { keys, fault };
  sections.set(header, read);
  return read;
}

const known = new WeakMap<Document, Map<string, Read | undefined>>();

/** The line is counted only when it is looked at, by a message. */
function placed(document: Document, { value, start }: Entry): PlacedValue {
  return {
    value,
    path: document.path,
    get line() {
      return lineAt(document, start);
    },
  };
}
