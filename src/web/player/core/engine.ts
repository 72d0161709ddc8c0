/** The HLS engine behind the player: hls.js, or the browser itself. Times are of performance.now(), in milliseconds. */

export interface EngineLevel {
  /** For `setLevel`. */
  readonly index: number;
  readonly height: number | undefined;
  /** bit/s; 0 if the playlist has none. */
  readonly bitrate: number;
}

export type EngineEvent =
  /** The multivariant playlist, or the only media playlist, was read. */
  | { readonly type: 'manifest'; readonly levels: readonly EngineLevel[]; readonly captions: boolean }
  /** A media playlist was read. Numbers are those of its first and last segment. */
  | {
      readonly type: 'playlist';
      /** Index of its level: levels may be numbered independently of each other. */
      readonly level: number;
      readonly firstSegment: number;
      readonly lastSegment: number;
      readonly targetSeconds: number;
      /** It has EXT-X-ENDLIST. */
      readonly ended: boolean;
    }
  /** Another level is on the screen. */
  | { readonly type: 'level'; readonly index: number }
  /** A request failed. `fatal`: the engine has given up. `status` is undefined without an answer, or with a useless one. */
  | {
      readonly type: 'network-error';
      readonly what: 'manifest' | 'playlist' | 'segment';
      readonly status: number | undefined;
      readonly fatal: boolean;
    }
  | { readonly type: 'media-error'; readonly fatal: boolean }
  /** The engine is broken and must be replaced. */
  | { readonly type: 'broken'; readonly message: string };

export interface EngineFacts {
  /** Programme date-time of the frame on the screen. */
  readonly playingDate: Date | undefined;
  /** Position at which live playback should be; undefined before the first playlist. */
  readonly liveSyncPosition: number | undefined;
  /** Target distance to the end of the playlist, in seconds. */
  readonly targetLatencySeconds: number | undefined;
  /** Seconds of media buffered ahead of the playhead. */
  readonly bufferedSeconds: number;
  /** Measured throughput in bit/s; undefined before the first segment. */
  readonly bandwidth: number | undefined;
  /** bit/s of the level on the screen, by the playlist; undefined while unknown. */
  readonly bitrate: number | undefined;
}

export interface Engine {
  /** Loads the address, at first or again; the engine then plays from the live edge. */
  load(url: string): void;
  stopLoading(): void;
  /** After stopLoading: from the live edge. */
  startLoading(): void;
  recoverMedia(): void;
  /** undefined: automatic. */
  setLevel(index: number | undefined): void;
  /** Highest level that automatic selection may use; undefined: any. */
  capLevel(index: number | undefined): void;
  setCaptions(on: boolean): void;
  facts(): EngineFacts;
  destroy(): void;
}

export interface EngineOptions {
  readonly video: HTMLVideoElement;
  readonly onEvent: (event: EngineEvent) => void;
  /** bit/s that were measured before, to begin with a level that fits. */
  readonly bandwidth: number | undefined;
}

/** Loads the code of the engine that this browser can use, and starts it; undefined: this browser cannot play HLS. */
export type OpenEngine = (options: EngineOptions) => Promise<Engine | undefined>;
