import { z } from 'zod';

export const alertViewSchema = z.object({
  id: z.string(),
  channelId: z.string(),
  raisedAt: z.iso.datetime(),
  resolvedAt: z.iso.datetime().nullable(),
  kind: z.string(),
  severity: z.enum(['info', 'warning', 'critical']),
  message: z.string(),
});

/** Cursor of a page of alerts: the id of the last alert of the previous page. */
export const alertCursorSchema = z
  .string()
  .regex(/^\d{1,15}$/, 'expected `next` of the previous page')
  .describe('`next` of the previous page.');
