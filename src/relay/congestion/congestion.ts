import type { VideoStream } from '../page-protocol.ts';
import {
  CONGESTED_AFTER_MS,
  ENCODER_RETRY_MS,
  GOP_DROPS_WINDOW_MS,
  PATH_FORGOTTEN_MS,
  SMALL_STREAM_LIMIT_MS,
  STEP_SETTLE_MS,
  STEP_UP_MAX_MS,
  STEP_UP_TRIAL_MS,
} from '../timing.ts';
import { bitrateFor, MIN_VIDEO_KBPS } from './bitrate.ts';
import { CLOSE_LAG_MS } from '../ingest/gop-dropper.ts';
import { capacityKbps, lookAgain, restarted, unknownCapacity, type Capacity } from './capacity.ts';

/** What is sent to an ingest that accepts less than the host sends. */
export type CongestionStep =
  /** Everything. */
  | { readonly kind: 'full' }
  /** The low-quality stream of a host that publishes two. */
  | { readonly kind: 'small-stream' }
  | { readonly kind: 'transcode'; readonly videoBitrateKbps: number }
  /** Everything that the ingest accepts: whole GOPs are dropped. The last resort. */
  | { readonly kind: 'frame-drop' };

/** How the path to the ingest is doing, and what was decided about it. Times as in Facts. */
export interface Congestion {
  readonly step: CongestionStep;
  /** When the step was taken. */
  readonly since: number;
  /** Bitrates at the last step down, audio included: what the ingest accepted, and what the relay had to send. */
  readonly acceptedKbps: number;
  readonly offeredKbps: number;
  /** Whether the relay could not transcode when it took this step, and why. */
  readonly hindrance: 'mode' | 'cpu' | undefined;
  /** Number of steps down and up so far. */
  readonly downs: number;
  readonly ups: number;
  /** Which of the host's streams is to be received because of congestion; undefined: congestion does not matter. */
  readonly stream: VideoStream | undefined;
  /** The first and the last moment of the present lag; undefined without one. */
  readonly lagSince: number | undefined;
  readonly laggedAt: number | undefined;
  /** When the last GOPs were dropped, at most two, and the count at that time. */
  readonly droppedAt: readonly number[];
  readonly gopsDropped: number;
  /** Quiet time that the next step up requires, in milliseconds. */
  readonly quietMs: number;
  /** When the last step up was taken, and the step that had worked until then. */
  readonly upAt: number | undefined;
  readonly workedBefore: CongestionStep | undefined;
  /** What is known about a small stream of this host. */
  readonly smallStream: 'unknown' | 'present' | 'absent';
  readonly hostUid: number | undefined;
  /** Size of the host's video when the small stream was requested. */
  readonly pixels: number;
  /** Time before which nothing is transcoded, and the number of encoders that have failed. */
  readonly transcodeAt: number;
  readonly encoderFailures: number;
  /** What the path accepted while it was busy, since the last step. */
  readonly capacity: Capacity;
  /** Since when there has been no session; undefined while there is one. */
  readonly pathLostAt: number | undefined;
}

/** What the next state is decided from. */
export interface CongestionInput {
  readonly publishing: boolean;
  /** Age of the oldest bytes in transit, in milliseconds. */
  readonly lagMs: number;
  /** Number of times that frames were dropped up to a keyframe. */
  readonly gopsDropped: number;
  /** Number of bytes that the ingest has accepted, in all sessions. */
  readonly acceptedBytes: number;
  /** Bitrates of the last seconds: what the ingest accepted, and what there is to send. */
  readonly acceptedKbps: number;
  readonly offeredKbps: number;
  readonly hostUid: number | undefined;
  /** Size of the host's video, in pixels; 0 if unknown. */
  readonly pixels: number;
  /** Whether a change to the host's small stream is possible and would lower the bitrate. */
  readonly smallStreamUsable: boolean;
  /** Which of the host's streams is requested now. */
  readonly videoStream: VideoStream;
  /** Why nothing may be transcoded; undefined if it may. */
  readonly hindrance: 'mode' | 'cpu' | undefined;
  /** Number of congestion encoders that ended by themselves or were too slow. */
  readonly encoderFailures: number;
}

/** The part of the settings that affects congestion. */
export interface CongestionSettings {
  /** The quiet time before the first step up, in milliseconds. */
  readonly quietMs: number;
  readonly maxVideoBitrateKbps: number | undefined;
}

/** Lag that returns within this time is the same lag: it shrinks while a GOP is dropped. */
const LAG_GAP_MS = 2_000;
const MAX_GOPS_DROPPED = 2;
/** Each further transcode has at most this share of the bitrate of the one before. */
const FURTHER_FACTOR = 0.6;
/** A small stream has at most this share of the pixels. A smaller difference is a camera that was turned or cropped. */
const SMALL_PIXELS_FACTOR = 0.8;

