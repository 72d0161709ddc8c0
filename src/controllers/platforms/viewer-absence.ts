import type { Clock } from '../../base/clock.ts';
import type { StreamAnalytics, StreamId } from '../../platforms/platform.ts';
import { VIEWER_COUNT_MAX_AGE_MS } from '../timing.ts';

/**
 * Since when streams have had no viewers, as their platforms count them. It is kept in memory: after a restart of the
 * operator the time counts from the beginning, so that a relay becomes idle later, never earlier.
 */
export class ViewerAbsence {
  readonly #clock: Pick<Clock, 'now'>;
  /** By platform, then by stream. */
  readonly #empty = new Map<string, Map<string, Date>>();
  readonly #notedAt = new Map<string, number>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** Records the analytics of all live streams of the platform. */
  note(platform: string, analytics: ReadonlyMap<StreamId, StreamAnalytics>): void {
    const now = this.#clock.now();
    const stale = now.getTime() - (this.#notedAt.get(platform) ?? -Infinity) > VIEWER_COUNT_MAX_AGE_MS;
    const before = stale ? undefined : this.#empty.get(platform);
    const empty = [...analytics].filter(([, { viewers }]) => viewers === 0);
    this.#empty.set(platform, new Map(empty.map(([id]) => [id, before?.get(id) ?? now])));
    this.#notedAt.set(platform, now.getTime());
  }

  /** Undefined while the stream has viewers, or while this is unknown. */
  since(platform: string, streamId: string): Date | undefined {
    const age = this.#clock.now().getTime() - (this.#notedAt.get(platform) ?? -Infinity);
    return age > VIEWER_COUNT_MAX_AGE_MS ? undefined : this.#empty.get(platform)?.get(streamId);
  }

  forget(platform: string): void {
    this.#empty.delete(platform);
    this.#notedAt.delete(platform);
  }
}
