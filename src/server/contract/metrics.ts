import { z } from 'zod';
import { healthSchema } from '../../api/values.ts';

export const metricsQuerySchema = z.object({
  from: z.iso.datetime({ offset: true }).optional().describe('Default: an hour before `to`.'),
  to: z.iso.datetime({ offset: true }).optional().describe('Default: now.'),
  step: z.coerce.number().int().min(10).max(86_400).default(60).describe('Seconds.'),
});

export const metricPointSchema = z.object({
  at: z.iso.datetime(),
  agoraViewers: z.number().nullable(),
  hlsViewers: z.number().nullable(),
  hlsViewersMost: z.number().nullable(),
  bitrateKbps: z.number().nullable(),
  health: healthSchema.nullable(),
  samples: z.int(),
  gaps: z.int(),
});
