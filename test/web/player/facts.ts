import type { ChannelState } from '../../../src/web/player/channel/channel-state.ts';
import type { StateFacts } from '../../../src/web/player/core/player-state.ts';

/** A plain address. */
export const plainChannel: ChannelState = {
  service: 'off',
  url: 'https://cdn.example/a.m3u8',
  stream: 'a',
  onAir: true,
  wanted: true,
  failing: false,
  begun: false,
  mode: undefined,
  modeAt: undefined,
  refused: undefined,
  expectedLatencySeconds: undefined,
};

/** A channel of the service that is on air. */
export const onAir: ChannelState = { ...plainChannel, service: 'ok', begun: true, mode: 'hybrid' };

/** A channel that waits for its host. */
export const offAir: ChannelState = { ...onAir, onAir: false, begun: false };

/** A show that is over. */
export const over: ChannelState = { ...onAir, onAir: false, wanted: false };

/** A visible, unpaused player with an open engine, in which nothing has happened yet. */
export const calmFacts: StateFacts = {
  now: 0,
  epochMs: 1_800_000_000_000,
  online: true,
  hiddenSince: undefined,
  pausedSince: undefined,
  pausedByViewer: false,
  blocked: false,
  channel: plainChannel,
  engine: 'open',
  incoming: 'none',
  events: [],
  movedAt: undefined,
  mediaEnded: false,
  probe: undefined,
  hurry: false,
  hasPicture: false,
};
