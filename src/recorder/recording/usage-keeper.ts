import type { LiveChannel } from '../../api/live-channel.ts';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import type { Prices } from '../../costs/viewer-prices.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { PlatformError } from '../../platforms/errors.ts';
import type { PlatformUsage } from '../../platforms/platform.ts';
import type { CostEntry, Store } from '../../store/store.ts';
import { billedDelivery } from './billed-delivery.ts';
import { HOUR_MS, startOfHour } from '../../base/utc-time.ts';
import type { Ledger } from './ledger.ts';
import { channelKey } from './take-sample.ts';
import type { Task } from '../task.ts';
import type { Platforms } from './pricing-inputs.ts';

/** Hours whose usage could not be read are retried up to this age. */
const MAX_AGE_MS = 24 * HOUR_MS;

export interface UsageKeeperOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
  readonly store: Pick<Store, 'costsOf' | 'setCosts'>;
  readonly ledger: Pick<Ledger, 'correct'>;
  readonly channels: { list(): readonly LiveChannel[] };
  readonly platforms: Pick<Platforms, 'list'>;
  /** The platform's usage data; undefined if it has none, or is not usable now. */
  readonly usageOf: (platform: StreamingPlatform, signal: AbortSignal) => Promise<PlatformUsage | undefined>;
  readonly prices: () => Prices;
  /** Aborts requests in flight. */
  readonly signal: AbortSignal;
}

/**
 * Replaces estimated delivery with the platforms' usage data, hour by hour, once the data is final. After a change of
 * leader, the usage of settled hours is requested again, but their entries are no longer estimated and stay unchanged.
 */
export class UsageKeeper implements Task {
  readonly name = 'usage';
  readonly everyMs = 600_000;
  readonly #options: UsageKeeperOptions;
  /** Settled hours by platform, in Unix milliseconds. */
  readonly #done = new Map<string, Set<number>>();
  /** Platforms whose usage is unavailable, which has been logged. */
  readonly #logged = new Set<string>();

  constructor(options: UsageKeeperOptions) {
    this.#options = options;
  }

  async run(): Promise<boolean> {
    const { platforms, logger } = this.#options;
    for (const platform of platforms.list()) {
      const { name } = platform.metadata;
      try {
        await this.#follow(platform);
        this.#logged.delete(name);
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
        if (!this.#logged.has(name))
          logger.warn(
            { platform: name, reason: error.reason },
            `platform usage is unavailable; delivery remains estimated: ${error.message}`,
          );
        this.#logged.add(name);
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
    const to = new Date(hour.getTime() + HOUR_MS);
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

/** Hours whose usage data is final, oldest first. */
function hoursDue(now: Date, settledAfterMs: number): readonly Date[] {
  const end = startOfHour(new Date(now.getTime() - settledAfterMs)).getTime();
  return Array.from(
    { length: MAX_AGE_MS / HOUR_MS },
    (_, index) => new Date(end - MAX_AGE_MS + index * HOUR_MS),
  );
}

const isOpen = ({ platform, line, estimated }: CostEntry, { metadata }: StreamingPlatform): boolean =>
  estimated && line === 'delivery' && platform === metadata.name;

/** Excludes entries of an earlier channel of the same name. */
const isOf = ({ show }: CostEntry, { metadata }: LiveChannel): boolean =>
  show.getTime() >= Date.parse(metadata.creationTimestamp ?? '');

const isSame = (one: CostEntry, other: CostEntry): boolean =>
  one.channelId === other.channelId && one.show.getTime() === other.show.getTime();
