import type { Clock } from './clock.ts';
import type { Engine, EngineEvent, EngineLevel, OpenEngine } from './engine.ts';

/** Media that the new stream has before it is shown: a stall right after the change would be noticed as one. */
const BUFFERED_SECONDS = 2;
const TICK_MS = 100;
/** A stream that has only just begun may have no playlist yet. */
const RETRY_MS = 1_000;
/** Playback for this time has frames on the screen. */
const ADVANCED_SECONDS = 0.1;
/** Beyond the position that the old stream has reached, there must be some media. */
const AHEAD_SECONDS = 1;

export interface IncomingOptions {
  readonly url: string;
  /** The element that plays; the other one has the same place. */
  readonly beside: HTMLVideoElement;
  readonly openEngine: OpenEngine;
  readonly bandwidth: number | undefined;
  readonly captions: boolean;
  readonly clock: Clock;
  /** Chooses the level of what has just been read. */
  readonly chooseLevel: (engine: Engine, levels: readonly EngineLevel[]) => void;
  /** Programme date-time of the frame on the screen. */
  readonly playingDate: () => Date | undefined;
  /** Called when it is ready, or has failed. */
  readonly changed: () => void;
}

/**
 * The stream to which a channel migrates: muted and transparent, in an element over the one that plays, until it plays the
 * same moment. Transparent, because browsers stop a video that is not shown, and choose a level by its size.
 */
export class IncomingStream {
  readonly #options: IncomingOptions;
  readonly #video: HTMLVideoElement;
  #state: 'loading' | 'ready' | 'failed' = 'loading';
  #engine: Engine | undefined;
  /** What the engine has reported that still holds. */
  #manifest: EngineEvent | undefined;
  #level: EngineEvent | undefined;
  #receiver: ((event: EngineEvent) => void) | undefined;
  #playedFrom: number | undefined;
  #retryAt: number | undefined;
  #destroyed = false;
  #stopTimer: () => void = () => undefined;

  constructor(options: IncomingOptions) {
    this.#options = options;
    const { beside, openEngine, bandwidth } = options;
    this.#video = transparentVideo(beside);
    beside.after(this.#video);
    openEngine({ video: this.#video, bandwidth, onEvent: (event) => this.#receive(event) }).then(
      (engine) => this.#begin(engine),
      () => this.#settle('failed'),
    );
  }

  get state(): 'loading' | 'ready' | 'failed' {
    return this.#state;
  }

  /** Shows it. From then on, `onEvent` receives what the engine reports, beginning with what it has reported. */
  show(): {
    readonly video: HTMLVideoElement;
    readonly engine: Engine;
    readonly follow: (onEvent: (event: EngineEvent) => void) => void;
  } {
    const engine = this.#engine;
    if (engine === undefined) throw new Error('nothing is prepared');
    this.#stopTimer();
    const { beside } = this.#options;
    this.#video.volume = beside.volume;
    this.#video.muted = beside.muted;
    beside.muted = true;
    this.#video.style.opacity = '';
    return {
      video: this.#video,
      engine,
      follow: (onEvent) => {
        this.#receiver = onEvent;
        for (const event of [this.#manifest, this.#level]) if (event !== undefined) onEvent(event);
      },
    };
  }

  destroy(): void {
    this.#destroyed = true;
    this.#stopTimer();
    this.#engine?.destroy();
    this.#video.remove();
  }

  #begin(engine: Engine | undefined): void {
    if (this.#destroyed) engine?.destroy();
    else if (engine === undefined) this.#settle('failed');
    else {
      this.#engine = engine;
      engine.setCaptions(this.#options.captions);
      engine.load(this.#options.url);
      this.#tick(engine);
    }
  }

  #receive(event: EngineEvent): void {
    if (this.#receiver !== undefined) {
      this.#receiver(event);
      return;
    }
    if (event.type === 'manifest') {
      this.#manifest = event;
      if (this.#engine !== undefined) this.#options.chooseLevel(this.#engine, event.levels);
    }
    if (event.type === 'level') this.#level = event;
    if (event.type === 'network-error' && event.fatal)
      this.#retryAt ??= this.#options.clock.monotonic() + RETRY_MS;
    // Not within the engine's own call: it is destroyed for that.
    if (event.type === 'broken' || (event.type === 'media-error' && event.fatal))
      queueMicrotask(() => this.#settle('failed'));
  }

  #tick(engine: Engine): void {
    const { clock, url } = this.#options;
    this.#stopTimer = clock.schedule(TICK_MS, () => this.#tick(engine));
    if (this.#retryAt !== undefined && clock.monotonic() >= this.#retryAt) {
      this.#retryAt = this.#playedFrom = undefined;
      engine.load(url);
    } else if (this.#playedFrom === undefined) this.#start(engine);
    else if (this.#video.currentTime - this.#playedFrom >= ADVANCED_SECONDS) this.#settle('ready');
  }

  /** As soon as there is enough, from the moment that the old stream shows. */
  #start(engine: Engine): void {
    const video = this.#video;
    const { bufferedSeconds, targetLatencySeconds = Infinity, playingDate } = engine.facts();
    // A stream with low latency never has two seconds.
    const enough = Math.min(BUFFERED_SECONDS, targetLatencySeconds / 2);
    if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || bufferedSeconds < enough) return;
    const shown = this.#options.playingDate();
    const position = alignedPosition(video, playingDate, shown);
    if (position !== undefined) video.currentTime = position;
    this.#playedFrom = video.currentTime;
    video.play().catch(() => this.#settle('failed'));
  }

  #settle(state: 'ready' | 'failed'): void {
    if (this.#destroyed || this.#state !== 'loading') return;
    this.#state = state;
    this.#stopTimer();
    this.#options.changed();
  }
}

/** Where `video`, which is at `date`, shows the moment `shown`; undefined: that is not known, or not buffered. */
function alignedPosition(
  { currentTime, buffered }: HTMLVideoElement,
  date: Date | undefined,
  shown: Date | undefined,
): number | undefined {
  if (date === undefined || shown === undefined) return undefined;
  const position = currentTime + (shown.getTime() - date.getTime()) / 1_000;
  for (let index = 0; index < buffered.length; index++)
    if (buffered.start(index) <= position && position + AHEAD_SECONDS <= buffered.end(index)) return position;
  return undefined;
}

/** Set by script, which every policy for styles permits. */
function transparentVideo({ ownerDocument, className }: HTMLVideoElement): HTMLVideoElement {
  const video = ownerDocument.createElement('video');
  video.className = className;
  video.tabIndex = -1;
  video.playsInline = video.muted = true;
  video.style.opacity = '0';
  return video;
}
