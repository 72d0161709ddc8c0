import type { EffectiveStreamMode } from '../../../api/values.ts';

/** What the player knows of its channel: from the service, or fixed where it plays a plain address. */
export interface ChannelState {
  /** undefined: not known yet. 'off': no service is asked, and the address decides. */
  readonly service: 'unknown' | 'ok' | 'away' | 'off';
  /** The address to play; undefined: there is none now. */
  readonly url: string | undefined;
  /** Identifies the stream: a signed address is another text each time. */
  readonly stream: string | undefined;
  /** Media arrives at the platform. */
  readonly onAir: boolean;
  /** The channel should be on air. */
  readonly wanted: boolean;
  /** Its relay or its platform is in error: a channel that is wanted and off air is not merely waiting for its host. */
  readonly failing: boolean;
  /** The channel was on air before, or is deleted: a channel that is off air and not wanted has ended. */
  readonly begun: boolean;
  readonly mode: EffectiveStreamMode | undefined;
  /** Milliseconds since the epoch from which the mode holds. */
  readonly modeAt: number | undefined;
  /** The viewer may not watch; what the service answered. */
  readonly refused: 'not-authenticated' | 'ticket-expired' | 'not-allowed' | 'not-found' | undefined;
  /** Expected seconds behind the host on this platform. */
  readonly expectedLatencySeconds: number | undefined;
}

/** Before anything is known. */
export const unknownChannel: ChannelState = {
  service: 'unknown',
  url: undefined,
  stream: undefined,
  onAir: false,
  wanted: false,
  failing: false,
  begun: false,
  mode: undefined,
  modeAt: undefined,
  refused: undefined,
  expectedLatencySeconds: undefined,
};

/** Where the player's channel state comes from. */
export interface ChannelSource {
  subscribe(changed: (state: ChannelState) => void): () => void;
  state(): ChannelState;
  /** Asks the service now, because playback has a problem. */
  refresh(): void;
  /** Milliseconds by which the service's clock is ahead of this one; undefined: not known. */
  clockSkewMs(): number | undefined;
  destroy(): void;
}
