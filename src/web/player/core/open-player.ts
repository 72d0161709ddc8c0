import type { Player } from './snapshot.ts';

/**
 * Proof that the viewer may watch a channel that is not public: the ticket, or a function that fetches one. The function is
 * called at the start and again before the ticket expires, or once the service has refused it; undefined: there is none.
 */
export type TicketSource = string | (() => string | undefined | Promise<string | undefined>);

/** What is played: a channel of the service, or a plain HLS address without a service. */
export type PlayerSource =
  | {
      readonly kind: 'channel';
      /** Base address of the service, such as https://live.example.com. */
      readonly api: string;
      readonly channelId: string;
      /** Reads the newest ticket of the app each time; undefined: the channel is public, and the app has none. */
      readonly ticket: (() => string | undefined | Promise<string | undefined>) | undefined;
    }
  | { readonly kind: 'address'; readonly url: string };

/** The elements of the page that a player uses. They outlive it. */
export interface PlayerElements {
  readonly video: HTMLVideoElement;
  /** Over the video, with the same object-fit, and hidden; shows the last frame while the video has none. */
  readonly canvas: HTMLCanvasElement;
  /** The video together with its controls: what goes full screen. */
  readonly stage: HTMLElement;
}

export interface PlayerOptions extends PlayerElements {
  readonly source: PlayerSource;
  /** Starts as soon as there is media, muted where the browser requires it. false: waits in state tap-to-play. */
  readonly autoPlay: boolean;
  /** Begins without sound. */
  readonly muted: boolean;
  /** Whether a channel's player reports what it measures. */
  readonly qoe: boolean;
  /** For the operating system's media controls, as they are now; undefined: none is known. */
  readonly title: string | undefined;
  readonly poster: string | undefined;
}

/** A player that runs. */
export interface OpenedPlayer {
  readonly player: Player;
  /** Ends everything: requests, timers, listeners, the engine. */
  destroy(): void;
}

/** Never throws and never waits: whatever is wrong is a state. Called in the browser alone. */
export type OpenPlayer = (options: PlayerOptions) => OpenedPlayer;
