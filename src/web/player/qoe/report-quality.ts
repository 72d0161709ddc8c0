import { isSampled } from '../../../api/qoe-sampling.ts';
import type { QoeSnapshot } from '../../../server/contract/qoe.ts';
import type { Clock } from '../core/clock.ts';
import type { EngineEvent } from '../core/engine.ts';
import type { Player } from '../core/snapshot.ts';
import { qualityMeter, type Fault, type Measured } from './quality-meter.ts';

const TICK_MS = 250;
/** Reports are frequent at first, when most viewers leave. */
const EARLY_SECONDS = 10;
const EARLY_FOR_MS = 60_000;
const LATER_SECONDS = 30;
/** Shorter times are not worth a report. */
const SHORTEST_SECONDS = 1;
/** An error of the engine explains what happens within this time. */
const FAULT_MS = 60_000;

/** What has failed, by the event that says so. Events of the network name it themselves. */
const faults: Partial<Record<EngineEvent['type'], Fault>> = { 'media-error': 'media', broken: 'engine' };

/** A report as players of this version send it: the service adds the browser, of the request's header. */
export interface PlayerReport extends Measured {
  readonly v: 1;
  readonly sid: string;
  readonly seq: number;
  readonly rate: number;
}

/** What is read of the element; some browsers have no frames to count. */
type Video = Pick<HTMLVideoElement, 'currentTime' | 'ownerDocument'> &
  Partial<Pick<HTMLVideoElement, 'getVideoPlaybackQuality' | 'requestVideoFrameCallback'>>;

export interface QualityOptions {
  /** The element that plays at the moment. */
  readonly video: () => Video;
  /** 64 random bits as 16 hexadecimal digits, which name this player and nothing else. */
  readonly sid: string;
  readonly clock: Clock;
  /** When the player was opened, by the monotonic clock. */
  readonly openedAt: number;
  /** The player, which is read from the next task on. */
  readonly player: Pick<Player, 'snapshot'>;
  /**
   * Sends a report, the last one in a way that outlives the page. Returns the share of players that should report;
   * undefined: not known.
   */
  readonly send: (report: PlayerReport, isLast: boolean) => Promise<number | undefined>;
}

/** Measures a player from outside, and reports to the service until `destroy`. */
export interface QualityReports {
  /** To be called with each event of the engine: some explain why playback ends. */
  note(event: EngineEvent): void;
  /** What is measured at the moment; undefined: nothing yet. */
  snapshot(): QoeSnapshot | undefined;
  destroy(): void;
}

export function reportQuality(options: QualityOptions): QualityReports {
  const { video, sid, clock, openedAt, player, send } = options;
  const meter = qualityMeter(openedAt);
  const end = new AbortController();
  const document = video().ownerDocument;
  let fault: Fault = 'other';
  let faultAt = 0;
  let shownAt: number | undefined;
  let seq = 0;
  /** Only falls: a player that no longer reports does not hear that it should. */
  let rate = 1;

  const observe = (): number => {
    const { state, latency, quality, pictureInPicture } = player.snapshot();
    const now = clock.monotonic();
    const current = video();
    const counts = current.getVideoPlaybackQuality?.();
    meter.observe({
      ...{ now, state, shownAt, position: current.currentTime },
      visible: pictureInPicture.on || !document.hidden,
      behind: latency.atEdge ? latency.behindSeconds : undefined,
      height: quality.playing,
      kbps: quality.options.find(({ height }) => height === quality.playing)?.kbps,
      frames: counts?.totalVideoFrames ?? 0,
      dropped: counts?.droppedVideoFrames ?? 0,
      fault: now - faultAt < FAULT_MS ? fault : 'other',
    });
    return now;
  };

  const report = (leastSeconds: number, isLast: boolean): void => {
    const measured = meter.measured();
    if (measured === undefined || measured.dur < leastSeconds) return;
    meter.cut();
    if (measured.fatal === undefined && !isSampled(sid, rate)) return;
    // A page that is being left is still visible.
    const visible = measured.visible && !isLast;
    void send({ v: 1, sid, seq: seq++, ...measured, visible, rate }, isLast).then((share = 1) => {
      rate = Math.min(rate, share);
    });
  };

  const tick = (): void => {
    stopTimer = clock.schedule(TICK_MS, tick);
    report(observe() - openedAt <= EARLY_FOR_MS ? EARLY_SECONDS : LATER_SECONDS, false);
  };

  const leave = (): void => {
    observe();
    report(SHORTEST_SECONDS, true);
  };

  let stopTimer = clock.schedule(0, tick);
  video().requestVideoFrameCallback?.(() => {
    shownAt = clock.monotonic();
  });
  // Hidden is the last that a page on a phone learns of.
  const { signal } = end;
  document.addEventListener('visibilitychange', () => document.hidden && leave(), { signal });
  globalThis.addEventListener('pagehide', leave, { signal });

  return {
    note(event) {
      const what = event.type === 'network-error' ? event.what : faults[event.type];
      if (what === undefined) return;
      fault = what;
      faultAt = clock.monotonic();
    },

    snapshot: meter.measured,

    destroy() {
      leave();
      stopTimer();
      end.abort();
    },
  };
}
