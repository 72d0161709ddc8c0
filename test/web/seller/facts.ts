import type {
  BuyerFacts,
  HealthFacts,
  MediaFacts,
  SellerChannel,
  UplinkFacts,
} from '../../../src/web/seller/core/facts.ts';

/** An ordinary show on air. */
export const onAir: SellerChannel = {
  status: 'active',
  wanted: true,
  idle: false,
  ended: false,
  streamMode: 'hybrid',
  mode: 'hybrid',
  platform: 'ivs',
  conditions: {
    RelayReady: { status: 'True', reason: 'Live', since: undefined },
    StreamReady: { status: 'True', reason: 'StreamCreated', since: undefined },
    HostPresent: { status: 'True', reason: 'HostPublishing', since: undefined },
  },
};

export const goodMedia: MediaFacts = {
  at: 0,
  output: 'live',
  host: { video: true, audio: true },
  inKbps: 2_500,
  frameRate: 30,
  width: 1_280,
  height: 720,
  keyframeSeconds: 2,
  soundLateMs: 20,
  lagMs: 200,
  lossPercent: 0.1,
  congested: false,
};

export const goodBuyers: BuyerFacts = {
  at: 0,
  connected: 46,
  watching: 41,
  sessions: 44,
  stalledShare: 0.002,
  latencySeconds: 5,
};

export const goodUplink: UplinkFacts = { at: 0, quality: 1, lossPercent: 0 };

export interface FactChanges {
  readonly service?: HealthFacts['service'];
  readonly channel?: Partial<SellerChannel> | undefined;
  readonly media?: Partial<MediaFacts> | undefined;
  readonly buyers?: Partial<BuyerFacts> | undefined;
  readonly uplink?: Partial<UplinkFacts> | undefined;
  readonly expectedDelaySeconds?: number | undefined;
}

/** All as good and as new as can be at `now`, but for the changes; undefined: unknown. */
export function factsAt(now: number, changes: FactChanges = {}): HealthFacts {
  const isUnknown = (name: keyof FactChanges): boolean => name in changes && changes[name] === undefined;
  return {
    now,
    service: changes.service ?? 'ok',
    channel: isUnknown('channel') ? undefined : { ...onAir, ...changes.channel },
    media: isUnknown('media') ? undefined : { ...goodMedia, at: now, ...changes.media },
    buyers: isUnknown('buyers') ? undefined : { ...goodBuyers, at: now, ...changes.buyers },
    uplink: isUnknown('uplink') ? undefined : { ...goodUplink, at: now, ...changes.uplink },
    expectedDelaySeconds: isUnknown('expectedDelaySeconds') ? undefined : (changes.expectedDelaySeconds ?? 5),
  };
}
