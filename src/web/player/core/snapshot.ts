import type { PlayerState } from '../../../api/player-states.ts';
import type { Health } from '../../../api/values.ts';
import type { ProblemKind } from './problem-kinds.ts';

/**
 * What the player's controls know of playback, and what they can ask of it. The session implements it for a real video
 * element and engine; the gallery and the component tests implement it with plain values.
 */

export { playerStates, type PlayerState } from '../../../api/player-states.ts';
export type { ProblemKind };

/** Distance to the live edge. */
export interface LatencyView {
  /**
   * Whole seconds behind the origin's clock, by the playlist's programme date-time; undefined while it is unknown: no
   * programme date-time, or a clock that cannot be right.
   */
  readonly behindSeconds: number | undefined;
  /** Whether playback is at the live edge, as near as the stream allows. */
  readonly atEdge: boolean;
}

/** `auto`, or the height of a level in pixels, such as 720. */
export type QualityChoice = 'auto' | number;

export interface QualityOption {
  readonly height: number;
  /** Highest bit rate of the levels of that height, in kbit/s; undefined if the playlist has none. */
  readonly kbps: number | undefined;
}

export interface QualityView {
  /** Highest first. One option: there is nothing to choose. Empty: not known yet. */
  readonly options: readonly QualityOption[];
  readonly choice: QualityChoice;
  /** Height of what is on the screen; undefined while unknown. */
  readonly playing: number | undefined;
  /** Whether the viewer limits the level to save data. */
  readonly dataSaver: boolean;
}

export type ConnectionQuality = 'unknown' | Health;
/** Why the connection is not good. */
export type ConnectionCause = 'slow-network' | 'stalls' | 'dropped-frames' | 'offline';

export interface ConnectionView {
  readonly quality: ConnectionQuality;
  readonly cause: ConnectionCause | undefined;
}

/** Something that the browser may offer, such as captions or picture-in-picture. */
export interface Feature {
  readonly available: boolean;
  readonly on: boolean;
}

export interface PlayerSnapshot {
  readonly state: PlayerState;
  /** Milliseconds since the epoch at which the state began. */
  readonly since: number;
  /** Milliseconds since the epoch of the next attempt, in the states that retry; undefined: none is planned. */
  readonly retryAt: number | undefined;
  /** Milliseconds since the epoch from which viewers should watch on Agora; HLS plays until the app takes over. */
  readonly agoraAt: number | undefined;
  /** Whether a frame has been shown, so that there is a last frame to hold. */
  readonly hasPicture: boolean;
  readonly muted: boolean;
  /** 0 to 1. */
  readonly volume: number;
  /** false on iPhone, whose volume only its keys change. */
  readonly volumeSettable: boolean;
  readonly latency: LatencyView;
  readonly quality: QualityView;
  readonly connection: ConnectionView;
  readonly captions: Feature;
  readonly pictureInPicture: Feature;
  readonly fullScreen: Feature;
  readonly airPlay: Feature;
  /** Whether a problem can be reported now: there is a service to report it to, and the last report is a minute ago. */
  readonly canReport: boolean;
}

export interface PlayerCommands {
  play(): void;
  pause(): void;
  setMuted(muted: boolean): void;
  setVolume(volume: number): void;
  /** Returns to the live edge. */
  goLive(): void;
  setQuality(choice: QualityChoice): void;
  setDataSaver(on: boolean): void;
  setCaptions(on: boolean): void;
  setPictureInPicture(on: boolean): void;
  setFullScreen(on: boolean): void;
  showAirPlayMenu(): void;
  /** Tries again at once, in the states that retry. */
  retry(): void;
  report(kind: ProblemKind): void;
}

/** A player as its controls see it. `subscribe` and `snapshot` are made for React's useSyncExternalStore. */
export interface Player extends PlayerCommands {
  /** Calls `changed` after each change of the snapshot. Returns how to stop. */
  subscribe(changed: () => void): () => void;
  /** The same object until something changes. */
  snapshot(): PlayerSnapshot;
}
