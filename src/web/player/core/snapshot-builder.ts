import { connection, unknownConnection, type ConnectionMemory } from './connection.ts';
import type { EngineFacts, EngineLevel } from './engine.ts';
import { latencyView, unknownLatency } from './latency.ts';
import type { PlaybackMeter } from './playback-meter.ts';
import { playerState, type StateFacts } from './player-state.ts';
import { qualityView, type QualityWish } from './quality.ts';
import { isSameView, withSameParts } from './same-view.ts';
import type { Feature, PlayerSnapshot } from './snapshot.ts';
import { hasStarted, type Supervision } from './supervision.ts';
import type { VideoFeatures } from './video-features.ts';

/** Target duration of a playlist that is not known yet, in milliseconds. */
const USUAL_TARGET_MS = 2_000;

/** What the controls are shown, besides what the video element itself says. */
export interface Observed {
  readonly video: HTMLVideoElement;
  readonly features: VideoFeatures;
  readonly facts: StateFacts;
  readonly supervision: Supervision;
  readonly engine: EngineFacts | undefined;
  readonly skewMs: number | undefined;
  readonly levels: readonly EngineLevel[];
  /** Index of the level on the screen. */
  readonly level: number | undefined;
  readonly wish: QualityWish;
  readonly captions: Feature;
  readonly canReport: boolean;
}

/** Makes snapshots for the controls. It remembers the last one, so that what has not changed stays the same object. */
export class SnapshotBuilder {
  readonly #meter: PlaybackMeter;
  #connection: ConnectionMemory = unknownConnection;
  /** The planned attempt by both clocks: computed again, the wall clock's value would change by a millisecond each time. */
  #retry: { readonly at: number; readonly epochMs: number } | undefined;
  #last: PlayerSnapshot | undefined;

  constructor(meter: PlaybackMeter) {
    this.#meter = meter;
  }

  /** The last snapshot if nothing has changed. */
  build(observed: Observed): PlayerSnapshot {
    const next = this.#view(observed);
    const last = this.#last;
    if (last !== undefined && isSameView(next, last)) return last;
    this.#last = last === undefined ? next : withSameParts(next, last);
    return this.#last;
  }

  #view(observed: Observed): PlayerSnapshot {
    const { facts, supervision, captions, canReport, video, features } = observed;
    const last = this.#last;
    const { state, retryAt } = playerState(facts, supervision);
    const { mode, modeAt } = facts.channel;
    return {
      state,
      since: last?.state === state ? last.since : facts.epochMs,
      retryAt: this.#retryEpoch(retryAt, facts),
      agoraAt: mode === 'agora-only' ? (modeAt ?? last?.agoraAt ?? facts.epochMs) : undefined,
      hasPicture: facts.hasPicture,
      muted: video.muted,
      volume: video.volume,
      volumeSettable: features.volumeSettable,
      latency: this.#latency(observed),
      quality: qualityView(observed.levels, observed.wish, this.#playingHeight(observed)),
      connection: this.#connectionView(observed),
      captions,
      pictureInPicture: features.pictureInPicture,
      fullScreen: features.fullScreen,
      airPlay: features.airPlay,
      canReport,
    };
  }

  #latency({ facts, supervision, engine, skewMs, video }: Observed): PlayerSnapshot['latency'] {
    const { epochMs, hasPicture } = facts;
    const { playlist } = supervision;
    if (engine === undefined || !hasPicture) return unknownLatency;
    const { playingDate, liveSyncPosition } = engine;
    const behindSyncSeconds =
      liveSyncPosition === undefined ? undefined : liveSyncPosition - video.currentTime;
    const targetDurationSeconds = (playlist?.targetMs ?? USUAL_TARGET_MS) / 1_000;
    return latencyView(
      { epochMs, skewMs, playingDate, behindSyncSeconds, targetDurationSeconds },
      this.#last?.latency ?? unknownLatency,
    );
  }

  #connectionView({ facts, supervision, engine, video }: Observed): PlayerSnapshot['connection'] {
    const { now, online, movedAt } = facts;
    if (typeof video.getVideoPlaybackQuality === 'function') {
      const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
      this.#meter.sampleFrames(totalVideoFrames, droppedVideoFrames, now);
    }
    this.#connection = connection(
      {
        now,
        online,
        started: hasStarted(supervision, movedAt),
        bandwidth: engine?.bandwidth,
        bitrate: engine?.bitrate,
        bufferedSeconds: engine?.bufferedSeconds ?? 0,
        stallsInLastMinute: this.#meter.stallsInLastMinute(now),
        droppedShare: this.#meter.droppedShare,
      },
      this.#connection,
    );
    return this.#connection.view;
  }

  /** What is on the screen; a playlist without heights is measured. */
  #playingHeight({ levels, level, video }: Observed): number | undefined {
    const named = levels.find(({ index }) => index === level)?.height;
    if (named !== undefined) return named;
    return video.videoHeight > 0 ? video.videoHeight : undefined;
  }

  #retryEpoch(retryAt: number | undefined, { now, epochMs }: StateFacts): number | undefined {
    if (retryAt === undefined) this.#retry = undefined;
    else if (this.#retry?.at !== retryAt) this.#retry = { at: retryAt, epochMs: epochMs + (retryAt - now) };
    return this.#retry?.epochMs;
  }
}
