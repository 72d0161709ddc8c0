import { z } from 'zod';
import { accessPointsSchema } from './live-channel.ts';
import { isReason, type Reason } from './reasons.ts';
import { healthSchema, mediaModeSchema, relayModeSchema } from './values.ts';

/**
 * What the operator and the relay say to each other: the configuration file that the operator writes, the
 * status that the relay answers, and the termination message that it leaves. See docs/architecture.md.
 */
const reasonSchema = z.custom<Reason>(isReason, 'is not one of the reasons in src/api/reasons.ts');

/** `livechannel relay --config FILE`. Paths named `…File` are read again whenever they change. */
export const relayConfigSchema = z.strictObject({
  /** namespace/name of the LiveChannel, for logs and metrics. */
  channel: z.string().min(1),
  slot: z.int().min(0).max(1),
  agora: z.strictObject({
    appId: z.string().min(1),
    channelName: z.string().min(1),
    /** The relay's own uid in the Agora channel. */
    uid: z.int().min(1).max(4294967295),
    tokenFile: z.string().min(1),
    hostUid: z.int().optional(),
    accessPoints: accessPointsSchema.optional(),
  }),
  ingest: z.strictObject({
    /** File with the ingest's address without the key, e.g. rtmps://host:443/app/ */
    urlFile: z.string().min(1),
    streamKeyFile: z.string().min(1),
    /** The ingest lets a connection with a higher `?priority=N` behind the key replace one with a lower. */
    takeover: z.enum(['ivs-priority']).optional(),
    /**
     * Unix time in seconds at which this slot was last made the active one. Priorities count from it, so that those of
     * a relay which was replaced stay below those of its successor, however long it was paused.
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
      /** What the platform bears when the host's picture changes its size in mid-stream. */
      sizeChange: z.enum(['in-session', 'new-session', 'transcode']).default('new-session'),
      /** true where the platform asks for a constant bitrate: said to the encoder of a transcode. */
      constantBitrate: z.boolean().default(false),
      /** PNG or JPEG to show while there is no picture, instead of the host's last one. */
      slateFile: z.string().min(1).optional(),
    })
    .prefault({}),
  idle: z
    .strictObject({
      /** A stream without a host is kept on air with the last picture for so long; 0 = for ever. */
      holdLastFrameSeconds: z.int().min(0).default(600),
    })
    .prefault({}),
  /** true: start as the hot standby, joined and ready, and push only when told to (POST /activate). */
  standby: z.boolean().default(false),
  listen: z
    .strictObject({
      host: z.string().default('0.0.0.0'),
      port: z.int().min(0).max(65535).default(8080),
      /** Bearer token for the POST routes; without it they are refused. */
      tokenFile: z.string().optional(),
    })
    .prefault({}),
});
export type RelayConfig = z.infer<typeof relayConfigSchema>;

/** Where the relay is. `waiting`: joined, no host. `live`: bytes are accepted by the ingest. */
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

/** What viewers see: the host, the last picture (or a slate) in its place, or nothing because there is no session. */
export const videoOutputs = ['live', 'held', 'none'] as const;
export type VideoOutput = (typeof videoOutputs)[number];

/** Why a picture was not passed on. */
export const dropReasons = [
  /** It builds on one that is missing, or on one from before a hold: the next keyframe is awaited. */
  'after-loss',
  /** The ingest took too little: whole groups of pictures are left out. */
  'slow-ingest',
  /** The page could not hand it over. */
  'slow-relay',
  /** In a codec that this relay cannot pass on. */
  'codec',
] as const;
export type DropReason = (typeof dropReasons)[number];

/** Answer of the relay's GET /status. Bitrates in kbit/s, times in RFC 3339, intervals in seconds. */
export const relayReportSchema = z.object({
  state: z.enum(relayStates),
  reason: reasonSchema,
  message: z.string(),
  since: z.string(),
  /** Joined and ready, and not to push before it is told to. */
  standby: z.boolean(),
  mode: mediaModeSchema,
  /** Why the mode is transcode; empty otherwise. */
  modeReason: z.string(),
  videoOutput: z.enum(videoOutputs),
  /** Of the host's pictures, e.g. h264; null before the first. */
  codec: z.string().nullable(),
  host: z.object({ uid: z.number(), video: z.boolean(), audio: z.boolean() }).nullable(),
  /** When the ingest accepted the first and the last byte of the present session. */
  liveSince: z.string().nullable(),
  lastAcceptedAt: z.string().nullable(),
  inBitrateKbps: z.number(),
  outBitrateKbps: z.number(),
  frameRate: z.number(),
  width: z.number().nullable(),
  height: z.number().nullable(),
  keyframeIntervalSeconds: z.number().nullable(),
  avOffsetMs: z.number().nullable(),
  /** How far what the ingest has acknowledged is behind what was handed to FFmpeg. */
  lagMs: z.number().nullable(),
  /** Of the host's packets on the way from Agora, in the last seconds. */
  packetLossPercent: z.number().nullable(),
  jitterMs: z.number().nullable(),
  framesDropped: z.record(z.enum(dropReasons), z.number()),
  /** Of the whole container, and what its limit is; null where that is not known. */
  memoryMiB: z.number().nullable(),
  memoryLimitMiB: z.number().nullable(),
  restarts: z.record(z.string(), z.number()),
  lastError: z.object({ reason: reasonSchema, message: z.string(), at: z.string() }).nullable(),
  /** Seconds in each state since the relay started. */
  secondsInState: z.partialRecord(z.enum(relayStates), z.number()),
  health: healthSchema,
  /** What keeps the health from being good; empty when it is. */
  healthReason: z.string(),
});
export type RelayReport = z.infer<typeof relayReportSchema>;

/** One JSON line on /dev/termination-log. */
export const terminationMessageSchema = z.object({ reason: reasonSchema, message: z.string() });
export type TerminationMessage = z.infer<typeof terminationMessageSchema>;

/** Exit codes of the relay. A fatal one means: starting it again with the same Secret and spec will not help. */
export const relayExitCodes = { ok: 0, retryable: 1, configuration: 2, fatal: 3 } as const;
