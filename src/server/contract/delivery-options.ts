import { z } from 'zod';
import { effectiveStreamModeSchema } from '../../api/values.ts';

/** How buyers can watch a channel, with the price and the delay of each way, for the seller who chooses. */
export const deliveryOptionsSchema = z
  .object({
    options: z.array(
      z.object({
        mode: effectiveStreamModeSchema,
        usdPerThousandViewerMinutes: z
          .number()
          .min(0)
          .nullable()
          .describe(
            'List price of one more viewer, for 1,000 minutes; null: unknown. In hybrid: of one more viewer on HLS; those who watch on Agora cost what they cost in agora-only.',
          ),
        usdPerHour: z
          .number()
          .min(0)
          .nullable()
          .describe(
            'What the relay and the platform cost per hour on air, whatever the number of viewers: 0 in agora-only; null: unknown.',
          ),
        delaySeconds: z
          .number()
          .min(0)
          .describe('How far viewers are behind the host; in hybrid, those on HLS.'),
      }),
    ),
    chosen: effectiveStreamModeSchema.nullable().describe('What viewers use now; null: not known yet.'),
    breakEvenViewers: z
      .int()
      .min(0)
      .nullable()
      .describe('Number of viewers from which HLS costs less than Agora alone; null: unknown, or never.'),
  })
  .meta({ id: 'DeliveryOptions' });
export type DeliveryOptions = z.infer<typeof deliveryOptionsSchema>;
