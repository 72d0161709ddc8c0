import { findCondition } from '../../api/conditions.ts';
import type { StreamingPlatform } from '../../api/streaming-platform.ts';
import {
  MANY_RAISE_MS,
  MANY_RESOLVE_MS,
  ORPHANS_RAISE_MS,
  ORPHANS_RESOLVE_MS,
  PLATFORM_RAISE_MS,
  PLATFORM_RESOLVE_MS,
  QUOTA_RAISE_MS,
  QUOTA_RESOLVE_MS,
} from '../timing.ts';
import type { AlertRule } from './rule.ts';

/** Channels with a problem at once: from MANY_CHANNELS on, one alert stands for them until they are FEW_CHANNELS. */
export const MANY_CHANNELS = 20;
export const FEW_CHANNELS = 10;
/** Shares of the limit of streams at which the quota is nearly full, and no longer nearly full. */
const NEARLY_FULL = 0.9;
const NO_LONGER_FULL = 0.85;
/** Of smaller limits, 90% are all: `rtmp` has one stream, and it is in use. There, only a refused stream counts. */
const SMALLEST_LIMIT = 10;

/** What the rules know of a platform. */
export interface PlatformFacts {
  readonly platform: StreamingPlatform;
  /** The limit of streams; undefined: none is known. */
  readonly maxStreams: number | undefined;
  /** Channels that wait for a stream because of the quota. */
  readonly refused: number;
  /** Channels that have a problem for which the platform may be the cause. */
  readonly affected: number;
}

export const platformRules: readonly AlertRule<PlatformFacts>[] = [
  {
    kind: 'PlatformNotReady',
    raiseAfterMs: PLATFORM_RAISE_MS,
    resolveAfterMs: PLATFORM_RESOLVE_MS,
    cause: ({ platform }) => notReady(platform),
  },
  {
    kind: 'ManyChannelsAffected',
    raiseAfterMs: MANY_RAISE_MS,
    resolveAfterMs: MANY_RESOLVE_MS,
    cause: ({ affected }, isOpen) =>
      affected >= (isOpen ? FEW_CHANNELS : MANY_CHANNELS)
        ? `${affected} channels of the platform are off air, on their fallback, or have relays that restart.`
        : undefined,
  },
  {
    kind: 'QuotaNearlyFull',
    raiseAfterMs: QUOTA_RAISE_MS,
    resolveAfterMs: QUOTA_RESOLVE_MS,
    cause: ({ platform, maxStreams, refused }, isOpen) => {
      if (refused > 0)
        return `${refused} ${refused === 1 ? 'channel waits' : 'channels wait'} for a stream, because the platform has reached its limit.`;
      const { streams } = platform.status ?? {};
      if (streams === undefined || maxStreams === undefined || maxStreams < SMALLEST_LIMIT) return undefined;
      const isFull = streams >= (isOpen ? NO_LONGER_FULL : NEARLY_FULL) * maxStreams;
      return isFull ? `The platform has ${streams} of at most ${maxStreams} streams.` : undefined;
    },
  },
  {
    kind: 'OrphanedStreams',
    raiseAfterMs: ORPHANS_RAISE_MS,
    resolveAfterMs: ORPHANS_RESOLVE_MS,
    cause: ({ platform }) => {
      const orphaned = findCondition(platform.status?.conditions, 'OrphanedStreams');
      return orphaned?.status === 'True' ? orphaned.message : undefined;
    },
  },
];

/** Why the platform is not Ready; undefined if it is, was not checked yet, or is being deleted. */
export function notReady({ metadata, status }: StreamingPlatform): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return undefined;
  const ready = findCondition(status?.conditions, 'Ready');
  return ready?.status === 'False' ? `${ready.reason}: ${ready.message}` : undefined;
}
