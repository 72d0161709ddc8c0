import type { Health } from '../../../api/values.ts';
import type { ChannelView } from '../../../api/channel-view.ts';

/** States of a channel that differ in what viewers see, and in what happens next. */
export const channelStates = [
  'on-air',
  'host-away',
  'starting',
  'waiting-for-host',
  'failing',
  'idle',
  'on-agora',
  'off',
  'ending',
] as const;
export type ChannelState = (typeof channelStates)[number];

export function stateOf({ deleting, effectiveStreamMode, relay, conditions }: ChannelView): ChannelState {
  if (deleting) return 'ending';
  const hostAbsent = conditions.some(({ type, status }) => type === 'HostPresent' && status === 'False');
  if (relay.isActive) return hostAbsent ? 'host-away' : 'on-air';
  if (relay.status === 'error') return 'failing';
  if (relay.idleSince !== null) return 'idle';
  if (!relay.wanted) return effectiveStreamMode === 'agora-only' ? 'on-agora' : 'off';
  return hostAbsent ? 'waiting-for-host' : 'starting';
}

/** How good a state is, for its colour; a word always stands beside it. */
export type Tone = Health | 'quiet';

export const toneOf: Readonly<Record<ChannelState, Tone>> = {
  'on-air': 'good',
  'host-away': 'fair',
  starting: 'fair',
  'waiting-for-host': 'fair',
  failing: 'poor',
  idle: 'quiet',
  'on-agora': 'quiet',
  off: 'quiet',
  ending: 'quiet',
};
