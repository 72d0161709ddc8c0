import type { IncomingStream, IncomingOptions } from './incoming-stream.ts';
import type { IncomingState } from './supervision.ts';

/** Loads the code for it, and prepares a stream beside the one that plays. */
export type OpenIncoming = (options: IncomingOptions) => Promise<IncomingStream>;

/** The stream that is prepared, and what was prepared before it. */
export class IncomingSlot {
  readonly #open: OpenIncoming;
  #stream: IncomingStream | undefined;
  #state: IncomingState = 'none';
  #number = 0;

  constructor(open: OpenIncoming) {
    this.#open = open;
  }

  get state(): IncomingState {
    return this.#stream?.state ?? this.#state;
  }

  open(options: IncomingOptions): void {
    this.drop();
    this.#state = 'loading';
    const number = this.#number;
    this.#open(options).then(
      (stream) => {
        if (number === this.#number) this.#stream = stream;
        else stream.destroy();
      },
      () => {
        if (number === this.#number) this.#state = 'failed';
      },
    );
  }

  /** What is ready, for the one who shows it. */
  take(): IncomingStream | undefined {
    const stream = this.#stream;
    this.#stream = undefined;
    this.drop();
    return stream;
  }

  drop(): void {
    this.#number++;
    this.#state = 'none';
    this.#stream?.destroy();
    this.#stream = undefined;
  }
}
