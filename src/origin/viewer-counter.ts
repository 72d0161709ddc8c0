import { sha256Hex } from '../base/digest.ts';

/** Limits of a ViewerCounter. */
export interface ViewerLimits {
  /** A player is counted for this time after its last request. */
  readonly windowMs: number;
  /** Players that one address can claim, of all streams. */
  readonly perAddress: number;
  /** Players of all streams and addresses; it bounds memory. */
  readonly total: number;
}

interface Seen {
  readonly at: number;
  readonly address: string;
}

/** Longer names are kept as a digest. */
const MAX_NAME_LENGTH = 32;

/**
 * Counts distinct players: those that requested the playlist within the last seconds. Anyone can claim to be another player
 * with every request, so what one address can claim is bounded.
 */
export class ViewerCounter {
  readonly #limits: ViewerLimits;
  readonly #lastSeen = new Map<string, Map<string, Seen>>();
  readonly #perAddress = new Map<string, number>();
  #total = 0;

  constructor(limits: ViewerLimits) {
    this.#limits = limits;
  }

  /** A player requested the playlist. `address`: of the connection; a player cannot choose it. */
  seen(playbackId: string, player: { readonly viewer: string; readonly address: string }, now: number): void {
    const viewers = this.#lastSeen.get(playbackId) ?? new Map<string, Seen>();
    const { address } = player;
    const viewer =
      player.viewer.length > MAX_NAME_LENGTH ? sha256Hex(player.viewer, MAX_NAME_LENGTH) : player.viewer;
    const known = viewers.get(viewer);
    if (known !== undefined) this.#forget(viewers, viewer, known);
    if (this.#total >= this.#limits.total || this.#claimedBy(address) >= this.#limits.perAddress) return;
    this.#lastSeen.set(playbackId, viewers);
    // Added at the end, so that the map stays in order of time and pruning can stop at the first recent entry.
    viewers.set(viewer, { at: now, address });
    this.#perAddress.set(address, this.#claimedBy(address) + 1);
    this.#total++;
  }

  count(playbackId: string, now: number): number {
    const viewers = this.#lastSeen.get(playbackId);
    if (!viewers) return 0;
    for (const [viewer, seen] of viewers) {
      if (now - seen.at < this.#limits.windowMs) break;
      this.#forget(viewers, viewer, seen);
    }
    if (viewers.size === 0) this.#lastSeen.delete(playbackId);
    return viewers.size;
  }

  /** Removes expired entries, including those of streams without requests. */
  prune(now: number): void {
    for (const playbackId of this.#lastSeen.keys()) this.count(playbackId, now);
  }

  #claimedBy(address: string): number {
    return this.#perAddress.get(address) ?? 0;
  }

  #forget(viewers: Map<string, Seen>, viewer: string, { address }: Seen): void {
    viewers.delete(viewer);
    this.#total--;
    const left = this.#claimedBy(address) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }
}
