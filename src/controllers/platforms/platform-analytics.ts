import type { Clock } from '../../base/clock.ts';
import type { StreamAnalytics, StreamId } from '../../platforms/platform.ts';

/**
 * What platforms said last of their live streams, for whoever wants to know: it costs no call beyond those that look
 * after the platforms.
 */
export class PlatformAnalytics {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #maxAgeMs: number;
  readonly #said = new Map<
    string,
    { readonly at: number; readonly streams: ReadonlyMap<StreamId, StreamAnalytics> }
  >();

  /** An answer that is older than `maxAgeMs` says nothing: the platform may be out. */
  constructor(clock: Pick<Clock, 'monotonic'>, maxAgeMs: number) {
    this.#clock = clock;
    this.#maxAgeMs = maxAgeMs;
  }

  note(platform: string, streams: ReadonlyMap<StreamId, StreamAnalytics>): void {
    this.#said.set(platform, { at: this.#clock.monotonic(), streams });
  }

  forget(platform: string): void {
    this.#said.delete(platform);
  }

  /** undefined where the platform did not say lately, or the stream is off air. */
  of(platform: string, id: StreamId): StreamAnalytics | undefined {
    const said = this.#said.get(platform);
    return said === undefined || this.#clock.monotonic() - said.at > this.#maxAgeMs
      ? undefined
      : said.streams.get(id);
  }
}
