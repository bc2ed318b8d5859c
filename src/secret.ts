/**
 * A value that prints as `[secret]` wherever it is printed by accident: in a template, in JSON, in an
 * inspected object, in an error. `reveal()` is the only way to the value, so that one search finds every use.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]';
  }
}

/** A secret that is still in its key store. Code that forgets to read it from there fails. */
export class UnreadSecret extends Secret {
  constructor() {
    super('');
  }

  override reveal(): never {
    throw new Error('a secret that is still in its key store');
  }
}
