import { z } from 'zod';
import { oneLine } from '../base/one-line.ts';
import { clampedNumber, MAX_INTEGER, timeTextSchema } from './bounds.ts';
import { accessPointsSchema } from './live-channel.ts';
import { isReason, type Reason } from './reasons.ts';
import { congestionSteps, healthSchema, mediaModeSchema, relayModeSchema, videoOutputs } from './values.ts';

/**
 * The contract between operator and relay: the configuration file that the operator writes, the report that the relay
 * returns, and the termination message that it writes. See docs/architecture.md.
 */
const reasonSchema = z.custom<Reason>(isReason, 'is not one of the reasons in src/api/reasons.ts');

/** The file of `livechannel relay --config FILE`. Files named in `…File` are read again whenever they change. */
export const relayConfigSchema = z.strictObject({
  /** namespace/name of the LiveChannel, for logs and metrics. */
  channel: z.string().min(1),
  slot: z.int().min(0).max(1),
  agora: z.strictObject({
    appId: z.string().min(1),
    channelName: z.string().min(1),
    /** The relay's own uid in the Agora channel. */
    uid: z.int().min(1).max(4294967295),
    /** Absent for an Agora project without an App Certificate: the relay joins without a token. */
    tokenFile: z.string().min(1).optional(),
    hostUid: z.int().optional(),
    accessPoints: accessPointsSchema.optional(),
  }),
  ingest: z.strictObject({
    /** File with the ingest URL without the key, e.g. rtmps://host:443/app/ */
    urlFile: z.string().min(1),
    streamKeyFile: z.string().min(1),
    /** At this ingest, a connection with a higher `?priority=N` after the key replaces one with a lower priority. */
    takeover: z.enum(['ivs-priority']).optional(),
    /**
     * Unix time in seconds at which this slot last became the active one. Priorities count from it, so that those of a
     * replaced relay stay below those of its successor, however long the replaced relay was paused.
     */
    epoch: z.int().min(0).optional(),
    /** PEM bundle to verify the ingest with instead of the system's CAs. */
    caFile: z.string().min(1).optional(),
  }),
  media: z
    .strictObject({
      mode: relayModeSchema.default('auto'),
      maxHeight: z.int().default(1080),
      maxVideoBitrateKbps: z.int().optional(),
      keyframeIntervalSeconds: z.number().min(0.5).max(10).default(2),
      /** What the platform supports if the host's video changes its resolution in mid-stream. */
      sizeChange: z.enum(['in-session', 'new-session', 'transcode']).default('new-session'),
      /** true if the platform requires a constant bitrate; passed to the encoder of a transcode. */
      constantBitrate: z.boolean().default(false),
      /** PNG or JPEG image to show while the host sends no video, instead of its last frame. */
      slateFile: z.string().min(1).optional(),
    })
    .prefault({}),
  idle: z
    .strictObject({
      /** How long a stream without a host is kept on air with the last frame or the slate. 0: without a limit. */
      holdLastFrameSeconds: z.int().min(0).default(600),
    })
    .prefault({}),
  /** true: start as the hot standby, which has joined and is ready, and pushes only after POST /activate. */
  standby: z.boolean().default(false),
  listen: z
    .strictObject({
      host: z.string().default('0.0.0.0'),
      port: z.int().min(0).max(65535).default(8080),
      /** File with the bearer token of the POST routes; without it, they are rejected. */
      tokenFile: z.string().optional(),
    })
    .prefault({}),
});
export type RelayConfig = z.infer<typeof relayConfigSchema>;

/** States of the relay. `waiting`: joined, no host. `live`: the ingest accepts bytes. */
export const relayStates = [
  'starting',
  'joining',
  'waiting',
  'connecting',
  'live',
  'stalled',
  'failed',
  'stopping',
] as const;
export type RelayState = (typeof relayStates)[number];

/** Why a frame was not passed on. */
export const dropReasons = [
  /** It depends on a missing frame, or on one from before the last frame was held: the next keyframe is awaited. */
  'after-loss',
  /** The ingest accepts data too slowly: whole GOPs are dropped. */
  'slow-ingest',
  /** The page in the browser could not deliver it to the relay process. */
  'slow-relay',
  /** It has a codec that this relay cannot pass on. */
  'codec',
] as const;
export type DropReason = (typeof dropReasons)[number];

