import type { default as Hls, ErrorData, Level, LevelDetails, ManifestLoadedData } from 'hls.js';
import type { Engine, EngineEvent, EngineFacts, EngineLevel, EngineOptions } from '../core/engine.ts';
import type { HlsClass } from './hls-class.ts';
import { adjustToParts, hlsSettings } from './hls-settings.ts';
import { withCap } from './hls-with-cap.ts';

/** The builds of hls.js. `full` is loaded only for playlists that need it. */
export interface HlsBuilds {
  readonly light: HlsClass;
  full(): Promise<HlsClass>;
}

/** More than any playlist that people choose from; a list from outside is bounded. */
const MOST_LEVELS = 32;

/**
 * hls.js behind the engine's interface. It begins with the light build, which has no alternate audio and no subtitles.
 * Where the multivariant playlist names some, the full build loads it again: otherwise the video would be silent.
 */
export class HlsEngine implements Engine {
  readonly #options: EngineOptions;
  readonly #builds: HlsBuilds;
  readonly #listeners = new AbortController();
  #class: HlsClass;
  #hls: Hls;
  #url: string | undefined;
  #captions = false;
  /** Of the viewer. */
  #cap = -1;
  #hasParts = false;
  #destroyed = false;

  constructor(options: EngineOptions, builds: HlsBuilds) {
    this.#options = options;
    this.#builds = builds;
    this.#class = builds.light;
    this.#hls = this.#start();
    // The receiver plays its own source meanwhile.
    options.video.addEventListener(
      'webkitcurrentplaybacktargetiswirelesschanged',
      ({ target }) => {
        if (isWireless(target)) this.stopLoading();
        else this.startLoading();
      },
      { signal: this.#listeners.signal },
    );
  }

  load(url: string): void {
    this.#url = url;
    // Levels of the last playlist mean nothing in the next one; the session chooses again when it is known.
    this.setLevel(undefined);
    this.capLevel(undefined);
    this.#hls.loadSource(url);
  }

  stopLoading(): void {
    this.#hls.stopLoad();
  }

  startLoading(): void {
    this.#hls.startLoad(-1);
    const edge = this.#hls.liveSyncPosition;
    if (edge !== null) this.#options.video.currentTime = edge;
  }

  recoverMedia(): void {
    this.#hls.recoverMediaError();
  }

  setLevel(index: number | undefined): void {
    // From the next segment; currentLevel would discard the buffer.
    this.#hls.nextLevel = index ?? -1;
  }

  capLevel(index: number | undefined): void {
    this.#cap = index ?? -1;
  }

  setCaptions(on: boolean): void {
    this.#captions = on;
    this.#hls.subtitleDisplay = on;
    if (this.#hls.subtitleTracks.length > 0) this.#hls.subtitleTrack = on ? 0 : -1;
    for (const track of this.#options.video.textTracks)
      if (track.kind === 'captions') track.mode = on ? 'showing' : 'hidden';
  }

  facts(): EngineFacts {
    const hls = this.#hls;
    return {
      playingDate: hls.playingDate ?? undefined,
      liveSyncPosition: hls.liveSyncPosition ?? undefined,
      targetLatencySeconds: hls.targetLatency ?? undefined,
      bufferedSeconds: hls.mainForwardBufferInfo?.len ?? 0,
      bandwidth: hls.bandwidthEstimate > 0 ? hls.bandwidthEstimate : undefined,
      bitrate: bitrateOf(hls.levels[hls.currentLevel]),
    };
  }

  destroy(): void {
    this.#destroyed = true;
    this.#listeners.abort();
    this.#hls.destroy();
  }

  #start(): Hls {
    const { video, bandwidth } = this.#options;
    const catchUp = !isSafari();
    const Class = withCap(this.#class, () => this.#cap);
    const hls = new Class(hlsSettings({ bandwidth, catchUp, hasParts: () => this.#hasParts }));
    const { Events } = this.#class;
    hls.on(Events.MANIFEST_LOADING, () => {
      this.#hasParts = false;
    });
    hls.on(Events.MANIFEST_LOADED, (_name, data) => {
      if (this.#class === this.#builds.light && needsFullBuild(data)) void this.#changeToFullBuild();
    });
    hls.on(Events.MANIFEST_PARSED, (_name, { levels, subtitleTracks }) => {
      this.setCaptions(this.#captions);
      this.#emit({ type: 'manifest', levels: engineLevels(levels), captions: subtitleTracks.length > 0 });
    });
    hls.on(Events.LEVEL_LOADED, (_name, { details, level }) => {
      if (details.partHoldBack > 0 && !this.#hasParts) {
        this.#hasParts = true;
        adjustToParts(hls.config, catchUp);
      }
      this.#emit(playlistEvent(details, level));
    });
    hls.on(Events.LEVEL_SWITCHED, (_name, { level }) => {
      this.#emit({ type: 'level', index: level });
    });
    hls.on(Events.ERROR, (_name, data) => {
      const event = errorEvent(data, this.#class);
      if (event !== undefined) this.#emit(event);
    });
    hls.on(Events.MEDIA_ATTACHED, () => {
      this.#offerAirPlay();
    });
    hls.attachMedia(video);
    return hls;
  }

  /**
   * AirPlay plays no media source, so a second source names the playlist. hls.js disables AirPlay for a managed media
   * source, which opens only with one or the other.
   */
  #offerAirPlay(): void {
    const { video } = this.#options;
    if (this.#url === undefined || video.querySelector('source') === null) return;
    const source = video.ownerDocument.createElement('source');
    source.type = 'application/x-mpegURL';
    source.src = this.#url;
    video.append(source);
    video.disableRemotePlayback = false;
  }

  async #changeToFullBuild(): Promise<void> {
    this.#hls.stopLoad();
    let full: HlsClass;
    try {
      full = await this.#builds.full();
    } catch {
      this.#emit({ type: 'network-error', what: 'manifest', status: undefined, fatal: true });
      return;
    }
    if (this.#destroyed) return;
    this.#hls.destroy();
    this.#class = full;
    this.#hls = this.#start();
    if (this.#url !== undefined) this.load(this.#url);
  }

  #emit(event: EngineEvent): void {
    if (!this.#destroyed) this.#options.onEvent(event);
  }
}

/** The light build still names what it cannot play. */
function needsFullBuild({ audioTracks, subtitles, captions }: ManifestLoadedData): boolean {
  return [audioTracks, subtitles, captions].some((tracks) => tracks !== undefined && tracks.length > 0);
}

function engineLevels(levels: readonly Level[]): EngineLevel[] {
  return levels
    .slice(0, MOST_LEVELS)
    .map(({ height, bitrate }, index) => ({ index, height: height > 0 ? height : undefined, bitrate }));
}

function bitrateOf(level: Level | undefined): number | undefined {
  return level === undefined || level.bitrate <= 0 ? undefined : level.bitrate;
}

function playlistEvent(details: LevelDetails, level: number): EngineEvent {
  return {
    type: 'playlist',
    level,
    firstSegment: details.startSN,
    lastSegment: details.endSN,
    targetSeconds: details.targetduration,
    ended: !details.live,
  };
}

/** undefined: nothing that anyone needs to know, such as a stall, which the video element reports as well. */
function errorEvent(data: ErrorData, { ErrorTypes, ErrorDetails }: HlsClass): EngineEvent | undefined {
  const { type, details, fatal } = data;
  if (type === ErrorTypes.NETWORK_ERROR) {
    const code = data.response?.code;
    const status = code === undefined || code === 0 ? undefined : code;
    return { type: 'network-error', what: requested(data, ErrorDetails), status, fatal };
  }
  if (type === ErrorTypes.MEDIA_ERROR)
    return details === ErrorDetails.BUFFER_STALLED_ERROR && !fatal
      ? undefined
      : { type: 'media-error', fatal };
  return fatal ? { type: 'broken', message: `${details}: ${data.error.message}`.slice(0, 300) } : undefined;
}

function requested(
  { details }: ErrorData,
  names: HlsClass['ErrorDetails'],
): 'manifest' | 'playlist' | 'segment' {
  switch (details) {
    case names.MANIFEST_LOAD_ERROR:
    case names.MANIFEST_LOAD_TIMEOUT:
    case names.MANIFEST_PARSING_ERROR:
      return 'manifest';
    case names.LEVEL_EMPTY_ERROR:
    case names.LEVEL_LOAD_ERROR:
    case names.LEVEL_LOAD_TIMEOUT:
    case names.LEVEL_PARSING_ERROR:
    case names.AUDIO_TRACK_LOAD_ERROR:
    case names.AUDIO_TRACK_LOAD_TIMEOUT:
      return 'playlist';
    default:
      return 'segment';
  }
}

function isWireless(video: EventTarget | null): boolean {
  return (
    video !== null &&
    'webkitCurrentPlaybackTargetIsWireless' in video &&
    video.webkitCurrentPlaybackTargetIsWireless === true
  );
}

/** Safari interrupts playback for a change of its rate. */
function isSafari(): boolean {
  return navigator.vendor.startsWith('Apple');
}
