/** Code that is loaded when it is first needed, in a form that React's useSyncExternalStore reads. */
export class OnDemand<T> {
  readonly #import: () => Promise<T>;
  readonly #subscribers = new Set<() => void>();
  #loaded: T | undefined;
  #pending: Promise<T> | undefined;

  constructor(load: () => Promise<T>) {
    this.#import = load;
  }

  readonly subscribe = (changed: () => void): (() => void) => {
    this.#subscribers.add(changed);
    return () => {
      this.#subscribers.delete(changed);
    };
  };

  /** undefined: not loaded yet. */
  readonly read = (): T | undefined => this.#loaded;

  /** Rejects if the code cannot be loaded now; the next call tries again. */
  load(): Promise<T> {
    return (this.#pending ??= this.#import().then(
      (loaded) => {
        this.#loaded = loaded;
        for (const changed of [...this.#subscribers]) changed();
        return loaded;
      },
      (error: unknown) => {
        this.#pending = undefined;
        throw error;
      },
    ));
  }
}
