import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { idleOf } from '../../channel/desired/idle.ts';
import { desiredResources } from '../../channel/desired/resources.ts';

/**
 * Whether a channel is on air as it should be.
 *
 *   off       no relay is desired: suspended, idle, on Agora only, stopped by its budget, or being deleted
 *   waiting   a relay is desired, and there is no host to relay
 *   on-air    media arrives at the platform
 *   off-air   a relay is desired, and no media arrives, for whatever reason: it starts, it fails, the platform is full
 */
export type Availability = 'off' | 'waiting' | 'on-air' | 'off-air';

/** Time without a host is not time in which the channel should be on air: there is nothing to show. */
export function availabilityOf(channel: LiveChannel): Availability {
  if (channel.metadata.deletionTimestamp !== undefined || !desiredResources(channel).relay) return 'off';
  if (channel.status?.relayStatus === 'active') return 'on-air';
  // The relay of an idle channel checks for the host, or runs until its viewers have left for Agora.
  const idle = idleOf(channel);
  if (idle !== undefined) return idle.probingSince === undefined ? 'off' : 'waiting';
  return findCondition(channel.status?.conditions, 'HostPresent')?.status === 'False' ? 'waiting' : 'off-air';
}

/** Whether the channel should be on air in this state. */
export const isWanted = (state: Availability): boolean => state === 'on-air' || state === 'off-air';
