import type { UserError } from '../errors.ts';
import { type Document, lineAt, readSection, readValues } from './document.ts';
import { type Entry, hasComment } from './entries.ts';
import { type Fault, malformed } from './lines.ts';

/**
 * The keys of one profile, SSO session or `[services]` section, from one file or merged from both. Keys are in lower
 * case.
 */
export interface ProfileSection {
  readonly name: string;
  /** The names of the profiles that it includes, the nearest first. Their settings are its own where it has none. */
  readonly included: readonly string[];
  keys(): readonly string[];
  /** Whether the key exists, with a value or without. */
  has(key: string): boolean;
  /** The value. An empty one counts as none, and so does a block. */
  get(this: ProfileSection, key: string): string | undefined;
  /** The value, which may be empty, and its place; of a block, its text. */
  value(key: string): PlacedValue | undefined;
  /** Whether a comment after the value was left out. */
  hasComment(key: string): boolean;
  /** The keys and values of the indented block under a key such as `s3 =`; their names keep their case. */
  block(key: string): Block | undefined;
  /** Every key that has a block. */
  blocks(): ReadonlyMap<string, Block>;
  /**
   * Call it before using the section. `list` does not, and shows the readable part of a broken section.
   *
   * @throws UserError (configuration, malformed-file) for its first line that no reader accepts
   */
  check(): void;
}

export type Block = ReadonlyMap<string, string>;

/** The key that names the key store with the secret of the access key. */
export const storeKey = 'awsmfa_key_store';

export interface PlacedValue {
  readonly value: string;
  /** The profile whose section has it. */
  readonly profile: string;
  readonly path: string;
  /** 1-based. */
  readonly line: number;
}

/** A section of one file. */
export interface Layer {
  /** Of the profile. */
  readonly name: string;
  readonly document: Document;
  /** The text between the brackets. */
  readonly header: string;
  /** By key; '' for a block. */
  readonly values: ReadonlyMap<string, string>;
  readonly fault: Fault | undefined;
}

/** @param header the text between the brackets; undefined when the file has no such section */
export function layerOf(name: string, document: Document, header: string | undefined): Layer | undefined {
  if (header === undefined || !document.byName.has(header)) return undefined;
  const values = readValues(document, header);
  return values ? { name, document, header, values, fault: undefined } : oddLayer(name, document, header);
}

function oddLayer(name: string, document: Document, header: string): Layer | undefined {
  let fault: Fault | undefined;
  const entries = readSection(document, header, (found) => {
    fault ??= found;
  });
  if (!entries) return undefined;
  const values = new Map([...entries].map(([key, { value, block }]) => [key, block ? '' : value]));
  return { name, document, header, values, fault };
}

export interface Included {
  readonly error: UserError | undefined;
  readonly included: readonly string[];
}

const nothing: Included = { error: undefined, included: [] };

/** The section of these layers; the first layer with a key wins. Undefined without a layer. */
export function sectionOf(
  name: string,
  layers: readonly Layer[],
  included: Included = nothing,
): ProfileSection | undefined {
  return layers.length === 0 ? undefined : new LayeredSection(name, layers, included);
}

/** A class: `list` makes thousands of sections, and a closure for each method would keep the garbage collector busy. */
class LayeredSection implements ProfileSection {
  // `declare` prevents that each field is set twice.
  declare readonly name: string;
  declare readonly layers: readonly Layer[];
  declare readonly from: Included;
  declare private readonly first: Layer['values'];
  /** Of all other layers. */
  declare private readonly rest: Layer['values'] | undefined;

  constructor(name: string, layers: readonly Layer[], from: Included) {
    this.name = name;
    this.layers = layers;
    this.from = from;
    this.first = (layers[0] as Layer).values;
    this.rest = layers.length > 2 ? merged(layers.slice(1)) : layers[1]?.values;
  }

  get included(): readonly string[] {
    return this.from.included;
  }

  keys(): readonly string[] {
    return [...new Set(this.layers.toReversed().flatMap(({ values }) => [...values.keys()]))];
  }

  has(key: string): boolean {
    return this.layerWith(key) !== undefined;
  }

  get(key: string): string | undefined {
    return (this.first.get(key) ?? this.rest?.get(key)) || undefined;
  }

  value(key: string): PlacedValue | undefined {
    const layer = this.layerWith(key);
    return layer && placed(layer, entryIn(layer, key));
  }

  hasComment(key: string): boolean {
    const layer = this.layerWith(key);
    return layer !== undefined && hasComment(entryIn(layer, key), layer.document.text);
  }

  block(key: string): Block | undefined {
    const layer = this.layerWith(key);
    return layer && entryIn(layer, key).block;
  }

  blocks(): ReadonlyMap<string, Block> {
    const found = new Map<string, Block>();
    for (const key of this.keys()) {
      const block = this.block(key);
      if (block) found.set(key, block);
    }
    return found;
  }

  check(): void {
    // Report the config file before the credentials file.
    for (let at = this.layers.length - 1; at >= 0; at--) {
      const { document, fault } = this.layers[at] as Layer;
      if (fault) throw malformed(document, fault);
    }
    if (this.from.error) throw this.from.error;
  }

  private layerWith(key: string): Layer | undefined {
    return this.layers.find(({ values }) => values.has(key));
  }
}

function merged(layers: readonly Layer[]): Layer['values'] {
  return new Map(layers.toReversed().flatMap(({ values }) => [...values]));
}

/** Reads the section again, because only messages and a few keys need the place of a value. */
function entryIn({ document, header }: Layer, key: string): Entry {
  return readSection(document, header)?.get(key) as Entry;
}

/** Counts the line only when a message needs it. */
function placed({ name, document }: Layer, { value, start }: Entry): PlacedValue {
  return {
    value,
    profile: name,
    path: document.path,
    get line() {
      return lineAt(document, start);
    },
  };
}
