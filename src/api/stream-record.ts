import { z } from 'zod';
import { objectNameSchema } from './metadata.ts';

/**
 * The record of a stream in `status.streams`: what the operator remembers of it. Everything is bounded, so that the API
 * server refuses what the operator could not read.
 */

/** RFC 3339 in UTC. The API server checks the same, so that no time is ever NaN. */
const time = (): z.ZodISODateTime => z.iso.datetime();
const annotationMarkSchema = z.string().max(64);
const slotSchema = z.literal([0, 1]);

const idleSchema = z.object({
  since: time().describe('When the relay became idle.'),
  why: z
    .enum(['no-host', 'no-viewers', 'agora'])
    .describe('Why. agora: viewers watch on Agora only, to save costs.'),
  drainUntil: time()
    .exactOptional()
    .describe('For agora: viewers are migrating to Agora, and the relay continues until this time.'),
  resume: annotationMarkSchema
    .exactOptional()
    .describe('Value of annotation resume at that time. Another value resumes the relay.'),
  probedAt: time().exactOptional().describe('When a relay last checked for the host and found none.'),
  probingSince: time().exactOptional().describe('Since when a relay runs to check for the host.'),
});
/** Why and since when a relay is idle. */
export type IdleRecord = z.infer<typeof idleSchema>;

const provisionedSchema = z.object({
  playbackUrl: z.string().min(1).max(2048).describe('HLS playback URL, not signed.'),
  streamKeyId: z.string().max(128).describe("The platform's id of the stream key, never the key itself."),
  privateCa: z.boolean().describe('Whether the certificate of the ingest is of a private CA.'),
  ingestDigest: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe(
      'Digest of ingest URL, stream key and CA. A relay Secret whose content has another digest is not used.',
    ),
});
/** What the platform answered about a stream when it was created, opened or given a new key. */
export type ProvisionedRecord = z.infer<typeof provisionedSchema>;

export const streamRecordSchema = z.object({
  role: z
    .enum(['active', 'incoming', 'draining'])
    .describe(
      'active: viewers are sent to it. incoming: it is started, to become active. draining: it is drained, then deleted.',
    ),
  platform: objectNameSchema.describe(
    'The StreamingPlatform on which the stream was created, or will be. Platform and name identify a stream within a channel.',
  ),
  name: z
    .string()
    .regex(/^[a-z0-9-]{1,63}$/)
    .describe('Name of the stream there, derived from the channel and its playback options.'),
  slot: slotSchema.exactOptional().describe('Which of the relay pods pushes to it. Absent when none does.'),
  standby: z
    .object({
      slot: slotSchema.describe('The other slot.'),
      since: time().describe('Since when it belongs to this stream.'),
      node: z.string().max(253).exactOptional().describe('The node that was lost with that relay.'),
    })
    .exactOptional()
    .describe(
      'The other slot, if it also belongs to this stream: its relay is the standby, or the one that was replaced.',
    ),
  idle: idleSchema
    .exactOptional()
    .describe('For the active stream, while its relay is idle: no host, no viewer, or costs are saved.'),
  epoch: z
    .int()
    .min(0)
    .max(4_294_967_295)
    .exactOptional()
    .describe(
      'Unix seconds; increases whenever slot changes. The relay with the higher epoch wins at the ingest.',
    ),
  failedOverAt: time().exactOptional().describe('When slot last changed.'),
  fenced: z
    .object({
      epoch: z.int().min(0).max(4_294_967_295).describe('The epoch for which the key is replaced.'),
      at: time()
        .exactOptional()
        .describe(
          'When the new key was in the Secret. Without it, the old key may be revoked while no relay has the new one.',
        ),
    })
    .exactOptional()
    .describe('The stream key is replaced, because the previous relay could not be switched to standby.'),
  id: z
    .string()
    .regex(/^[!-~]{1,256}$/)
    .exactOptional()
    .describe(
      "The platform's id of the stream. Absent from the decision to create it until the answer is recorded.",
    ),
  provisioned: provisionedSchema
    .exactOptional()
    .describe('What the platform answered about the stream. Present with id, except after an upgrade.'),
  attempt: z
    .string()
    .regex(/^[a-z0-9-]{1,64}$/)
    .describe('Identifies the request to create it; the same for every retry.'),
  since: time().describe('When the role began.'),
  until: time().exactOptional().describe('For a draining stream: when draining ends.'),
  rotated: annotationMarkSchema
    .exactOptional()
    .describe('The last value of annotation rotate-key for which the key was rotated.'),
  insteadOf: objectNameSchema
    .exactOptional()
    .describe('On the fallback platform: the platform that is unavailable.'),
  returnAt: time().exactOptional().describe('With insteadOf: when to try that platform again.'),
  sentFrom: objectNameSchema
    .exactOptional()
    .describe("If the budget switched the platform: the channel's home platform without that switch."),
});
export type StreamRecord = z.infer<typeof streamRecordSchema>;
export type Slot = z.infer<typeof slotSchema>;

/**
 * Records of one channel. It needs two, and a third while a drained stream is being deleted; more accumulate only while a
 * platform does not delete, and then no further stream is begun.
 */
export const MAX_STREAM_RECORDS = 4;
