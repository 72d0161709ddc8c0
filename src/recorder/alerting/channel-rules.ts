import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { availabilityOf } from '../recording/availability.ts';
import {
  FALLBACK_RAISE_MS,
  FALLBACK_RESOLVE_MS,
  OFF_AIR_RAISE_MS,
  OFF_AIR_RESOLVE_MS,
  RESTART_WINDOW_MS,
} from '../timing.ts';
import type { AlertRule } from './rule.ts';

/** Restarts within RESTART_WINDOW_MS that raise the alert. One or two may be a node that is drained, or a new image. */
export const MANY_RESTARTS = 3;

/** What the rules know of a channel. */
export interface ChannelFacts {
  readonly channel: LiveChannel;
  readonly now: Date;
  /** Restarts of its relay that were observed within RESTART_WINDOW_MS. */
  readonly recentRestarts: number;
}

export interface ChannelRule extends AlertRule<ChannelFacts> {
  /** The platform whose outage may be the cause: the one in use, or the one that should be in use. */
  readonly blames: 'current' | 'desired';
}

export const channelRules: readonly ChannelRule[] = [
  {
    // A channel that waits for its host is as its owner wants it.
    kind: 'ChannelOffAir',
    raiseAfterMs: OFF_AIR_RAISE_MS,
    resolveAfterMs: OFF_AIR_RESOLVE_MS,
    blames: 'current',
    cause: ({ channel }) => {
      // On air, as nearly all are: the cheap test first.
      if (channel.status?.relayStatus === 'active' || availabilityOf(channel) !== 'off-air') return undefined;
      const ready = findCondition(channel.status?.conditions, 'Ready');
      const why = ready === undefined ? 'It has no status yet.' : `${ready.reason}: ${ready.message}`;
      return `The channel should be on air, and is not. ${why}`;
    },
  },
  {
    kind: 'FallbackActive',
    raiseAfterMs: FALLBACK_RAISE_MS,
    resolveAfterMs: FALLBACK_RESOLVE_MS,
    blames: 'desired',
    cause: ({ channel }) => {
      const fallback = findCondition(channel.status?.conditions, 'FallbackActive');
      return fallback?.status === 'True' && !isDeleting(channel) ? fallback.message : undefined;
    },
  },
  {
    // The window is the hold, in both directions.
    kind: 'RelayRestarting',
    raiseAfterMs: 0,
    resolveAfterMs: 0,
    blames: 'current',
    cause: ({ channel, now, recentRestarts }, isOpen) => {
      const relay = channel.status?.relay;
      if (relay === undefined || isDeleting(channel)) return undefined;
      const last = Date.parse(relay.lastRestartTime ?? '');
      const isRecent = now.getTime() - last < RESTART_WINDOW_MS;
      if (isOpen ? !isRecent : recentRestarts < MANY_RESTARTS) return undefined;
      return `The relay restarted ${recentRestarts} times within ${RESTART_WINDOW_MS / 60_000} min, the last time because of ${relay.lastRestartReason ?? 'an unknown reason'}.`;
    },
  },
];

const isDeleting = ({ metadata }: LiveChannel): boolean => metadata.deletionTimestamp !== undefined;
