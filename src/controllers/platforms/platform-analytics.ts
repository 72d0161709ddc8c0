import type { Clock } from '../../base/clock.ts';
import type { StreamAnalytics, StreamId } from '../../platforms/platform.ts';

/** The last analytics of live streams, from the regular checks of the platforms. Reading them requires no calls. */
export class PlatformAnalytics {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #maxAgeMs: number;
  readonly #latest = new Map<
    string,
    { readonly at: number; readonly streams: ReadonlyMap<StreamId, StreamAnalytics> }
  >();

  /** Analytics older than `maxAgeMs` are not used, because the platform may be unavailable. */
  constructor(clock: Pick<Clock, 'monotonic'>, maxAgeMs: number) {
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
  }

  /** Records the analytics of all live streams of the platform. */
  note(platform: string, streams: ReadonlyMap<StreamId, StreamAnalytics>): void {
    this.#latest.set(platform, { at: this.#clock.monotonic(), streams });
  }

  forget(platform: string): void {
    this.#latest.delete(platform);
  }

  /** Undefined if the platform has returned none recently, or if the stream is off air. */
  of(platform: string, id: StreamId): StreamAnalytics | undefined {
    const latest = this.#latest.get(platform);
    return latest === undefined || this.#clock.monotonic() - latest.at > this.#maxAgeMs
      ? undefined
      : latest.streams.get(id);
  }
}