/** Text of a relay for conditions: whatever runs in the pod, it becomes one line of limited length. */
const shortText = z.string().overwrite((text) => oneLine(text, 500));

/** Bounds of what relays report: generous for any real stream, and small enough for every column and sum. */
const kbps = clampedNumber(0, MAX_INTEGER);
const count = clampedNumber(0, Number.MAX_SAFE_INTEGER);
const pixels = clampedNumber(0, 65_536);
const milliseconds = clampedNumber(-86_400_000, 86_400_000);
const mebibytes = clampedNumber(0, MAX_INTEGER);
/** More than there are causes. */
const MAX_CAUSES = 64;

/**
 * Response of the relay's GET /status. Bitrates in kbit/s, times in RFC 3339, intervals in seconds. Whatever answers in the
 * pod, numbers and times are in the ranges of databases and JavaScript.
 */
export const relayReportSchema = z.object({
  state: z.enum(relayStates),
  reason: reasonSchema,
  message: shortText,
  since: timeTextSchema,
  /** Whether it is the standby: joined and ready, and pushing only after POST /activate. */
  standby: z.boolean(),
  mode: mediaModeSchema,
  /** Why the mode is transcode; otherwise empty. */
  modeReason: shortText,
  /** Absent in reports of relays older than the operator. */
  congestion: z
    .object({
      step: z.enum(congestionSteps),
      /** What the ingest accepts, what the host sends, and what the relay does. Changes only with the step. */
      message: shortText,
      /** What the ingest accepted when the step was taken; null for `full`. */
      acceptedKbps: kbps.nullable(),
      stepsDown: count,
      stepsUp: count,
    })
    .optional(),
  videoOutput: z.enum(videoOutputs),
  /** Codec of the host's video, e.g. h264; null before the first frame. */
  codec: z.string().max(64).nullable(),
  host: z.object({ uid: clampedNumber(0, 4_294_967_295), video: z.boolean(), audio: z.boolean() }).nullable(),
  /** When the ingest accepted the first byte and the last byte so far of the present session. */
  liveSince: timeTextSchema.nullable(),
  lastAcceptedAt: timeTextSchema.nullable(),
  inBitrateKbps: kbps,
  outBitrateKbps: kbps,
  frameRate: clampedNumber(0, 1_000),
  width: pixels.nullable(),
  height: pixels.nullable(),
  keyframeIntervalSeconds: clampedNumber(0, 86_400).nullable(),
  avOffsetMs: milliseconds.nullable(),
  /** How far the media that the ingest has acknowledged is behind the media that was passed to FFmpeg. */
  lagMs: milliseconds.nullable(),
  /** Loss of the host's packets between Agora and the relay, in the last seconds. */
  packetLossPercent: clampedNumber(0, 100).nullable(),
  jitterMs: milliseconds.nullable(),
  framesDropped: z.record(z.enum(dropReasons), count),
  /** Memory of the whole container, and its limit; null if unknown. */
  memoryMiB: mebibytes.nullable(),
  memoryLimitMiB: mebibytes.nullable(),
  restarts: z.record(z.string().max(64), count).refine((causes) => Object.keys(causes).length <= MAX_CAUSES),
  lastError: z.object({ reason: reasonSchema, message: shortText, at: timeTextSchema }).nullable(),
  /** Seconds in each state since the relay started. */
  secondsInState: z.partialRecord(z.enum(relayStates), count),
  health: healthSchema,
  /** Why the health is not good; empty if it is. */
  healthReason: shortText,
});
export type RelayReport = z.infer<typeof relayReportSchema>;

/** One line of JSON in /dev/termination-log. */
export const terminationMessageSchema = z.object({ reason: reasonSchema, message: shortText });
export type TerminationMessage = z.infer<typeof terminationMessageSchema>;

/** Exit codes of the relay. `fatal`: a restart with the same Secret and spec cannot succeed. */
export const relayExitCodes = { ok: 0, retryable: 1, configuration: 2, fatal: 3 } as const;