/** Nothing has lagged since the last step. */
const noLag = { lagSince: undefined, laggedAt: undefined, droppedAt: [] } as const;

export const noCongestion = (quietMs: number): Congestion => ({
  step: { kind: 'full' },
  since: -Infinity,
  acceptedKbps: 0,
  offeredKbps: 0,
  hindrance: undefined,
  downs: 0,
  ups: 0,
  stream: undefined,
  ...noLag,
  gopsDropped: 0,
  quietMs,
  upAt: undefined,
  workedBefore: undefined,
  smallStream: 'unknown',
  hostUid: undefined,
  pixels: 0,
  transcodeAt: -Infinity,
  encoderFailures: 0,
  capacity: unknownCapacity,
  pathLostAt: undefined,
});

/**
 * Decides what is sent while the path to the ingest is too slow. Down the ladder as long as the ingest lags: the host's
 * small stream, then a transcode at what the ingest was measured to accept, then lower ones. Up to everything after a
 * quiet time, which doubles when that fails. Pure; evaluated several times per second.
 */
export function nextCongestion(
  before: Congestion,
  input: CongestionInput,
  settings: CongestionSettings,
  now: number,
): Congestion {
  const seen = observe(before, input, settings, now);
  if (!input.publishing) return seen;
  if (seen.step.kind === 'transcode' && seen.encoderFailures > before.encoderFailures)
    return stepDown(seen, input, settings, now);
  if (seen.step.kind === 'small-stream' && seen.smallStream === 'absent')
    return stepDown({ ...seen, stream: 'high' }, input, settings, now);
  if (congested(seen, now)) return stepDown(seen, input, settings, now);
  return quiet(seen, now) ? stepUp(seen, now) : seen;
}

/** Takes note of what is new. */
function observe(
  before: Congestion,
  input: CongestionInput,
  settings: CongestionSettings,
  now: number,
): Congestion {
  const known = ofHost(before, input.hostUid);
  const encoders =
    input.encoderFailures > known.encoderFailures
      ? { encoderFailures: input.encoderFailures, transcodeAt: now + ENCODER_RETRY_MS }
      : {};
  // Once the high stream is requested again, it is no longer congestion that chooses.
  const stream = known.stream === 'high' && input.videoStream === 'high' ? undefined : known.stream;
  const capacity = lookAgain(before.capacity, input.acceptedBytes, input.lagMs, now);
  const state = { ...known, ...encoders, capacity, stream, smallStream: smallStream(known, input, now) };
  if (!input.publishing) return withoutPath(state, input, settings, now);
  return { ...state, pathLostAt: undefined, ...lag(state, input, now) };
}

/** What was learned about one host's streams does not apply to another host. */
function ofHost(before: Congestion, hostUid: number | undefined): Congestion {
  return hostUid === undefined || hostUid === before.hostUid
    ? before
    : { ...before, hostUid, smallStream: 'unknown' };
}

function smallStream(state: Congestion, { pixels }: CongestionInput, now: number): Congestion['smallStream'] {
  if (state.step.kind !== 'small-stream' || state.smallStream !== 'unknown') return state.smallStream;
  if (pixels > 0 && pixels < state.pixels * SMALL_PIXELS_FACTOR) return 'present';
  return now - state.since > SMALL_STREAM_LIMIT_MS ? 'absent' : 'unknown';
}

/** Without a session, the step is kept for a while: a session that was cut because of lag continues with it. */
function withoutPath(
  state: Congestion,
  { gopsDropped }: CongestionInput,
  settings: CongestionSettings,
  now: number,
): Congestion {
  const pathLostAt = state.pathLostAt ?? now;
  const idle = { ...state, ...noLag, pathLostAt, gopsDropped };
  if (state.step.kind === 'full' || now - pathLostAt < PATH_FORGOTTEN_MS) return idle;
  return { ...backToFull(idle, now), quietMs: settings.quietMs, upAt: undefined, workedBefore: undefined };
}

function lag(
  state: Congestion,
  { lagMs, gopsDropped }: CongestionInput,
  now: number,
): Pick<Congestion, 'lagSince' | 'laggedAt' | 'droppedAt' | 'gopsDropped'> {
  const dropped = gopsDropped > state.gopsDropped;
  if (now - state.since < STEP_SETTLE_MS) return { ...noLag, gopsDropped };
  const recent = state.droppedAt.filter((at) => at > now - GOP_DROPS_WINDOW_MS);
  const droppedAt = dropped ? [...recent, now].slice(-MAX_GOPS_DROPPED) : recent;
  if (lagMs <= CLOSE_LAG_MS && !dropped)
    return { lagSince: state.lagSince, laggedAt: state.laggedAt, droppedAt, gopsDropped };
  const same = state.laggedAt !== undefined && now - state.laggedAt <= LAG_GAP_MS;
  return { lagSince: same ? state.lagSince : now, laggedAt: now, droppedAt, gopsDropped };
}

