import type { ChannelSource } from '../channel/channel-state.ts';
import { browserClock, type Clock } from './clock.ts';
import { decide } from './decide.ts';
import type { Engine, EngineEvent, EngineLevel, OpenEngine } from './engine.ts';
import { EngineSlot } from './engine-slot.ts';
import type { HeldFrame } from './held-frame.ts';
import { IncomingSlot, type OpenIncoming } from './incoming-slot.ts';
import type { MediaDescription } from './media-session.ts';
import { PlayRequest } from './play-request.ts';
import { PlaybackMeter } from './playback-meter.ts';
import type { StateFacts } from './player-state.ts';
import {
  deviceStore,
  readPreferences,
  writeQuality,
  writeVolume,
  type PreferenceStore,
} from './preferences.ts';
import { levelOrder, type QualityWish } from './quality.ts';
import { isSameView } from './same-view.ts';
import type { Player, PlayerSnapshot, ProblemKind, QualityChoice } from './snapshot.ts';
import { SnapshotBuilder } from './snapshot-builder.ts';
import {
  hasStarted,
  initialSupervision,
  type Action,
  type Probe,
  type ProbeResult,
  type Supervision,
} from './supervision.ts';
import { VideoFeatures } from './video-features.ts';

/** How often everything is observed, in addition to when something happens. */
const TICK_MS = 250;
/** A rule may prepare the next one: its successors decide at once, within this bound. */
const MOST_DECISIONS = 4;
/** Events between two decisions; an engine that reports more reports nothing new. */
const MOST_EVENTS = 64;
/** Farther ahead of the live position, the playhead is in another timeline. */
const FARTHEST_AHEAD_SECONDS = 6;
/** Between two reports of a problem. */
const REPORT_MS = 60_000;

export interface SessionOptions {
  readonly video: HTMLVideoElement;
  /** Over the video, in the same place, with the same object-fit; shows the last frame while the video has none. */
  readonly canvas?: HTMLCanvasElement | undefined;
  /** What becomes full screen: the video with its controls. Default: the video. */
  readonly container?: HTMLElement | undefined;
  readonly source: ChannelSource;
  readonly openEngine: OpenEngine;
  /** Prepares the stream to which the channel migrates; without it, that is loaded as any other stream is. */
  readonly openIncoming?: OpenIncoming | undefined;
  /** Default true. */
  readonly autoplay?: boolean | undefined;
  /** Whether playback begins without sound, which browsers allow without a tap. Default true. */
  readonly muted?: boolean | undefined;
  /** For the system's media controls; without it, they are not connected. */
  readonly description?: MediaDescription | undefined;
  /** Receives reports of problems; without it, none can be reported. */
  readonly report?: ((kind: ProblemKind) => void) | undefined;
  readonly clock?: Clock | undefined;
  /** Returns a number from 0 to 1. */
  readonly random?: (() => number) | undefined;
  /** Finds out what is at an address. Default: requests it. */
  readonly probe?: Probe | undefined;
  readonly store?: PreferenceStore | undefined;
}

/** A player for a real video element. It owns the engine, the timers and the listeners until `destroy`. */
export class Session implements Player {
  #video: HTMLVideoElement;
  readonly #options: SessionOptions;
  readonly #source: ChannelSource;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #send: Probe;
  readonly #store: PreferenceStore | undefined;
  readonly #engines: EngineSlot;
  readonly #incoming: IncomingSlot | undefined;
  readonly #request: PlayRequest;
  readonly #snapshots: SnapshotBuilder;
  readonly #meter = new PlaybackMeter();
  readonly #end = new AbortController();
  #features: VideoFeatures;
  #held: HeldFrame | undefined;
  #videoEnd = new AbortController();
  readonly #subscribers = new Set<() => void>();
  readonly #cleanUps: (() => void)[] = [];
  #stopTimer: () => void = () => undefined;

  #stopProbe: () => void = () => undefined;
  #supervision: Supervision = initialSupervision;
  #events: EngineEvent[] = [];
  #probe: ProbeResult | undefined;
  #hurry = false;

  #hiddenSince: number | undefined;
  #hasPicture = false;
  #levels: readonly EngineLevel[] = [];
  #level: number | undefined;
  #wish: QualityWish;
  #captions = { available: false, on: false };
  #bandwidth: number | undefined;
  #reportedAt: number | undefined;
  #snapshot: PlayerSnapshot;

