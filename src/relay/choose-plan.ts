import type { Reason } from '../api/reasons.ts';
import type { MediaFacts } from './facts.ts';
import type { PlanChoice, TranscodePlan } from './ingest/session-plan.ts';
import { MAX_FRAME_PIXELS, MAX_FRAME_SIDE, type FrameSize } from './media/frame-size.ts';
import type { RelayMode } from '../api/values.ts';

/** The part of the channel's configuration that affects the plan. */
export interface PlanSettings {
  /** auto: passed through as the host encoded it, and transcoded only where that is not possible. */
  readonly mode: RelayMode;
  /** Highest number of pixels of the video's shorter side, so that an upright 1080x1920 counts as 1080. */
  readonly maxHeight: number;
  readonly maxVideoBitrateKbps: number | undefined;
  readonly keyframeSeconds: number;
  readonly sizeChange: 'in-session' | 'new-session' | 'transcode';
  readonly constantBitrate: boolean;
}

/**
 * The cause of a transcode must be absent for this time before video is passed through, because a change of mode
 * starts a new session.
 */
const PASSTHROUGH_DELAY_MS = 60_000;
/** With more changes of the resolution than this within a minute, a fixed resolution is better for viewers. */
const MAX_SIZE_CHANGES = 2;
/**
 * The host sends no keyframes on request if none came for this number of intervals and for at least
 * KEYFRAME_PATIENCE_MS.
 */
const MISSED_KEYFRAME_INTERVALS = 3;
const KEYFRAME_PATIENCE_MS = 6_000;
/** The bitrate of a host's encoder varies around its target. Factor on the limit. */
const BITRATE_TOLERANCE_FACTOR = 1.15;
const FRESH_MS = 2_000;

/** Decides how the host's frames are sent, from what the host sends and the plan chosen before. Pure. */
export function choosePlan(
  settings: PlanSettings,
  media: MediaFacts,
  before: PlanChoice | undefined,
  now: number,
): PlanChoice {
  if (media.unsupportedSize !== undefined) {
    const message = tooLargeMessage(media.unsupportedSize);
    return { plan: undefined, reason: 'ResolutionTooHigh', message, neededAt: now };
  }
  const need = whyTranscode(settings, media, now);
  if (need === undefined) {
    const stays = before?.plan?.mode === 'transcode' && now - before.neededAt < PASSTHROUGH_DELAY_MS;
    return stays ? before : passthrough(before?.neededAt ?? -Infinity);
  }
  if (settings.mode === 'passthrough') {
    return need.bearable
      ? passthrough(now)
      : { plan: undefined, reason: need.reason, message: need.message, neededAt: now };
  }
  const plan = before?.plan?.mode === 'transcode' ? before.plan : transcodePlan(settings, media);
  return { plan, reason: need.reason, message: need.message, neededAt: now };
}

function tooLargeMessage({ width, height }: FrameSize): string {
  const limit = `${MAX_FRAME_SIDE} pixels on the longer side and ${MAX_FRAME_PIXELS} in all`;
  return `The host sends ${width}x${height} pixels, which a relay does not handle; the limit is ${limit}.`;
}

const passthrough = (neededAt: number): PlanChoice => ({
  plan: { mode: 'passthrough' },
  reason: 'Live',
  message: '',
  neededAt,
});

interface Need {
  readonly reason: Reason;
  readonly message: string;
  /** Whether the ingest may accept the video unchanged anyway. */
  readonly bearable: boolean;
}

function whyTranscode(settings: PlanSettings, media: MediaFacts, now: number): Need | undefined {
  const { format } = media;
  if (format !== undefined && format.codec !== 'h264') {
    const message = `The host sends ${format.codec}, which is transcoded to H.264.`;
    return { reason: 'CodecUnsupported', message, bearable: false };
  }
  const tooLarge = exceedsCap(settings, media);
  if (tooLarge !== undefined) return { reason: 'ResolutionTooHigh', message: tooLarge, bearable: false };
  if (settings.mode === 'transcode') {
    return { reason: 'Live', message: 'spec.relay.mode is transcode.', bearable: true };
  }
  if (media.sizeChanges > (settings.sizeChange === 'transcode' ? 0 : MAX_SIZE_CHANGES)) {
    const message = `The host's resolution changed ${media.sizeChanges} times within a minute.`;
    return { reason: 'ResolutionTooHigh', message, bearable: true };
  }
  const waitedMs = now - (media.keyframeAt ?? media.receiverSince ?? now);
  const patienceMs = Math.max(
    KEYFRAME_PATIENCE_MS,
    MISSED_KEYFRAME_INTERVALS * settings.keyframeSeconds * 1_000,
  );
  if (media.videoAt !== undefined && now - media.videoAt < FRESH_MS && waitedMs > patienceMs) {
    const message = `The host does not send the keyframes that are requested: none for ${Math.round(waitedMs / 1_000)} s.`;
    return { reason: 'MediaStalled', message, bearable: true };
  }
  return undefined;
}

/** A message that names the limit that the host's video exceeds, or undefined if it exceeds none. */
export function exceedsCap(
  { maxHeight, maxVideoBitrateKbps }: Pick<PlanSettings, 'maxHeight' | 'maxVideoBitrateKbps'>,
  { format, videoBitrateKbps }: Pick<MediaFacts, 'format' | 'videoBitrateKbps'>,
): string | undefined {
  const { width = 0, height = 0 } = format ?? {};
  if (Math.min(width, height) > maxHeight) {
    return `The host sends ${width}x${height} pixels; the limit is ${maxHeight}p.`;
  }
  if (
    maxVideoBitrateKbps !== undefined &&
    videoBitrateKbps > maxVideoBitrateKbps * BITRATE_TOLERANCE_FACTOR
  ) {
    return `The host sends ${Math.round(videoBitrateKbps)} kbit/s of video; the limit is ${maxVideoBitrateKbps} kbit/s.`;
  }
  return undefined;
}

/** Bitrates at which viewers see no difference from the host's video, by the video's shorter side. */
const BITRATE_LADDER = [
  { side: 1_080, kbps: 4_500 },
  { side: 720, kbps: 3_000 },
  { side: 540, kbps: 2_000 },
  { side: 480, kbps: 1_400 },
  { side: 360, kbps: 800 },
  { side: 0, kbps: 500 },
] as const;
const FRAME_RATES = [15, 20, 24, 25, 30, 50, 60] as const;

/** A transcode of this video within the caps. */
export function transcodePlan(settings: PlanSettings, { format, frameRate }: MediaFacts): TranscodePlan {
  const { width, height } =
    format === undefined || format.width === 0 ? { width: 1_280, height: 720 } : format;
  const scale = Math.min(
    1,
    settings.maxHeight / Math.min(width, height),
    MAX_FRAME_SIDE / Math.max(width, height),
    Math.sqrt(MAX_FRAME_PIXELS / (width * height)),
  );
  const even = (size: number): number => Math.max(2, Math.round((size * scale) / 2) * 2);
  const short = Math.min(even(width), even(height));
  const kbps = BITRATE_LADDER.find(({ side }) => short >= side)?.kbps ?? 500;
  const rate = frameRate < 5 ? 30 : (FRAME_RATES.find((each) => each >= frameRate - 1) ?? 60);
  return {
    mode: 'transcode',
    width: even(width),
    height: even(height),
    frameRate: rate,
    videoBitrateKbps: Math.min(settings.maxVideoBitrateKbps ?? Infinity, rate > 30 ? kbps * 1.5 : kbps),
    keyframeSeconds: settings.keyframeSeconds,
    constantBitrate: settings.constantBitrate,
  };
}
