/** Counts distinct players: those that requested the playlist within the last seconds. */
export class ViewerCounter {
  readonly #windowMs: number;
  readonly #lastSeen = new Map<string, Map<string, number>>();

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  seen(playbackId: string, viewer: string, now: number): void {
    const viewers = this.#lastSeen.get(playbackId) ?? new Map<string, number>();
    this.#lastSeen.set(playbackId, viewers);
    // Deleted first, so that the map stays in order of time and pruning can stop at the first recent entry.
    viewers.delete(viewer);
    viewers.set(viewer, now);
  }

  count(playbackId: string, now: number): number {
    const viewers = this.#lastSeen.get(playbackId);
    if (!viewers) return 0;
    for (const [viewer, at] of viewers) {
      if (now - at < this.#windowMs) break;
      viewers.delete(viewer);
    }
    if (viewers.size === 0) this.#lastSeen.delete(playbackId);
    return viewers.size;
  }

  /** Removes expired entries, including those of streams without requests. */
  prune(now: number): void {
    for (const playbackId of this.#lastSeen.keys()) this.count(playbackId, now);
  }
}