  constructor(options: SessionOptions) {
    const { video, source, openIncoming, clock = browserClock, muted = true } = options;
    this.#options = options;
    this.#video = video;
    this.#source = source;
    this.#clock = clock;
    this.#random = options.random ?? Math.random;
    this.#send = options.probe ?? probeOnDemand;
    this.#store = options.store ?? deviceStore();
    const { quality, volume } = readPreferences(this.#store);
    this.#wish = { choice: quality, dataSaver: false };
    video.playsInline = true;
    video.muted = muted;
    video.volume = volume;
    this.#request = new PlayRequest(video, clock, {
      autoplay: options.autoplay !== false,
      changed: () => this.#observe(),
    });
    this.#features = this.#listenToVideo();
    this.#snapshots = new SnapshotBuilder(this.#meter);
    if (openIncoming !== undefined) this.#incoming = new IncomingSlot(openIncoming);
    this.#engines = new EngineSlot({
      video: () => this.#video,
      clock,
      open: options.openEngine,
      onEvent: (event) => this.#receive(event),
      onSettled: () => {
        this.#held?.releaseOnNextFrame();
        this.#observe();
      },
    });
    this.#snapshot = this.#view();
    this.#listen();
    this.#openEngine();
    this.#tick();
  }

  /** The element that plays. */
  get video(): HTMLVideoElement {
    return this.#video;
  }

  subscribe(changed: () => void): () => void {
    this.#subscribers.add(changed);
    return () => {
      this.#subscribers.delete(changed);
    };
  }

  snapshot(): PlayerSnapshot {
    return this.#snapshot;
  }

  play(): void {
    const wasPaused = this.#request.pausedSince !== undefined;
    this.#request.request();
    if (wasPaused && this.#hasPicture) this.#seekLive();
    this.#request.start();
    this.#observe();
  }

  pause(): void {
    this.#request.pause();
    this.#observe();
  }

  setMuted(muted: boolean): void {
    this.#video.muted = muted;
    // A slider at zero would leave an unmuted player silent.
    if (!muted && this.#video.volume === 0) this.setVolume(0.5);
    this.#observe();
  }

  setVolume(volume: number): void {
    if (!Number.isFinite(volume)) return;
    this.#video.volume = Math.min(1, Math.max(0, volume));
    writeVolume(this.#store, this.#video.volume);
    this.#observe();
  }

  goLive(): void {
    this.#seekLive();
    this.play();
  }

  setQuality(choice: QualityChoice): void {
    this.#wish = { ...this.#wish, choice };
    writeQuality(this.#store, choice);
    this.#orderLevels();
    this.#observe();
  }

  setDataSaver(on: boolean): void {
    this.#wish = { ...this.#wish, dataSaver: on };
    this.#orderLevels();
    this.#observe();
  }

  setCaptions(on: boolean): void {
    this.#captions = { ...this.#captions, on };
    this.#engines.engine?.setCaptions(on);
    this.#observe();
  }

  setPictureInPicture(on: boolean): void {
    void this.#features.setPictureInPicture(on);
  }

  setFullScreen(on: boolean): void {
    this.#features.setFullScreen(on);
  }

  showAirPlayMenu(): void {
    this.#features.showAirPlayMenu();
  }

  retry(): void {
    this.#hurryUp();
  }

  report(kind: ProblemKind): void {
    if (!this.#canReport()) return;
    this.#reportedAt = this.#clock.monotonic();
    this.#options.report?.(kind);
    this.#observe();
  }

  destroy(): void {
    this.#end.abort();
    this.#stopTimer();
    this.#stopProbe();
    for (const cleanUp of this.#cleanUps.splice(0).reverse()) cleanUp();
    this.#incoming?.drop();
    this.#engines.destroy();
    this.#videoEnd.abort();
    this.#features.destroy();
    this.#subscribers.clear();
    this.#request.destroy();
    this.#putAway(this.#video);
    this.#options.video.hidden = false;
  }

  #listen(): void {
    const { signal } = this.#end;
    const document = this.#video.ownerDocument;
    const on = (target: EventTarget, name: string, handle: () => void): void => {
      target.addEventListener(name, handle, { signal });
    };
    on(document, 'visibilitychange', () => this.#noteVisibility());
    on(globalThis, 'online', () => this.#hurryUp());
    on(globalThis, 'offline', () => this.#observe());
    on(globalThis, 'pageshow', () => this.#hurryUp());
    if (document.visibilityState === 'hidden') this.#hiddenSince = this.#clock.monotonic();
    this.#cleanUps.push(this.#source.subscribe(() => this.#observe()));
  }

  #listenToVideo(): VideoFeatures {
    const { signal } = this.#videoEnd;
    const video = this.#video;
    const on = (name: string, handle: () => void): void => {
      video.addEventListener(name, handle, { signal });
    };
    for (const name of ['playing', 'timeupdate', 'volumechange', 'ended', 'seeked'])
      on(name, () => this.#observe());
    on('waiting', () => this.#noteStall());
    on('pause', () => this.#notePause());
    on('play', () => this.#notePlay());
    on('error', () => this.#noteError());
    return new VideoFeatures(video, this.#options.container ?? video, () => this.#observe());
  }

  /** What cannot be loaded is missed, by the system's controls or while a stream is replaced, and the show goes on. */
  async #prepareForLater(): Promise<void> {
    const { description, canvas } = this.#options;
    try {
      const { HeldFrame, connectMediaSession } = await import('./after-first-frame.ts');
      if (this.#end.signal.aborted) return;
      const held = (this.#held = new HeldFrame(this.#video, canvas));
      this.#cleanUps.push(() => held.destroy());
      if (description !== undefined) this.#cleanUps.push(connectMediaSession(description, this));
    } catch {
      // The network, or a page that is newer than this one.
    }
  }

  #tick(): void {
    this.#stopTimer = this.#clock.schedule(TICK_MS, () => this.#tick());
    this.#observe();
  }

  /** Reads everything, lets the supervisor decide, acts, and publishes what the controls show. */
  #observe(): void {
    if (this.#end.signal.aborted) return;
    const now = this.#clock.monotonic();
    this.#meter.sample(this.#video.currentTime, now);
    const { movedAt } = this.#meter;
    if (movedAt === now && this.#video.videoWidth > 0) {
      if (!this.#hasPicture) void this.#prepareForLater();
      this.#hasPicture = true;
      if (this.#hiddenSince === undefined) this.#held?.keep(now);
    }
    for (let count = 0; count < MOST_DECISIONS; count++) {
      const facts = this.#facts();
      this.#events = [];
      this.#probe = undefined;
      this.#hurry = false;
      const { supervision, actions } = decide(this.#supervision, facts, this.#random);
      const settled = isSameView(supervision, this.#supervision);
      this.#supervision = supervision;
      for (const action of actions) this.#act(action);
      if (settled) break;
    }
    this.#publish();
  }

  #facts(): StateFacts {
    return {
      now: this.#clock.monotonic(),
      epochMs: this.#clock.now().getTime(),
      online: navigator.onLine,
      hiddenSince: this.#features.pictureInPicture.on ? undefined : this.#hiddenSince,
      pausedSince: this.#request.pausedSince,
      pausedByViewer: this.#request.pausedByViewer,
      blocked: this.#request.blocked,
      channel: this.#source.state(),
      engine: this.#engines.state,
      incoming: this.#features.canBeReplaced ? (this.#incoming?.state ?? 'impossible') : 'impossible',
      events: this.#events,
      movedAt: this.#meter.movedAt,
      mediaEnded: this.#video.ended,
      probe: this.#probe,
      hurry: this.#hurry,
      hasPicture: this.#hasPicture,
    };
  }

  #act(action: Action): void {
    switch (action.type) {
      case 'prepare':
        this.#prepare(action.url);
        return;
      case 'show-prepared':
        this.#showPrepared();
        return;
      case 'drop-prepared':
        this.#incoming?.drop();
        return;
      case 'open-engine':
        this.#openEngine();
        return;
      case 'load':
        this.#reset(() => this.#engines.engine?.load(action.url));
        this.#captions = { available: false, on: this.#captions.on };
        return;
      case 'unload':
      case 'stop-loading':
        this.#reset(() => this.#engines.engine?.stopLoading());
        return;
      case 'start-loading':
        this.#engines.engine?.startLoading();
        this.#request.start();
        return;
      case 'recover-media':
        this.#reset(() => this.#engines.engine?.recoverMedia());
        this.#request.start();
        return;
      case 'seek-live':
        this.#seekLive();
        return;
      case 'probe':
        this.#startProbe(action.url);
        return;
      case 'refresh-channel':
        this.#source.refresh();
        return;
    }
  }

  /** Does what may leave the element without a frame. */
  #reset(act: () => void): void {
    this.#incoming?.drop();
    this.#held?.hold();
    act();
    this.#held?.releaseOnNextFrame();
    this.#meter.reset();
  }

  #openEngine(): void {
    this.#incoming?.drop();
    this.#held?.hold();
    this.#engines.open(this.#bandwidth);
    this.#meter.reset();
  }

  #prepare(url: string): void {
    this.#incoming?.open({
      ...{ url, beside: this.#video, bandwidth: this.#bandwidth, clock: this.#clock },
      openEngine: this.#options.openEngine,
      captions: this.#captions.on,
      chooseLevel: (engine, levels) => this.#orderLevels(engine, levels),
      playingDate: () => this.#engines.engine?.facts().playingDate,
      changed: () => this.#observe(),
    });
  }

  /** Another element with another engine, and the same player: nothing is reset, and no frame is missing. */
  #showPrepared(): void {
    const prepared = this.#incoming?.take()?.show();
    if (prepared === undefined) return;
    const before = this.#video;
    const wasInWindow = this.#features.pictureInPicture.on;
    const engines = this.#engines.replace(prepared.engine);
    this.#videoEnd.abort();
    this.#videoEnd = new AbortController();
    this.#features.destroy();
    this.#video = prepared.video;
    this.#features = this.#listenToVideo();
    this.#held?.follow(prepared.video);
    this.#request.follow(prepared.video);
    this.#meter.reset();
    prepared.follow(engines.onEvent);
    // The window of picture-in-picture shows the old element until it shows the new one.
    const shown = wasInWindow ? this.#features.setPictureInPicture(true) : undefined;
    void Promise.resolve(shown).then(() => {
      engines.before?.destroy();
      this.#putAway(before);
    });
  }

  /** The page's own element is only hidden: the page goes on having it. */
  #putAway(video: HTMLVideoElement): void {
    if (video === this.#options.video) video.hidden = true;
    else video.remove();
  }

  #receive(event: EngineEvent): void {
    if (event.type === 'manifest') {
      this.#levels = event.levels;
      this.#level = undefined;
      this.#captions = { available: event.captions, on: this.#captions.on && event.captions };
      this.#orderLevels();
      this.#request.start();
    }
    if (event.type === 'level') this.#level = event.index;
    this.#events = [...this.#events, event].slice(-MOST_EVENTS);
    // Not within the engine's own call: what is decided may destroy it.
    queueMicrotask(() => this.#observe());
  }

  #orderLevels(engine: Engine | undefined = this.#engines.engine, levels = this.#levels): void {
    const { level, cap } = levelOrder(levels, this.#wish);
    engine?.setLevel(level);
    engine?.capLevel(cap);
  }

  #startProbe(url: string): void {
    this.#stopProbe();
    const stop = new AbortController();
    this.#stopProbe = () => {
      stop.abort();
    };
    void this.#send(url, stop.signal).then((result) => {
      if (stop.signal.aborted) return;
      this.#probe = result;
      this.#observe();
    });
  }

  #seekLive(): void {
    const position = this.#engines.engine?.facts().liveSyncPosition;
    if (position === undefined || !Number.isFinite(position)) return;
    // A little ahead of it is nearer to live than it: a seek would show the last seconds again.
    const ahead = this.#video.currentTime - position;
    if (ahead < 0 || ahead > FARTHEST_AHEAD_SECONDS) this.#video.currentTime = position;
    this.#request.start();
  }

  #noteStall(): void {
    const video = this.#video;
    const expected = video.paused || video.seeking || video.ended || this.#hiddenSince !== undefined;
    if (!expected && hasStarted(this.#supervision, this.#meter.movedAt))
      this.#meter.countStall(this.#clock.monotonic());
    this.#observe();
  }

  #notePause(): void {
    // Browsers pause hidden pages.
    if (this.#hiddenSince !== undefined) return;
    this.#request.notePaused();
    this.#observe();
  }

  #notePlay(): void {
    this.#request.notePlaying();
    this.#observe();
  }

  #noteError(): void {
    if (this.#video.error?.code !== MediaError.MEDIA_ERR_DECODE) return;
    this.#receive({ type: 'media-error', fatal: true });
  }

  #noteVisibility(): void {
    if (this.#video.ownerDocument.visibilityState === 'hidden') {
      this.#hiddenSince = this.#clock.monotonic();
      this.#observe();
      return;
    }
    this.#hiddenSince = undefined;
    if (this.#video.paused && this.#hasPicture) this.#request.start();
    this.#hurryUp();
  }

  #hurryUp(): void {
    this.#hurry = true;
    this.#observe();
  }

  #publish(): void {
    const next = this.#view();
    if (next === this.#snapshot) return;
    this.#snapshot = next;
    for (const changed of [...this.#subscribers]) changed();
  }

  #view(): PlayerSnapshot {
    const engine = this.#engines.engine?.facts();
    if (engine?.bandwidth !== undefined) this.#bandwidth = engine.bandwidth;
    return this.#snapshots.build({
      video: this.#video,
      features: this.#features,
      facts: this.#facts(),
      supervision: this.#supervision,
      engine,
      skewMs: this.#source.clockSkewMs(),
      levels: this.#levels,
      level: this.#level,
      wish: this.#wish,
      captions: this.#captions,
      canReport: this.#canReport(),
    });
  }

  #canReport(): boolean {
    if (this.#options.report === undefined) return false;
    return this.#reportedAt === undefined || this.#clock.monotonic() - this.#reportedAt >= REPORT_MS;
  }
}

/** Needed only after a fault. Code that cannot be loaded is a network that does not answer. */
const probeOnDemand: Probe = async (url, signal) => {
  try {
    return await (await import('./probe.ts')).probe(url, signal);
  } catch {
    return 'unreachable';
  }
};
