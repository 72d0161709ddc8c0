import type { OpenedPlayer } from '../../player/core/open-player.ts';

export interface PreviewOptions {
  readonly video: HTMLVideoElement;
  readonly canvas: HTMLCanvasElement;
  readonly api: string;
  readonly channelId: string;
  readonly ticket: () => string | undefined | Promise<string | undefined>;
}

/** Loads the player, and opens it. Called in the browser alone. */
export type OpenPreview = (options: PreviewOptions) => Promise<OpenedPlayer>;
