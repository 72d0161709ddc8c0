import type { Clock } from './clock.ts';

/**
 * Whether playback is requested, by the page or the viewer, and whether the browser permits it: it may require a tap, at
 * first for sound and then at all. Times are of the monotonic clock, in milliseconds.
 */
export class PlayRequest {
  #video: HTMLVideoElement;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** Something changed that neither viewer nor app requested. */
  readonly #changed: () => void;
  #pausedSince: number | undefined;
  #pausedByViewer = false;
  #blockedSince: number | undefined;
  #destroyed = false;

  /** Without `autoplay`, playback is requested by the first `request`. */
  constructor(
    video: HTMLVideoElement,
    clock: Pick<Clock, 'monotonic'>,
    { autoplay, changed }: { readonly autoplay: boolean; readonly changed: () => void },
  ) {
    this.#video = video;
    this.#clock = clock;
    this.#changed = changed;
    if (!autoplay) this.#pausedSince = clock.monotonic();
  }

  /** Since when nothing is to be played; undefined: playback is requested, and permitted as far as is known. */
  get pausedSince(): number | undefined {
    return this.#pausedSince ?? this.#blockedSince;
  }

  get pausedByViewer(): boolean {
    return this.#pausedByViewer;
  }

  get blocked(): boolean {
    return this.#blockedSince !== undefined;
  }

  /** Another element plays. */
  follow(video: HTMLVideoElement): void {
    this.#video = video;
  }

  /** The viewer wants playback, which `start` begins. */
  request(): void {
    this.#pausedSince = undefined;
    this.#pausedByViewer = false;
    this.#blockedSince = undefined;
  }

  pause(): void {
    this.#notePause();
    this.#video.pause();
  }

  /** Plays, if that is requested. A gesture of the viewer permits sound only within its own call. */
  start(): void {
    if (this.#pausedSince !== undefined || this.#destroyed) return;
    const video = this.#video;
    video.play().then(
      () => {
        this.#blockedSince = undefined;
      },
      (error: unknown) => {
        // AbortError: the element was reset, and is started again.
        if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
        if (this.#destroyed || this.#pausedSince !== undefined) return;
        if (video.muted) {
          this.#blockedSince ??= this.#clock.monotonic();
          this.#changed();
        } else {
          video.muted = true;
          this.start();
        }
      },
    );
  }

  /** The element has paused: by the system's controls, unless it was for another reason. */
  notePaused(): void {
    const { ended, readyState } = this.#video;
    // A loading element pauses without being asked to.
    if (ended || readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.#notePause();
  }

  /** The element plays, by the system's controls if nothing else has started it. */
  notePlaying(): void {
    if (this.#pausedSince === undefined) return;
    this.#pausedSince = undefined;
    this.#pausedByViewer = false;
  }

  destroy(): void {
    this.#destroyed = true;
    this.#video.pause();
  }

  #notePause(): void {
    this.#pausedSince ??= this.#clock.monotonic();
    this.#pausedByViewer = true;
  }
}
