import type { LiveChannel } from '../../api/live-channel.ts';
import { RESTART_WINDOW_MS } from '../timing.ts';
import { MANY_RESTARTS } from './channel-rules.ts';

/** When the relays of channels restarted, from the count in their status. Only channels whose relay restarts are kept. */
export class RecentRestarts {
  /** By channel uid: the last count. */
  #counts = new Map<string, number>();
  /** By channel uid: the newest restarts, in monotonic milliseconds. */
  readonly #times = new Map<string, readonly number[]>();

  /** Restarts that were observed within RESTART_WINDOW_MS; those before the first observation are not known. */
  observe({ metadata: { uid }, status }: LiveChannel, now: number): number {
    const count = status?.relay?.restarts ?? 0;
    const added = Math.max(0, count - (this.#counts.get(uid) ?? count));
    this.#counts.set(uid, count);
    const before = this.#times.get(uid) ?? [];
    if (added === 0 && before.length === 0) return 0;
    const times = [...before, ...Array.from({ length: Math.min(added, MANY_RESTARTS) }, () => now)]
      .filter((at) => now - at < RESTART_WINDOW_MS)
      .slice(-MANY_RESTARTS);
    if (times.length === 0) this.#times.delete(uid);
    else this.#times.set(uid, times);
    return times.length;
  }

  /** Forgets all channels but these. */
  keep(uids: ReadonlySet<string>): void {
    this.#counts = new Map([...this.#counts].filter(([uid]) => uids.has(uid)));
    for (const uid of this.#times.keys()) if (!uids.has(uid)) this.#times.delete(uid);
  }
}
