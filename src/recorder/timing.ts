import type { Timing } from '../base/timing.ts';

/**
 * Every duration and threshold of src/recorder that users can notice in alerts and webhooks. docs/reference/timings.md is
 * generated from the table at the end; a test checks that each duration is in the table. The sentences of
 * src/api/alerts.ts repeat them.
 */

/** Interval of checking all channels and platforms for causes of alerts. */
export const ALERT_CHECK_MS = 5_000;

/** A relay is replaced, or fails over, well within this time. What takes longer needs someone to look at it. */
export const OFF_AIR_RAISE_MS = 60_000;
/** A relay that crashes again at once is still off air for those who watch. */
export const OFF_AIR_RESOLVE_MS = 30_000;
/** spec.fallback.afterSeconds has passed before: a short fallback needs no one. */
export const FALLBACK_RAISE_MS = 30_000;
/** A channel that returns from its fallback may go back to it within this time. */
export const FALLBACK_RESOLVE_MS = 60_000;
/** Restarts within this time count together. Kubernetes' own back-off between restarts is at most half of it. */
export const RESTART_WINDOW_MS = 600_000;
/** Platforms are checked every 30 s: this is four failed checks in a row. */
export const PLATFORM_RAISE_MS = 120_000;
/** Two successful checks of the platform. */
export const PLATFORM_RESOLVE_MS = 60_000;
/** The same as of one channel: the alert about many stands for those about single channels. */
export const MANY_RAISE_MS = 60_000;
/** Channels return one after the other. */
export const MANY_RESOLVE_MS = 60_000;
/** Streams of a migration count twice for a moment. */
export const QUOTA_RAISE_MS = 60_000;
/** Shows end and begin: the number of streams goes up and down around a limit. */
export const QUOTA_RESOLVE_MS = 300_000;
/** Nothing depends on a quick reaction, and orphanPolicy Delete deletes them within this time. */
export const ORPHANS_RAISE_MS = 900_000;
/** Two successful listings of the platform. */
export const ORPHANS_RESOLVE_MS = 60_000;

/** Messages and alerts that the receiver of the webhook does not accept within this time are abandoned. */
export const WEBHOOK_ABANDON_MS = 86_400_000;

const hold = (name: string, ms: number, what: string, kind: string): Timing => ({
  name,
  ms,
  what,
  visibleAs: `alert ${kind}`,
});

export const recorderTimings: readonly Timing[] = [
  {
    name: 'ALERT_CHECK_MS',
    ms: ALERT_CHECK_MS,
    what: 'Interval of checking channels and platforms for causes of alerts',
    visibleAs: 'all alerts but those of budgets',
  },
  hold('OFF_AIR_RAISE_MS', OFF_AIR_RAISE_MS, 'Time off air before the alert', 'ChannelOffAir'),
  hold('OFF_AIR_RESOLVE_MS', OFF_AIR_RESOLVE_MS, 'Time on air before it is resolved', 'ChannelOffAir'),
  hold('FALLBACK_RAISE_MS', FALLBACK_RAISE_MS, 'Time on the fallback before the alert', 'FallbackActive'),
  hold(
    'FALLBACK_RESOLVE_MS',
    FALLBACK_RESOLVE_MS,
    'Time off the fallback before it is resolved',
    'FallbackActive',
  ),
  hold(
    'RESTART_WINDOW_MS',
    RESTART_WINDOW_MS,
    'Time within which three restarts raise the alert, and without which it is resolved',
    'RelayRestarting',
  ),
  hold('PLATFORM_RAISE_MS', PLATFORM_RAISE_MS, 'Time without Ready before the alert', 'PlatformNotReady'),
  hold('PLATFORM_RESOLVE_MS', PLATFORM_RESOLVE_MS, 'Time Ready before it is resolved', 'PlatformNotReady'),
  hold(
    'MANY_RAISE_MS',
    MANY_RAISE_MS,
    'Time that many channels have a problem before the alert',
    'ManyChannelsAffected',
  ),
  hold(
    'MANY_RESOLVE_MS',
    MANY_RESOLVE_MS,
    'Time that few channels have a problem before it is resolved',
    'ManyChannelsAffected',
  ),
  hold('QUOTA_RAISE_MS', QUOTA_RAISE_MS, 'Time nearly full before the alert', 'QuotaNearlyFull'),
  hold('QUOTA_RESOLVE_MS', QUOTA_RESOLVE_MS, 'Time with room before it is resolved', 'QuotaNearlyFull'),
  hold(
    'ORPHANS_RAISE_MS',
    ORPHANS_RAISE_MS,
    'Time with orphaned streams before the alert',
    'OrphanedStreams',
  ),
  hold(
    'ORPHANS_RESOLVE_MS',
    ORPHANS_RESOLVE_MS,
    'Time without them before it is resolved',
    'OrphanedStreams',
  ),
  {
    name: 'WEBHOOK_ABANDON_MS',
    ms: WEBHOOK_ABANDON_MS,
    what: 'Time after which an undelivered webhook is abandoned',
    visibleAs: 'livechannel_webhook_deliveries_total with outcome abandoned',
  },
];
