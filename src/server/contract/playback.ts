import { z } from 'zod';
import { accessSchema, latencySchema } from '../../api/values.ts';

export const playbackViewSchema = z.object({
  hlsUrl: z.url(),
  latency: latencySchema,
  access: accessSchema,
  /** Expiry of a signed URL; null for a public one. */
  expiresAt: z.iso.datetime().nullable(),
  onAir: z.boolean(),
});

export type PlaybackView = z.infer<typeof playbackViewSchema>;
