import type { BuyerFacts, Numbers, SellerChannel, ServiceState } from './facts.ts';
import { BUYERS_STALE_MS, fresh, STALE_MS } from './freshness.ts';
import type { HealthView } from './health.ts';
import { hlsOption } from './hls-option.ts';
import type { ChangeView, DelayView, DeliveryView, HistoryPoint, SellerSnapshot } from './snapshot.ts';

/** Everything that has arrived. Times are monotonic milliseconds. */
export interface SellerMemory {
  readonly service: ServiceState;
  readonly channel: SellerChannel | undefined;
  readonly announced: SellerSnapshot['announced'];
  readonly numbers: (Numbers & { readonly at: number }) | undefined;
  readonly buyers: BuyerFacts | undefined;
  readonly history: readonly HistoryPoint[] | undefined;
  readonly delivery: DeliveryView | undefined;
  readonly change: ChangeView | undefined;
}

export const emptyMemory: SellerMemory = {
  service: 'connecting',
  channel: undefined,
  announced: undefined,
  numbers: undefined,
  buyers: undefined,
  history: undefined,
  delivery: undefined,
  change: undefined,
};

/** A channel that is known only by its end. */
export const endedChannel: SellerChannel = {
  status: 'stopped',
  wanted: false,
  idle: false,
  ended: true,
  streamMode: 'hybrid',
  mode: undefined,
  platform: undefined,
  conditions: {},
};

/** Agora's part of the way from the host to the relay, which nothing measures: 0.3 to 0.6 s. */
const AGORA_SECONDS = 0.5;

interface Rest {
  readonly now: number;
  readonly health: HealthView;
  readonly grants: { readonly start: boolean; readonly stop: boolean };
}

/** What the components see: without what is too old. */
export function sellerSnapshot(memory: SellerMemory, { now, health, grants }: Rest): SellerSnapshot {
  const { service, channel, announced, history, delivery, change } = memory;
  const numbers = fresh(memory.numbers, now, STALE_MS);
  const media = fresh(numbers?.media, now, STALE_MS);
  const buyers = fresh(memory.buyers, now, BUYERS_STALE_MS);
  return {
    ...{ service, health, channel, announced, history, delivery, change },
    viewers: { hls: numbers?.hls, agora: numbers?.agora },
    numbersAge: secondsSince(numbers?.at, now),
    media: withoutTime(media),
    buyers: withoutTime(buyers),
    buyersAge: secondsSince(buyers?.at, now),
    delay: delayOf(buyers?.latencySeconds, media?.lagMs, delivery),
    canStart: grants.start,
    canStop: grants.stop,
  };
}

function withoutTime<T extends { readonly at: number }>(value: T | undefined): Omit<T, 'at'> | undefined {
  if (value === undefined) return undefined;
  const { at: _, ...rest } = value;
  return rest;
}

const secondsSince = (at: number | undefined, now: number): number | undefined =>
  at === undefined ? undefined : Math.max(0, Math.floor((now - at) / 1_000));

function delayOf(
  latencySeconds: number | undefined,
  lagMs: number | undefined,
  delivery: DeliveryView | undefined,
): DelayView | undefined {
  if (latencySeconds !== undefined) {
    const seconds = latencySeconds + (lagMs ?? 0) / 1_000 + AGORA_SECONDS;
    return { seconds: Math.round(seconds), measured: true };
  }
  const usual = hlsOption(delivery);
  return usual && { seconds: Math.round(usual.delaySeconds), measured: false };
}