function congested({ lagSince, laggedAt, droppedAt, since }: Congestion, now: number): boolean {
  if (now - since < STEP_SETTLE_MS) return false;
  if (droppedAt.length >= MAX_GOPS_DROPPED) return true;
  // From the first to the last moment of lag: one that has passed is not counted on.
  return lagSince !== undefined && laggedAt !== undefined && laggedAt - lagSince >= CONGESTED_AFTER_MS;
}

function quiet({ step, since, laggedAt, droppedAt, quietMs }: Congestion, now: number): boolean {
  return step.kind !== 'full' && now - Math.max(since, laggedAt ?? since, ...droppedAt) >= quietMs;
}

function stepDown(
  state: Congestion,
  input: CongestionInput,
  settings: CongestionSettings,
  now: number,
): Congestion {
  const hindrance = input.hindrance ?? (now < state.transcodeAt ? 'cpu' : undefined);
  const failed =
    state.upAt !== undefined && now - state.upAt < STEP_UP_TRIAL_MS && state.step.kind === 'full';
  const { offeredKbps } = input;
  const acceptedKbps = capacityKbps(state.capacity) ?? input.acceptedKbps;
  const target = bitrateFor({ acceptedKbps, offeredKbps }, settings.maxVideoBitrateKbps);
  const step = lower(state, { ...input, hindrance }, target, failed ? state.workedBefore : undefined);
  // Nothing lower is possible. What is dropped from now on belongs to the step that is in force.
  if (sameStep(step, state.step)) return { ...state, laggedAt: now, lagSince: now, droppedAt: [] };
  return {
    ...state,
    ...noLag,
    step,
    since: now,
    acceptedKbps,
    offeredKbps,
    capacity: restarted(state.capacity),
    hindrance,
    downs: state.downs + 1,
    stream: step.kind === 'small-stream' ? 'low' : state.stream,
    pixels: step.kind === 'small-stream' ? input.pixels : state.pixels,
    quietMs: nextQuiet(state, failed, settings),
  };
}

/** The quiet time doubles with each step up that fails, and starts again after one that lasted. */
function nextQuiet(state: Congestion, failed: boolean, { quietMs }: CongestionSettings): number {
  if (state.step.kind !== 'full') return state.quietMs;
  return failed ? Math.min(state.quietMs * 2, Math.max(quietMs, STEP_UP_MAX_MS)) : quietMs;
}

/** The next step down. After a step up that failed, the one that worked before is taken again. */
function lower(
  { step, smallStream: known }: Congestion,
  { smallStreamUsable, hindrance }: Pick<CongestionInput, 'smallStreamUsable' | 'hindrance'>,
  target: number,
  worked: CongestionStep | undefined,
): CongestionStep {
  const transcode: CongestionStep | undefined =
    hindrance === undefined ? { kind: 'transcode', videoBitrateKbps: target } : undefined;
  switch (step.kind) {
    case 'full':
    case 'frame-drop':
      if (smallStreamUsable && known !== 'absent' && worked?.kind !== 'transcode')
        return { kind: 'small-stream' };
      return transcode ?? { kind: 'frame-drop' };
    case 'small-stream':
      if (known === 'absent') return transcode ?? { kind: 'frame-drop' };
      return transcode ?? step;
    case 'transcode': {
      if (transcode === undefined) return { kind: 'frame-drop' };
      const less = Math.max(MIN_VIDEO_KBPS, Math.round(step.videoBitrateKbps * FURTHER_FACTOR));
      return { kind: 'transcode', videoBitrateKbps: Math.min(target, less, step.videoBitrateKbps) };
    }
  }
}

/** To everything at once: a step between would only delay what has to be tried anyway. */
function stepUp(state: Congestion, now: number): Congestion {
  return {
    ...backToFull(state, now),
    hindrance: undefined,
    capacity: restarted(state.capacity),
    // Dropping frames is no other way of sending, so nothing is tried when it ends.
    upAt: state.step.kind === 'frame-drop' ? undefined : now,
    workedBefore: state.step.kind === 'frame-drop' ? undefined : state.step,
  };
}

function backToFull(state: Congestion, now: number): Congestion {
  return {
    ...state,
    ...noLag,
    step: { kind: 'full' },
    since: now,
    ups: state.ups + 1,
    stream: state.stream === 'low' ? 'high' : state.stream,
  };
}

function sameStep(one: CongestionStep, other: CongestionStep): boolean {
  if (one.kind === 'transcode' && other.kind === 'transcode')
    return one.videoBitrateKbps === other.videoBitrateKbps;
  return one.kind === other.kind;
}
