import type { Clock } from '../../base/clock.ts';
import type { StreamAnalytics, StreamId } from '../../platforms/platform.ts';

/**
 * The last analytics of live streams that platforms returned. Reading them costs no call beyond the regular checks of
 * the platforms.
 */
export class PlatformAnalytics {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #maxAgeMs: number;
  readonly #latest = new Map<
    string,
    { readonly at: number; readonly streams: ReadonlyMap<StreamId, StreamAnalytics> }
  >();

  /** Analytics older than `maxAgeMs` are not used: the platform may be out. */
  constructor(clock: Pick<Clock, 'monotonic'>, maxAgeMs: number) {
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
  }

  note(platform: string, streams: ReadonlyMap<StreamId, StreamAnalytics>): void {
    this.#latest.set(platform, { at: this.#clock.monotonic(), streams });
  }

  forget(platform: string): void {
    this.#latest.delete(platform);
  }

  /** Undefined where the platform returned none lately, or the stream is off air. */
  of(platform: string, id: StreamId): StreamAnalytics | undefined {
    const latest = this.#latest.get(platform);
    return latest === undefined || this.#clock.monotonic() - latest.at > this.#maxAgeMs
      ? undefined
      : latest.streams.get(id);
  }
}
