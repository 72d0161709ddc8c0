import { inspect } from 'node:util';

/**
 * A value that must never be shown: it prints as [redacted] in logs, errors, JSON and the debugger.
 * `reveal()` is the only access to the value, so that every use can be found.
 */
export class SecretText {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[redacted]';
  }

  toJSON(): string {
    return '[redacted]';
  }

  [inspect.custom](): string {
    return '[redacted]';
  }
}
