import type { RelayView } from '../contract.ts';
import type { Health } from '../../api/values.ts';

/** The relay in the words of the app. */
export interface RelayStatusView {
  /** Media arrives at the platform. */
  readonly isActive: boolean;
  /** On HLS; null: nobody knows. */
  readonly viewerCount: number | null;
  /** kbit/s; null: nobody knows. */
  readonly bitrate: number | null;
  readonly health: Health;
}

/**
 * The app knows no fourth health, so that one off air has one, too: how well the relay does what it is asked to.
 *
 *   on air                              as it says itself; good while it has not said
 *   off air, and asked to be            good: nothing is wrong
 *   resting for want of viewers         good
 *   starting, or about to               fair
 *   error                               poor
 */
export function relayStatusOf({
  status,
  wanted,
  health,
  idleSince,
  viewerCount,
  bitrateKbps,
}: RelayView): RelayStatusView {
  const isActive = status === 'active';
  return { isActive, viewerCount, bitrate: bitrateKbps, health: healthNow() };

  function healthNow(): Health {
    if (status === 'error') return 'poor';
    if (isActive) return health ?? 'good';
    if (status === 'stopped' && (!wanted || idleSince !== null)) return 'good';
    return 'fair';
  }
}
