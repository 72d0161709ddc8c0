import type { ChannelState } from '../channel/channel-state.ts';
import type { EngineEvent } from './engine.ts';
import type { PlaylistHistory } from './playlist-history.ts';

/** What a request for the playlist, outside of the engine, has found. */
export type ProbeResult =
  /** A playlist with segments that is still being written. */
  | 'live'
  /** A playlist with EXT-X-ENDLIST. */
  | 'ended'
  /** No playlist there: 404, 204, or one without segments. */
  | 'missing'
  /** 401, 403 or 410. */
  | 'refused'
  /** Another status, or not a playlist. */
  | 'failing'
  /** No answer; or one that this page may not read. */
  | 'unreachable';

/** Finds out what is at an address. */
export type Probe = (url: string, signal: AbortSignal) => Promise<ProbeResult>;

/**
 * The stream that a channel migrates to, as far as it is prepared beside the one that plays. impossible: there is no second
 * element for it, or a viewer would lose sound, full screen or AirPlay. ready: it plays, and is not visible yet.
 */
export type IncomingState = 'impossible' | 'none' | 'loading' | 'ready' | 'failed';

/** What was observed. Times are of the monotonic clock, in milliseconds. */
export interface Facts {
  readonly now: number;
  readonly online: boolean;
  /** undefined: visible, or in picture-in-picture. */
  readonly hiddenSince: number | undefined;
  /** Since when the viewer does not want playback; undefined: it is wanted. */
  readonly pausedSince: number | undefined;
  readonly channel: ChannelState;
  readonly engine: 'opening' | 'open' | 'failed' | 'unsupported';
  readonly incoming: IncomingState;
  /** What the engine has reported since the last decision, oldest first. */
  readonly events: readonly EngineEvent[];
  /** When the playhead last advanced. */
  readonly movedAt: number | undefined;
  /** The element is at the end of a playlist that has ended. */
  readonly mediaEnded: boolean;
  /** An answer since the last decision. */
  readonly probe: ProbeResult | undefined;
  /** The viewer, a network that came back or a page that is shown again: retry at once. */
  readonly hurry: boolean;
}

export type Action =
  | { readonly type: 'open-engine' }
  | { readonly type: 'load'; readonly url: string }
  /** Loads a stream beside the one that plays. */
  | { readonly type: 'prepare'; readonly url: string }
  /** What was prepared is shown instead of what plays. */
  | { readonly type: 'show-prepared' }
  | { readonly type: 'drop-prepared' }
  /** Nothing more is loaded; the last frame stays. */
  | { readonly type: 'unload' }
  | { readonly type: 'stop-loading' }
  | { readonly type: 'start-loading' }
  | { readonly type: 'recover-media' }
  | { readonly type: 'seek-live' }
  | { readonly type: 'probe'; readonly url: string }
  | { readonly type: 'refresh-channel' };

/** Why playback needs help. */
export type Trouble =
  /** Requests fail, and the engine has given up. */
  | 'network'
  /** The address has expired. */
  | 'expired'
  /** Decoding failed. */
  | 'media'
  /** The engine is broken. */
  | 'engine'
  /** The origin restarted. */
  | 'restarted'
  /** Nothing advances, without an error. */
  | 'stalled'
  /** The playlist has ended. */
  | 'ended';

/** What the supervisor remembers between decisions. */
export interface Supervision {
  readonly loaded:
    { readonly url: string; readonly stream: string | undefined; readonly at: number } | undefined;
  /** The stream that is being prepared, and since when. */
  readonly incoming:
    { readonly url: string; readonly stream: string | undefined; readonly at: number } | undefined;
  readonly playlist: PlaylistHistory | undefined;
  readonly trouble: { readonly kind: Trouble; readonly at: number } | undefined;
  /** Attempts since playback was last well. */
  readonly attempts: number;
  /** When the next attempt is due. */
  readonly retryAt: number | undefined;
  /** When a probe was sent that has not been answered. */
  readonly probingSince: number | undefined;
  readonly suspendedAt: number | undefined;
  readonly recoveredAt: number | undefined;
  readonly openedAt: number | undefined;
  readonly restartedAt: number | undefined;
  readonly soughtAt: number | undefined;
  readonly refreshedAt: number | undefined;
  /** The last request of the engine that failed, fatal or not. */
  readonly failedRequestAt: number | undefined;
  /** The stream that is loading replaces another one, which played. */
  readonly migrating: boolean;
  readonly wasOnAir: boolean;
}

export const initialSupervision: Supervision = {
  loaded: undefined,
  incoming: undefined,
  playlist: undefined,
  trouble: undefined,
  attempts: 0,
  retryAt: undefined,
  probingSince: undefined,
  suspendedAt: undefined,
  recoveredAt: undefined,
  openedAt: undefined,
  restartedAt: undefined,
  soughtAt: undefined,
  refreshedAt: undefined,
  failedRequestAt: undefined,
  migrating: false,
  wasOnAir: false,
};

/** Whether media has advanced since the engine loaded what it plays. */
export function hasStarted({ loaded }: Supervision, movedAt: number | undefined): boolean {
  return loaded !== undefined && movedAt !== undefined && movedAt > loaded.at;
}

/** The show is over, and the service says that. */
export function channelEnded({ service, onAir, wanted, begun, refused }: ChannelState): boolean {
  if (service === 'off') return false;
  return begun && !onAir && (!wanted || refused === 'not-found');
}

/** The service has refused the viewer, and does so again for the same request. */
export function isRefused({ refused }: ChannelState): boolean {
  return refused === 'not-allowed' || refused === 'not-authenticated';
}
