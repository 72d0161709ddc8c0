import type { LiveChannel } from '../../api/live-channel.ts';
import { RESTART_WINDOW_MS } from '../timing.ts';
import { MANY_RESTARTS } from './channel-rules.ts';

interface Observed {
  readonly count: number;
  /** The newest restarts, in monotonic milliseconds. */
  readonly times: readonly number[];
}

const none: readonly number[] = [];

/** When the relays of channels restarted, from the count in their status. */
export class RecentRestarts {
  /** By channel uid. */
  readonly #observed = new Map<string, Observed>();

  /** Restarts that were observed within RESTART_WINDOW_MS; those before the first observation are not known. */
  observe({ metadata: { uid }, status }: LiveChannel, now: number): number {
    const count = status?.relay?.restarts ?? 0;
    const before = this.#observed.get(uid);
    if (before?.count === count && before.times.length === 0) return 0;
    const added = Math.max(0, count - (before?.count ?? count));
    const times = [
      ...(before?.times ?? none),
      ...Array.from({ length: Math.min(added, MANY_RESTARTS) }, () => now),
    ]
      .filter((at) => now - at < RESTART_WINDOW_MS)
      .slice(-MANY_RESTARTS);
    this.#observed.set(uid, { count, times });
    return times.length;
  }

  /** Forgets channels that do not exist. */
  keep(channels: readonly LiveChannel[]): void {
    if (this.#observed.size <= channels.length) return;
    const uids = new Set(channels.map(({ metadata }) => metadata.uid));
    for (const uid of this.#observed.keys()) if (!uids.has(uid)) this.#observed.delete(uid);
  }
}
