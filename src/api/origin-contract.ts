import { z } from 'zod';
import { accessSchema } from './values.ts';

/** What the origin's control service and the operator say to each other (bearer auth, JSON). */

/** Stream ids are the caller's: 1 to 63 of [a-z0-9-], as a DNS label. */
export const originStreamIdSchema = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);

/** Body of PUT /v1/streams/{id}: idempotent; another keyVersion gives another key and revokes the old one. */
export const originStreamSpecSchema = z.strictObject({
  keyVersion: z.int().min(1).default(1),
  /** Free words of the owner, e.g. cluster and channel uid. */
  tags: z.record(z.string().max(63), z.string().max(255)).default({}),
  /** signed: plays only at addresses that POST /v1/streams/{id}/playback-grants gives. A change ends the broadcast. */
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
  /** Since when media arrives; null when not live. RFC 3339. */
  liveSince: z.string().nullable(),
  /** Measured over the last seconds; 0 when not live. */
  ingestBitrateKbps: z.number(),
  /** Distinct players that asked for the playlist within the last 15 s. */
  viewers: z.int(),
});
export type OriginStream = z.infer<typeof originStreamSchema>;

/** Answer of PUT and of GET of one stream: the only places that show the key. */
export const originStreamWithKeySchema = originStreamSchema.extend({ streamKey: z.string() });
export type OriginStreamWithKey = z.infer<typeof originStreamWithKeySchema>;

export const originStreamListSchema = z.object({ streams: z.array(originStreamSchema) });

/** Body of POST /v1/streams/{id}/playback-grants. */
export const originPlaybackGrantSchema = z.strictObject({
  expiresAt: z.iso.datetime(),
  /** Whose address it is: counted as one viewer, whatever they play it with. Does not appear in the address. */
  viewerId: z.string().min(1).max(256).optional(),
});
export type OriginPlaybackGrant = z.infer<typeof originPlaybackGrantSchema>;

/** Its answer. Of a public stream: its one address. */
export const originGrantedPlaybackSchema = z.object({ playbackUrl: z.string() });

/** Every answer of 4xx and 5xx. */
export const originErrorSchema = z.object({ code: z.string(), message: z.string() });
