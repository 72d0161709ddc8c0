import { streamDelayMs } from '../core/backoff.ts';
import type { Clock } from '../core/clock.ts';
import { unknownChannel, type ChannelSource, type ChannelState } from './channel-state.ts';
import type { ServiceSource } from './service-source.ts';

export interface ServiceOnDemandOptions {
  /** Loads the code that talks to the service, and opens the channel. */
  readonly open: () => Promise<ServiceSource>;
  readonly clock: Clock;
  /** Returns a number from 0 to 1. */
  readonly random: () => number;
}

/**
 * A channel of the service from the first moment on, while the code for it is loaded beside the engine's. Code that cannot be
 * loaded is a service that cannot be reached.
 */
export class ServiceOnDemand implements ChannelSource {
  readonly #options: ServiceOnDemandOptions;
  readonly #subscribers = new Set<(state: ChannelState) => void>();
  #service: ServiceSource | undefined;
  #state = unknownChannel;
  #attempts = 0;
  #loading = false;
  #destroyed = false;
  #stopRetry: () => void = () => undefined;

  constructor(options: ServiceOnDemandOptions) {
    this.#options = options;
    this.#load();
  }

  /** undefined until its code is loaded. */
  get service(): ServiceSource | undefined {
    return this.#service;
  }

  subscribe(changed: (state: ChannelState) => void): () => void {
    if (this.#service !== undefined) return this.#service.subscribe(changed);
    this.#subscribers.add(changed);
    return () => {
      this.#subscribers.delete(changed);
    };
  }

  state(): ChannelState {
    return this.#service?.state() ?? this.#state;
  }

  refresh(): void {
    if (this.#service === undefined) this.#load();
    else this.#service.refresh();
  }

  clockSkewMs(): number | undefined {
    return this.#service?.clockSkewMs();
  }

  destroy(): void {
    this.#destroyed = true;
    this.#stopRetry();
    this.#subscribers.clear();
    this.#service?.destroy();
  }

  #load(): void {
    if (this.#loading || this.#destroyed) return;
    this.#loading = true;
    this.#stopRetry();
    this.#options.open().then(
      (service) => {
        if (this.#destroyed) service.destroy();
        else this.#follow(service);
      },
      () => {
        this.#fail();
      },
    );
  }

  #follow(service: ServiceSource): void {
    this.#service = service;
    service.subscribe((state) => {
      this.#publish(state);
    });
    this.#publish(service.state());
  }

  #fail(): void {
    this.#loading = false;
    if (this.#destroyed) return;
    this.#state = { ...unknownChannel, service: 'away' };
    const { clock, random } = this.#options;
    this.#stopRetry = clock.schedule(streamDelayMs(++this.#attempts, random), () => {
      this.#load();
    });
    this.#publish(this.#state);
  }

  #publish(state: ChannelState): void {
    for (const changed of [...this.#subscribers]) changed(state);
  }
}
