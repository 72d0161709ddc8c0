import type { Engine, EngineFacts, EngineOptions } from '../core/engine.ts';

/** Distance to the end of the seekable range at which Safari plays: three segments of two seconds. */
const EDGE_SECONDS = 6;

/** HLS of the browser itself, for iOS before 17.1, which has no Media Source Extensions. It reports little of what it does. */
export class NativeEngine implements Engine {
  readonly #video: HTMLVideoElement;
  readonly #onEvent: EngineOptions['onEvent'];
  readonly #listeners = new AbortController();
  #url: string | undefined;

  constructor({ video, onEvent }: EngineOptions) {
    this.#video = video;
    this.#onEvent = onEvent;
    const { signal } = this.#listeners;
    video.addEventListener('loadedmetadata', () => this.#announce(), { signal });
    video.addEventListener('error', () => this.#fail(), { signal });
  }

  load(url: string): void {
    this.#url = url;
    this.#video.src = url;
    this.#video.load();
  }

  stopLoading(): void {
    this.#video.removeAttribute('src');
    this.#video.load();
  }

  startLoading(): void {
    if (this.#url !== undefined) this.load(this.#url);
  }

  recoverMedia(): void {
    this.startLoading();
  }

  setLevel(): void {
    // The browser selects the level.
  }

  capLevel(): void {
    // The browser selects the level.
  }

  setCaptions(on: boolean): void {
    for (const track of this.#video.textTracks) track.mode = on ? 'showing' : 'hidden';
  }

  facts(): EngineFacts {
    const { seekable, buffered, currentTime } = this.#video;
    const end = seekable.length === 0 ? undefined : seekable.end(seekable.length - 1);
    const ahead = buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime;
    return {
      playingDate: this.#playingDate(),
      liveSyncPosition: end === undefined ? undefined : Math.max(0, end - EDGE_SECONDS),
      targetLatencySeconds: EDGE_SECONDS,
      bufferedSeconds: Math.max(0, ahead),
      bandwidth: undefined,
      bitrate: undefined,
    };
  }

  destroy(): void {
    this.#listeners.abort();
    this.stopLoading();
  }

  /** The start of the stream's timeline by its programme date-time, which only WebKit knows. */
  #playingDate(): Date | undefined {
    const video: HTMLVideoElement & { getStartDate?: () => unknown } = this.#video;
    const start = video.getStartDate?.();
    if (!(start instanceof Date) || Number.isNaN(start.getTime())) return undefined;
    return new Date(start.getTime() + this.#video.currentTime * 1_000);
  }

  #announce(): void {
    const captions = [...this.#video.textTracks].some(
      ({ kind }) => kind === 'captions' || kind === 'subtitles',
    );
    const height = this.#video.videoHeight > 0 ? this.#video.videoHeight : undefined;
    this.#onEvent({ type: 'manifest', levels: [{ index: 0, height, bitrate: 0 }], captions });
  }

  #fail(): void {
    const decoding = this.#video.error?.code === MediaError.MEDIA_ERR_DECODE;
    this.#onEvent(
      decoding
        ? { type: 'media-error', fatal: true }
        : { type: 'network-error', what: 'manifest', status: undefined, fatal: true },
    );
  }
}
