import type { Engine, EngineEvent, EngineFacts, EngineOptions } from '../../../src/web/player/core/engine.ts';

/** An engine that does what a test says, and records what it was asked to do. */
export class FakeEngine implements Engine {
  readonly calls: string[] = [];
  readonly #onEvent: (event: EngineEvent) => void;
  values: EngineFacts = {
    playingDate: undefined,
    liveSyncPosition: 0,
    targetLatencySeconds: 4,
    bufferedSeconds: 4,
    bandwidth: 5_000_000,
    bitrate: 2_000_000,
  };

  constructor({ onEvent }: EngineOptions) {
    this.#onEvent = onEvent;
  }

  emit(...events: readonly EngineEvent[]): void {
    for (const event of events) this.#onEvent(event);
  }

  load(url: string): void {
    this.calls.push(`load ${url}`);
  }

  stopLoading(): void {
    this.calls.push('stopLoading');
  }

  startLoading(): void {
    this.calls.push('startLoading');
  }

  recoverMedia(): void {
    this.calls.push('recoverMedia');
  }

  setLevel(index: number | undefined): void {
    this.calls.push(`setLevel ${String(index)}`);
  }

  capLevel(index: number | undefined): void {
    this.calls.push(`capLevel ${String(index)}`);
  }

  setCaptions(on: boolean): void {
    this.calls.push(`setCaptions ${String(on)}`);
  }

  facts(): EngineFacts {
    return this.values;
  }

  destroy(): void {
    this.calls.push('destroy');
  }

  /** What was called since the last time. */
  take(): string[] {
    return this.calls.splice(0);
  }
}
