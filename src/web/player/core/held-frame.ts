/** How old a copy may be, and its width: both bound what it costs. */
const KEEP_INTERVAL_MS = 1_000;
const KEPT_WIDTH = 640;
/** Playback for this time has shown a frame; `timeupdate` comes four times a second. */
const ADVANCED_SECONDS = 0.2;

/**
 * The last frame, on a canvas over the video while the element has none: whatever loads a stream resets the element, which
 * is then black. The page gives both the same place and the same object-fit; `hidden` shows and hides the canvas.
 */
export class HeldFrame {
  #video: HTMLVideoElement;
  readonly #canvas: HTMLCanvasElement | undefined;
  #stopWaiting: (() => void) | undefined;
  #keptAt = -Infinity;

  constructor(video: HTMLVideoElement, canvas: HTMLCanvasElement | undefined) {
    this.#video = video;
    this.#canvas = canvas;
    if (canvas === undefined) return;
    canvas.hidden = true;
    canvas.width = 0;
  }

  /** Another element plays, and is on the screen. */
  follow(video: HTMLVideoElement): void {
    this.release();
    this.#video = video;
    this.#keptAt = -Infinity;
  }

  /**
   * Call it while a frame is on the screen. It keeps a copy for a reset at a moment when the element has none: a seek to where
   * nothing is buffered takes the frame away from the page, though not from the screen.
   */
  keep(now: number): void {
    if (now - this.#keptAt < KEEP_INTERVAL_MS || this.#canvas?.hidden !== true) return;
    if (this.#draw(KEPT_WIDTH)) this.#keptAt = now;
  }

  /** Call it before the element is reset. A frame that is held already is kept while the element has no other. */
  hold(): void {
    if (this.#canvas === undefined) return;
    if (this.#draw(Infinity) || this.#canvas.width > 0) this.#canvas.hidden = false;
  }

  /**
   * Call it after the element was reset: the canvas is hidden as soon as another frame is on the screen. Browsers announce
   * it, and some do not although they have the callback; playback that advances has frames.
   */
  releaseOnNextFrame(): void {
    this.#stopWaiting?.();
    const video = this.#video;
    const listening = new AbortController();
    let from: number | undefined;
    const advance = (): void => {
      const { seeking, readyState, currentTime } = video;
      const shows = !seeking && readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
      if (!shows || from === undefined || currentTime < from) from = shows ? currentTime : undefined;
      else if (currentTime - from >= ADVANCED_SECONDS) this.release();
    };
    video.addEventListener('timeupdate', advance, { signal: listening.signal });
    // Not declared as optional, and missing in older browsers.
    const handle =
      'requestVideoFrameCallback' in HTMLVideoElement.prototype
        ? video.requestVideoFrameCallback(() => this.release())
        : undefined;
    this.#stopWaiting = () => {
      listening.abort();
      if (handle !== undefined) video.cancelVideoFrameCallback(handle);
    };
  }

  release(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    if (this.#canvas !== undefined) this.#canvas.hidden = true;
  }

  /** Frees the memory of the frame. */
  destroy(): void {
    this.release();
    if (this.#canvas !== undefined) this.#canvas.width = 0;
  }

  #draw(widest: number): boolean {
    const { videoWidth, videoHeight, readyState } = this.#video;
    if (this.#canvas === undefined || readyState < HTMLMediaElement.HAVE_CURRENT_DATA || videoWidth === 0)
      return false;
    const width = Math.min(videoWidth, widest);
    const height = Math.round((videoHeight * width) / videoWidth);
    // Resizing clears the canvas, and allocates.
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#canvas.getContext('2d')?.drawImage(this.#video, 0, 0, width, height);
    return true;
  }
}
