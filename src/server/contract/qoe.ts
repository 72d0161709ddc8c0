import { z } from 'zod';
import { playerStates } from '../../api/player-states.ts';
import { metricsQuerySchema } from './metrics.ts';

/** Quality of experience: what a player measures, and what is made of the reports of many. */

const seconds = (most: number): z.ZodNumber => z.number().min(0).max(most);
const count = z.int().min(0).max(100_000);

export const qoeBrowsers = ['chrome', 'edge', 'firefox', 'safari', 'samsung', 'other'] as const;

export const qoeFatals = [
  'manifest',
  'playlist',
  'segment',
  'media',
  'engine',
  'unsupported',
  'other',
] as const;

/** A channel with this many players is not sampled; with more, about this many report. */
export const QOE_SAMPLE_PLAYERS = 200;
/** No channel has so many players that a smaller share is needed. */
const QOE_LEAST_RATE = 0.000_1;

/** Bytes of a report, a ticket included. */
export const QOE_BODY_BYTES = 2_048;

/**
 * What one player reports about the time since its last report: every 10 s in the first minute, then every 30 s, and once
 * at the end. It names no person and no device: `sid` is random, and new with each page load.
 */
export const qoeReportSchema = z.object({
  v: z.literal(1).describe('Version of this schema.'),
  sid: z
    .string()
    .regex(/^[0-9a-f]{16}$/)
    .describe('64 random bits, new with each page load and stored nowhere.'),
  seq: z.int().min(0).max(1_000_000).describe('Number of the report: a repetition counts once.'),
  dur: seconds(300).describe('Seconds that the report is about.'),
  playing: seconds(300).describe('Of these: seconds of playback.'),
  stalled: seconds(300).describe('Of these: seconds of waiting after the first frame, without pauses.'),
  stalls: count.describe('Number of such waits that were longer than 250 ms.'),
  ttff: seconds(600).optional().describe('Seconds to the first frame; in the report after it only.'),
  lat50: seconds(120).optional().describe('Seconds behind the origin, median at the live edge.'),
  lat95: seconds(120).optional().describe('The same, 95th percentile.'),
  h: z.int().min(1).max(8_640).optional().describe('Height of the video in pixels, by time.'),
  kbps: z.int().min(0).max(1_000_000).optional().describe('Bit rate of the level in kbit/s, by time.'),
  switches: count.default(0).describe('Number of changes of level.'),
  dropped: count.default(0).describe('Number of frames that were decoded and not shown.'),
  frames: count.default(0).describe('Number of frames, the dropped ones included.'),
  state: z.enum(playerStates).describe('State at the end of the time.'),
  visible: z.boolean().describe('Whether the page can be seen.'),
  fatal: z.enum(qoeFatals).optional().describe('What ended playback, if it did not recover in 30 s.'),
  rate: z
    .number()
    .min(QOE_LEAST_RATE)
    .max(1)
    .optional()
    .describe(
      'Share of players that report, as this player knows it: it stands for 1/rate players. Default 1.',
    ),
  ua: z.object({
    browser: z.enum(qoeBrowsers),
    major: z.int().min(0).max(9_999).describe('Major version; 0: unknown.'),
    os: z.enum(['android', 'ios', 'linux', 'macos', 'windows', 'other']),
    mobile: z.boolean(),
  }),
  conn: z.enum(['slow-2g', '2g', '3g', '4g']).optional().describe('effectiveType of the network.'),
});
export type QoeReport = z.infer<typeof qoeReportSchema>;

export const qoeAnswerSchema = z.object({
  sampleRate: z
    .number()
    .min(0)
    .max(1)
    .describe(
      'Share of players that should report from now on. A player that is not in it reports faults only; one that knows a smaller share keeps that.',
    ),
});
export type QoeAnswer = z.infer<typeof qoeAnswerSchema>;

/** What a player measures at the moment, beside a complaint of its viewer: nothing of it counts as a report. */
export const qoeSnapshotSchema = qoeReportSchema
  .omit({ v: true, sid: true, seq: true, rate: true })
  .partial({ ua: true });
export type QoeSnapshot = z.infer<typeof qoeSnapshotSchema>;

/** Reports at the end of a page have no headers, so that the ticket is in the body. */
export const qoeRequestSchema = qoeReportSchema.extend({
  ua: qoeReportSchema.shape.ua
    .optional()
    .describe('Default: by the header User-Agent, of which nothing else is kept.'),
  ticket: z
    .string()
    .max(QOE_BODY_BYTES)
    .optional()
    .describe('For navigator.sendBeacon, which cannot send headers: the ticket instead of Authorization.'),
});

const known = z.number().nullable();

const figuresSchema = z.object({
  sessions: z
    .int()
    .describe(
      'Number of players, estimated where players are sampled: those of the first minute, and those that started later.',
    ),
  playingSeconds: z.number(),
  stalledRatio: known.describe('Share of the time that players waited, from 0 to 1.'),
  stallsPerHour: known.describe('Waits per hour of playback.'),
  startupP50: known.describe('Seconds to the first frame.'),
  startupP95: known,
  latencyP50: known.describe('Seconds behind the origin.'),
  latencyP95: known,
  droppedRatio: known.describe('Share of frames that were not shown, from 0 to 1.'),
  fatal: z.int().describe('Number of players whose playback ended with a fault.'),
});
export type QoeFigures = z.infer<typeof figuresSchema>;

/** Figures of fewer than three players are null: they would describe persons, and mean nothing. */
export const QOE_LEAST_SESSIONS = 3;

/** Steps of whole minutes, since reports are summed by minute. Without a period: the last hour. */
export const qoeQuerySchema = metricsQuerySchema.extend({
  step: z.coerce.number().int().min(60).max(86_400).multipleOf(60).default(60).describe('Seconds.'),
});
export type QoeQuery = z.infer<typeof qoeQuerySchema>;

export const qoeViewSchema = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  connected: z
    .int()
    .nullable()
    .describe(
      'Players that report: seconds that the reports of the last minute are about, by minute. null: unknown, because no player has reported in the period or since, or because other replicas cannot be read.',
    ),
  watching: z.int().nullable().describe('Of these: playing on a page that can be seen; null likewise.'),
  counts: z
    .object({
      ageSeconds: z
        .number()
        .nullable()
        .describe('Age of the oldest count in the sum, which is one of each replica; null: unknown.'),
      estimated: z.boolean().describe('Whether players are sampled, so that each counts for several.'),
      sampleRate: z.number().describe('Share of players that report.'),
    })
    .describe('About connected and watching.'),
  ...figuresSchema.shape,
  minutes: z
    .array(z.object({ at: z.iso.datetime(), ...figuresSchema.shape }))
    .describe('Steps with reports, oldest first: minutes, unless a longer step is requested.'),
  platforms: z.array(z.object({ platform: z.string().nullable(), ...figuresSchema.shape })),
  browsers: z.array(z.object({ browser: z.enum(qoeBrowsers), ...figuresSchema.shape })),
});
export type QoeView = z.infer<typeof qoeViewSchema>;
