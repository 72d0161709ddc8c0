import type { RelayState } from '../contract/relay-view.ts';

/** The relay of a channel that does not exist: nothing is wrong, because nothing was asked for. */
export const noRelay: RelayState = {
  isActive: false,
  viewerCount: 0,
  bitrate: 0,
  health: 'good',
  status: 'stopped',
  wanted: false,
  startedAt: null,
  mode: null,
  reportedHealth: null,
  restarts: 0,
  lastRestartReason: null,
  idleSince: null,
  viewersKnown: false,
  hlsViewers: null,
  agoraViewers: null,
  bitrateKbps: null,
  channelExists: false,
};
