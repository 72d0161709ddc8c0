import { z } from 'zod';
import { accessPointsSchema } from './live-channel.ts';
import { isReason, type Reason } from './reasons.ts';

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
    takeover: z.enum(['ivs-priority']).optional(),
    /** PEM bundle to verify the ingest with instead of the system's CAs. */
    caFile: z.string().min(1).optional(),
  }),
  media: z
    .strictObject({
      mode: z.enum(['auto', 'passthrough', 'transcode']).default('auto'),
      maxHeight: z.int().default(1080),
      maxVideoBitrateKbps: z.int().optional(),
      keyFrameIntervalSeconds: z.number().min(0.5).max(10).default(2),
    })
    .prefault({}),
  idle: z
    .strictObject({ noHostSeconds: z.int().min(0).default(0), noViewersSeconds: z.int().min(0).default(0) })
    .prefault({}),
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

/** Answer of the relay's GET /status. Bitrates in kbit/s, times in RFC 3339, intervals in seconds. */
export const relayReportSchema = z.object({
  state: z.enum(relayStates),
  reason: reasonSchema,
  message: z.string(),
  since: z.string(),
  mode: z.enum(['passthrough', 'transcode']),
  host: z.object({ uid: z.number(), video: z.boolean(), audio: z.boolean() }).nullable(),
  /** When the ingest accepted the first and the last byte of the present session. */
  liveSince: z.string().nullable(),
  lastAcceptedAt: z.string().nullable(),
  inBitrateKbps: z.number(),
  outBitrateKbps: z.number(),
  frameRate: z.number(),
  width: z.number().nullable(),
  height: z.number().nullable(),
  keyFrameIntervalSeconds: z.number().nullable(),
  avOffsetMs: z.number().nullable(),
  restarts: z.record(z.string(), z.number()),
  lastError: z.object({ reason: reasonSchema, message: z.string(), at: z.string() }).nullable(),
  health: z.enum(['good', 'fair', 'poor']),
});
export type RelayReport = z.infer<typeof relayReportSchema>;

/** One JSON line on /dev/termination-log. */
export const terminationMessageSchema = z.object({ reason: reasonSchema, message: z.string() });
export type TerminationMessage = z.infer<typeof terminationMessageSchema>;

/** Exit codes of the relay. A fatal one means: starting it again with the same Secret and spec will not help. */
export const relayExitCodes = { ok: 0, retryable: 1, configuration: 2, fatal: 3 } as const;
