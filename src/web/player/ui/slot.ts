const nothing = (): void => undefined;

/** Holds what an effect has opened until a render shows it. */
export class Slot<T> {
  #opened: T | undefined;
  #changed: () => void = nothing;

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#changed = changed;
    return () => {
      this.#changed = nothing;
    };
  };

  readonly read = (): T | undefined => this.#opened;

  set(opened: T | undefined): void {
    this.#opened = opened;
    this.#changed();
  }
}
