import { isOwnedBy } from './ivs-streams.ts';
import type { IvsChannelSummary } from './ivs-answers.ts';

/**
 * Which channels are ours, as far as anybody has looked. ListStreams does not say whose a stream is, and a channel is
 * not given to another cluster: what was seen once need not be asked again.
 */
export class ChannelOwners {
  readonly #clusterId: string;
  readonly #ours = new Set<string>();
  readonly #others = new Set<string>();

  constructor(clusterId: string) {
    this.#clusterId = clusterId;
  }

  isOurs({ arn }: Pick<IvsChannelSummary, 'arn'>): boolean {
    return this.#ours.has(arn);
  }

  saw(channel: IvsChannelSummary): void {
    this.forget(channel.arn);
    (isOwnedBy(this.#clusterId, channel) ? this.#ours : this.#others).add(channel.arn);
  }

  forget(arn: string): void {
    this.#ours.delete(arn);
    this.#others.delete(arn);
  }

  /** Those of them that nobody has looked at. What of others' is not live any more is forgotten. */
  unknownAmong(live: readonly string[]): readonly string[] {
    const stillLive = new Set(live);
    for (const arn of this.#others) if (!stillLive.has(arn)) this.#others.delete(arn);
    return live.filter((arn) => !this.#ours.has(arn) && !this.#others.has(arn));
  }
}
