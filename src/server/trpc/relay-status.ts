import type { RelayView } from '../contract/relay-view.ts';
import type { Health } from '../../api/values.ts';

/** The state of the relay in the app's contract. */
export interface RelayStatusView {
  /** Whether media arrives at the platform. */
  readonly isActive: boolean;
  /** Viewers on HLS and on Agora; null: unknown. */
  readonly viewerCount: number | null;
  /** kbit/s; null: unknown. */
  readonly bitrate: number | null;
  readonly health: Health;
}

/**
 * The app's contract has three values of health, so a relay that is off air has one, too: how well it matches the desired
 * state.
 *
 *   on air                              as reported; good until the first report
 *   off air, as desired                 good: nothing is wrong
 *   idle without viewers                good
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
