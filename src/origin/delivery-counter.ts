/** Counts the bytes of segments that were sent to viewers, by playback ID, since this process started. */
export class DeliveryCounter {
  readonly #bytes = new Map<string, number>();

  sent(playbackId: string, bytes: number): void {
    this.#bytes.set(playbackId, this.count(playbackId) + bytes);
  }

  count(playbackId: string): number {
    return this.#bytes.get(playbackId) ?? 0;
  }

  forget(playbackId: string): void {
    this.#bytes.delete(playbackId);
  }
}
