import { z } from 'zod';
import { momentKinds } from '../../api/value-lists.ts';

/** More lines than a chart has room for. */
export const MOST_MOMENTS = 500;

export const historyQuerySchema = z.object({
  from: z.iso.datetime({ offset: true }).optional().describe('Default: an hour before `to`.'),
  to: z.iso.datetime({ offset: true }).optional().describe('Default: now.'),
});

/** Something that happened to a channel. */
export const momentSchema = z
  .object({
    at: z.iso.datetime(),
    kind: z
      .enum(momentKinds)
      .describe('mode: where viewers watch was decided or has changed. restart: of the relay.'),
    text: z.string().describe('Why, in words for the operator.'),
  })
  .meta({ id: 'Moment' });
export type Moment = z.infer<typeof momentSchema>;
