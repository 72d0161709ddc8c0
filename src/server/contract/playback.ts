import { z } from 'zod';
import { accessSchema, latencySchema } from '../../api/values.ts';

const expiresAt = z.iso.datetime().nullable().describe('Expiry of a signed URL; null: it does not expire.');

export const playbackViewSchema = z.object({
  hlsUrl: z.url(),
  latency: z
    .int()
    .min(1)
    .describe(
      'Seconds that viewers on HLS are expected to be behind the host, for the platform and latencyMode.',
    ),
  latencyMode: latencySchema.describe("The channel's setting playback.latency."),
  access: accessSchema,
  expiresAt,
  onAir: z.boolean(),
});

export type PlaybackView = z.infer<typeof playbackViewSchema>;

/** What a start returns. */
export const startedRelaySchema = z.object({
  playbackUrl: z.url().describe('Signed if the channel requires it.'),
  expiresAt,
  playbackProblem: z
    .object({
      code: z.string().describe('As in docs/reference/problems.md, such as cannot-sign.'),
      detail: z.string().describe('What is wrong, and what to do.'),
    })
    .nullable()
    .describe('Why playbackUrl cannot be played as it is; null: it can, as soon as media arrives.'),
});

export type StartedRelay = z.infer<typeof startedRelaySchema>;
