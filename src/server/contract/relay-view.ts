import { z } from 'zod';
import { healthSchema, mediaModeSchema, relayStatusSchema } from '../../api/values.ts';

export const relayViewSchema = z
  .object({
    status: relayStatusSchema,
    /** false while the channel is suspended. */
    wanted: z.boolean(),
    startedAt: z.iso.datetime().nullable(),
    mode: mediaModeSchema.nullable(),
    health: healthSchema.nullable(),
    restarts: z.int(),
    lastRestartReason: z.string().nullable(),
    idleSince: z.iso.datetime().nullable(),
    /** From the newest sample; null: unknown. */
    viewerCount: z.int().min(0).nullable(),
    bitrateKbps: z.int().min(0).nullable(),
  })
  .meta({ id: 'Relay' });

export type RelayView = z.infer<typeof relayViewSchema>;
