import { z } from 'zod';
import { effectiveStreamModeSchema } from '../../api/values.ts';
import { channelViewSchema } from './channel-view.ts';

/** An event for subscribers; `id` resumes after it. */
export const serverEventSchema = z.discriminatedUnion('type', [
  /** The whole channel: at the beginning, and if the events since the given id are no longer known. */
  z.object({ type: z.literal('snapshot'), id: z.string(), channel: channelViewSchema }),
  /** The channel changed. */
  z.object({ type: z.literal('status'), id: z.string(), channel: channelViewSchema }),
  /**
   * Viewers should switch to `mode`, which becomes the channel's effective mode after `at`; both work until then.
   */
  z.object({
    type: z.literal('mode'),
    id: z.string(),
    channelId: z.string(),
    mode: effectiveStreamModeSchema,
    at: z.iso.datetime(),
    message: z.string(),
  }),
  z.object({ type: z.literal('ended'), id: z.string(), channelId: z.string() }),
]);

export type ServerEvent = z.infer<typeof serverEventSchema>;
