import type { Clock } from './clock.ts';
import type { Engine, EngineEvent, OpenEngine } from './engine.ts';

/** Loading the engine's code. */
const OPEN_MS = 20_000;

type OnEvent = (event: EngineEvent) => void;

export type EngineState = 'opening' | 'open' | 'failed' | 'unsupported';

export interface EngineSlotOptions {
  /** The element that plays. */
  readonly video: () => HTMLVideoElement;
  readonly open: OpenEngine;
  readonly clock: Clock;
  readonly onEvent: OnEvent;
  /** An engine is open, or it is known that none will be. */
  readonly onSettled: () => void;
}

/** The engine that plays, and the one that replaces it. What an earlier one reports late is dropped. */
export class EngineSlot {
  readonly #options: EngineSlotOptions;
  #engine: Engine | undefined;
  #state: EngineState = 'opening';
  #number = 0;
  #stopTimer: () => void = () => undefined;

  constructor(options: EngineSlotOptions) {
    this.#options = options;
  }

  get engine(): Engine | undefined {
    return this.#engine;
  }

  get state(): EngineState {
    return this.#state;
  }

  /** `bandwidth`: bit/s that the last engine measured. */
  open(bandwidth: number | undefined): void {
    const { video, open, clock } = this.#options;
    this.#close();
    this.#state = 'opening';
    const number = this.#number;
    this.#stopTimer = clock.schedule(OPEN_MS, () => this.#settle(number, 'failed'));
    open({
      video: video(),
      bandwidth,
      onEvent: this.#listener(),
    }).then(
      (engine) => this.#settle(number, engine === undefined ? 'unsupported' : 'open', engine),
      () => this.#settle(number, 'failed'),
    );
  }

  /** Goes on with an engine that was opened elsewhere, which reports to `onEvent`. Returns the one before it. */
  replace(engine: Engine): { readonly before: Engine | undefined; readonly onEvent: OnEvent } {
    const before = this.#engine;
    this.#engine = undefined;
    this.#close();
    this.#engine = engine;
    this.#state = 'open';
    return { before, onEvent: this.#listener() };
  }

  destroy(): void {
    this.#close();
  }

  /** For the events of the engine that is current now, for as long as it is. */
  #listener(): OnEvent {
    const number = this.#number;
    return (event) => {
      if (number === this.#number) this.#options.onEvent(event);
    };
  }

  #close(): void {
    this.#number++;
    this.#stopTimer();
    this.#engine?.destroy();
    this.#engine = undefined;
  }

  #settle(number: number, state: EngineState, engine?: Engine): void {
    if (number !== this.#number) {
      engine?.destroy();
      return;
    }
    this.#stopTimer();
    // One that is opened too late is of no use.
    if (state === 'failed') this.#number++;
    this.#engine = engine;
    this.#state = state;
    this.#options.onSettled();
  }
}
