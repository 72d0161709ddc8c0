import { z } from 'zod';
import { accessSchema } from './values.ts';

/** The API of the origin's control service, which the operator calls (bearer authentication, JSON). */

/** Stream IDs are chosen by the caller: a DNS label, 1 to 63 characters of [a-z0-9-]. */
export const originStreamIdPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
export const originStreamIdSchema = z.string().regex(originStreamIdPattern);

/** Body of PUT /v1/streams/{id}, which is idempotent. Another keyVersion replaces the key and revokes the old one. */
export const originStreamSpecSchema = z.strictObject({
  keyVersion: z.int().min(1).default(1),
  /** Metadata of the owner, e.g. the UIDs of cluster and channel. */
  tags: z.record(z.string().max(63), z.string().max(255)).default({}),
  /** signed: only URLs from POST /v1/streams/{id}/playback-grants can be played. A change ends the broadcast. */
  access: accessSchema.default('public'),
});
export type OriginStreamSpec = z.infer<typeof originStreamSpecSchema>;

export const originStreamSchema = z.object({
  id: originStreamIdSchema,
  keyVersion: z.int(),
  tags: z.record(z.string(), z.string()),
  access: accessSchema,
  createdAt: z.string(),
  ingestUrl: z.string().describe('rtmps://host:1936/live/ — the key is appended to it.'),
  playbackUrl: z.string(),
  live: z.boolean(),
  /** When media began to arrive, RFC 3339; null if not live. */
  liveSince: z.string().nullable(),
  /** Averaged over the last seconds; 0 if not live. */
  ingestBitrateKbps: z.number(),
  /** Distinct players that requested the playlist within the last 15 s. */
  viewers: z.int(),
  /** Bytes of segments sent since this origin process started; not known to an older origin. */
  deliveredBytes: z.int().min(0).optional(),
});
export type OriginStream = z.infer<typeof originStreamSchema>;

/** Response of PUT and GET of one stream: the only responses with the key. */
export const originStreamWithKeySchema = originStreamSchema.extend({ streamKey: z.string() });
export type OriginStreamWithKey = z.infer<typeof originStreamWithKeySchema>;

export const originStreamListSchema = z.object({ streams: z.array(originStreamSchema) });

/** Body of POST /v1/streams/{id}/playback-grants. */
export const originPlaybackGrantSchema = z.strictObject({
  expiresAt: z.iso.datetime(),
  /** The viewer that the URL is for: counted as one viewer, whatever the player. It is not visible in the URL. */
  viewerId: z.string().min(1).max(256).optional(),
});
export type OriginPlaybackGrant = z.infer<typeof originPlaybackGrantSchema>;

/** Response of POST /v1/streams/{id}/playback-grants. For a public stream, its unsigned URL. */
export const originGrantedPlaybackSchema = z.object({ playbackUrl: z.string() });

/** Body of every 4xx and 5xx response. */
export const originErrorSchema = z.object({ code: z.string(), message: z.string() });
