import { z } from 'zod';
import { channelIdSchema } from './channel-id.ts';

export const usageQuerySchema = z.object({
  from: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Rounded down to the hour. Default: 30 days before `to`.'),
  to: z.iso.datetime({ offset: true }).optional().describe('Default: now.'),
  channelId: channelIdSchema.optional(),
});

const usageFiguresSchema = z.object({
  wantedSeconds: z
    .number()
    .describe('Time in which the channel should have been on air: not suspended, not idle, and with a host.'),
  onAirSeconds: z.number().describe('Part of it in which media arrived at the platform.'),
  uptimePercent: z
    .number()
    .nullable()
    .describe('onAirSeconds of wantedSeconds; null if the channel should never have been on air.'),
  waitingSeconds: z.number().describe('Time in which it waited for its host. Not part of wantedSeconds.'),
  missingSeconds: z
    .number()
    .describe('Time without an operator that observed it. Not part of wantedSeconds.'),
  ingestBytes: z.number().min(0).describe('Sent by the relay to the platform.'),
  deliveredBytes: z.number().min(0).describe('Sent to viewers on HLS.'),
  deliveredEstimated: z
    .boolean()
    .describe('true: at least a part is viewers times bitrate. false: as the origin measured it.'),
});

/** Uptime and traffic. */
export const usageViewSchema = usageFiguresSchema.extend({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  days: z.array(usageFiguresSchema.extend({ day: z.iso.date().describe('UTC.') })).describe('Sorted.'),
  channels: z
    .array(usageFiguresSchema.extend({ channelId: z.string() }))
    .describe('Channels that were on air or should have been, the lowest uptime first.'),
});
export type UsageView = z.infer<typeof usageViewSchema>;
