import { z } from 'zod';

const count = z.int().min(0).nullable();

export const platformViewSchema = z.object({
  name: z.string(),
  provider: z.string(),
  isDefault: z.boolean(),
  ready: z.boolean(),
  reason: z.string(),
  message: z.string(),
  channels: z.int(),
  capabilities: z
    .object({
      rotateKey: z.boolean().describe('Whether the stream key of a channel on it can be replaced.'),
    })
    .describe('Actions that depend on the provider.'),
  quota: z
    .object({
      used: count.describe('Streams of this cluster on the platform.'),
      limit: count.describe(
        "The smaller one of limits.maxStreams and the provider's own; null also without a limit.",
      ),
      orphans: count.describe('Streams of this cluster that no channel owns.'),
      staleSince: z.iso
        .datetime()
        .nullable()
        .describe(
          'Since when the platform has not been ready, so that the numbers may be older; null: they are current.',
        ),
    })
    .describe('null: unknown.'),
});
