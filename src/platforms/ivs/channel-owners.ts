import { isOwnedBy } from './ivs-streams.ts';
import type { IvsChannelSummary } from './ivs-answers.ts';

/**
 * Cache of the known channels: which belong to this cluster and which do not. ListStreams does not return the tags of a
 * channel, and a channel never changes from one cluster to another, so each channel is requested only once.
 */
export class ChannelOwners {
  readonly #clusterId: string;
  readonly #ours = new Set<string>();
  readonly #others = new Set<string>();

  constructor(clusterId: string) {
    this.#clusterId = clusterId;
  }

  /** Whether the channel is known to belong to this cluster. */
  isOurs({ arn }: Pick<IvsChannelSummary, 'arn'>): boolean {
    return this.#ours.has(arn);
  }

  /** Records the owner of a channel that IVS returned. */
  saw(channel: IvsChannelSummary): void {
    this.forget(channel.arn);
    (isOwnedBy(this.#clusterId, channel) ? this.#ours : this.#others).add(channel.arn);
  }

  /** Removes a channel that was deleted or disowned. */
  forget(arn: string): void {
    this.#ours.delete(arn);
    this.#others.delete(arn);
  }

  /** The live channels whose owner is not known yet. Other clusters' channels that are no longer live are removed. */
  unknownAmong(live: readonly string[]): readonly string[] {
    const stillLive = new Set(live);
    for (const arn of this.#others) if (!stillLive.has(arn)) this.#others.delete(arn);
    return live.filter((arn) => !this.#ours.has(arn) && !this.#others.has(arn));
  }
}
