import type { LiveChannel } from '../../api/live-channel.ts';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import type { Prices } from '../../costs/viewer-prices.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { PlatformError } from '../../platforms/errors.ts';
import type { PlatformUsage } from '../../platforms/platform.ts';
import type { CostEntry, Store } from '../../store/store.ts';
import { billedDelivery } from './billed-delivery.ts';
import { hourMs, startOfHour, type Ledger } from './ledger.ts';
import { channelKey } from './take-sample.ts';
import type { Task } from '../task.ts';
import type { Platforms } from './pricing-inputs.ts';

/** How far back an hour is asked for that could not be had before. */
const triedMs = 24 * hourMs;

export interface UsageKeeperOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
  readonly store: Pick<Store, 'costsOf' | 'setCosts'>;
  readonly ledger: Pick<Ledger, 'correct'>;
  readonly channels: { list(): readonly LiveChannel[] };
  readonly platforms: Pick<Platforms, 'list'>;
  /** The platform's own figures; undefined where it has none, or cannot be used now. */
  readonly usageOf: (platform: StreamingPlatform, signal: AbortSignal) => Promise<PlatformUsage | undefined>;
  readonly prices: () => Prices;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/**
 * Puts what platforms say that they have delivered in the place of what was estimated, hour by hour, once they know.
 * An hour that was done by another leader is asked for again, and found to be done.
 */
export class UsageKeeper implements Task {
  readonly name = 'usage';
  readonly everyMs = 600_000;
  readonly #options: UsageKeeperOptions;
  /** By platform: the hours that are done, Unix milliseconds. */
  readonly #done = new Map<string, Set<number>>();
  /** Platforms whose figures could not be had, which was told. */
  readonly #told = new Set<string>();

  constructor(options: UsageKeeperOptions) {
    this.#options = options;
  }

  async run(): Promise<boolean> {
    const { platforms, logger } = this.#options;
    for (const platform of platforms.list()) {
      const { name } = platform.metadata;
      try {
        await this.#follow(platform);
        this.#told.delete(name);
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
        if (!this.#told.has(name))
          logger.warn(
            { platform: name, reason: error.reason },
            `platform usage is unavailable; delivery remains estimated: ${error.message}`,
          );
        this.#told.add(name);
      }
    }
    return false;
  }

  async #follow(platform: StreamingPlatform): Promise<void> {
    const { clock, usageOf, signal } = this.#options;
    const usage = await usageOf(platform, signal);
    if (usage === undefined) return;
    const due = hoursDue(clock.now(), usage.settledAfterMs);
    const { name } = platform.metadata;
    const before = this.#done.get(name);
    const done = new Set(due.map(Number).filter((hour) => before?.has(hour) === true));
    this.#done.set(name, done);
    for (const hour of due.filter((each) => !done.has(Number(each)))) {
      await this.#settle(platform, usage, hour);
      done.add(Number(hour));
    }
  }

  async #settle(platform: StreamingPlatform, usage: PlatformUsage, hour: Date): Promise<void> {
    const { store, ledger, channels, signal } = this.#options;
    const to = new Date(hour.getTime() + hourMs);
    const delivered = new Map<string, number>();
    for (const { owner, viewerSeconds } of await usage.delivered(hour, to, signal))
      if (owner.platform === platform.metadata.name)
        delivered.set(owner.channelUid, (delivered.get(owner.channelUid) ?? 0) + viewerSeconds);
    const watched = channels.list().filter(({ metadata: { uid } }) => delivered.has(uid));
    for (const [namespace, its] of Map.groupBy(watched, (each) => channelKey(each).namespace)) {
      const entries = await store.costsOf({ namespace, from: hour, to });
      const open = entries.filter((each) => isOpen(each, platform));
      const byChannel = Map.groupBy(open, ({ channelId }) => channelId);
      const billed = its.flatMap((channel) =>
        billedDelivery(
          (byChannel.get(channelKey(channel).channelId) ?? []).filter((each) => isOf(each, channel)),
          delivered.get(channel.metadata.uid) ?? 0,
          this.#priceOf(platform, channel),
        ),
      );
      if (billed.length === 0) continue;
      await store.setCosts(billed);
      for (const entry of billed) {
        const estimate = open.find((each) => isSame(each, entry));
        ledger.correct(entry, entry.microDollars - (estimate?.microDollars ?? 0));
      }
    }
  }

  #priceOf({ spec }: StreamingPlatform, channel: LiveChannel): number {
    const rates = this.#options.prices().platforms[spec.provider];
    return rates?.delivery[channel.spec.relay.maxResolution] ?? 0;
  }
}

/** The hours whose figures are whole by now, the oldest first. */
function hoursDue(now: Date, settledAfterMs: number): readonly Date[] {
  const end = startOfHour(new Date(now.getTime() - settledAfterMs)).getTime();
  return Array.from({ length: triedMs / hourMs }, (_, index) => new Date(end - triedMs + index * hourMs));
}

const isOpen = ({ platform, line, estimated }: CostEntry, { metadata }: StreamingPlatform): boolean =>
  estimated && line === 'delivery' && platform === metadata.name;

/** And not of an earlier channel of that name. */
const isOf = ({ show }: CostEntry, { metadata }: LiveChannel): boolean =>
  show.getTime() >= Date.parse(metadata.creationTimestamp ?? '');

const isSame = (one: CostEntry, other: CostEntry): boolean =>
  one.channelId === other.channelId && one.show.getTime() === other.show.getTime();
