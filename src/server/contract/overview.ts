import { z } from 'zod';
import { usdSchema } from './usd.ts';

const count = z.int().min(0);

/** All channels now. A sum is null if it is unknown for all of them, and a lower bound if `unknown` is not 0. */
export const overviewSchema = z
  .object({
    at: z.iso.datetime(),
    channels: z.object({
      total: count,
      wanted: count.describe('That should be on air.'),
      onAir: count.describe('Whose media arrives at the platform.'),
    }),
    viewers: z.object({
      agora: count.nullable(),
      hls: count.nullable(),
      unknown: count.describe('Channels on air of which one of the numbers is unknown.'),
    }),
    costs: z.object({
      perHourUsd: usdSchema.nullable().describe('At the rate of this moment, of channels on air.'),
      agoraAlonePerHourUsd: usdSchema.nullable().describe('What the same viewers would cost on Agora alone.'),
      savedPerHourUsd: usdSchema.nullable(),
      unknown: count.describe(
        'Channels on air of which the cost is unknown, or known but for viewers on Agora.',
      ),
    }),
    health: z
      .object({ good: count, fair: count, poor: count, unknown: count })
      .describe('Of channels wanted on air.'),
    alerts: z
      .object({ critical: count, warning: count, info: count })
      .nullable()
      .describe('That are open; null: unknown, because there is no database or it has not answered yet.'),
  })
  .meta({ id: 'Overview' });
export type Overview = z.infer<typeof overviewSchema>;
