import { z } from 'zod';
import { alertViewSchema } from './alerts.ts';
import { channelViewSchema } from './channel-view.ts';
import { channelNumbersSchema } from './live-numbers.ts';
import { effectiveStreamModeSchema } from './values.ts';

/** What events and webhooks have in common: each type by itself. `id` is described in event-id.ts. */
export const eventSchemas = {
  /** The whole channel: at the beginning, and if the events since the given id are no longer known. */
  snapshot: z.object({ type: z.literal('snapshot'), id: z.string(), channel: channelViewSchema }),
  /** The channel changed. */
  status: z.object({ type: z.literal('status'), id: z.string(), channel: channelViewSchema }),
  /**
   * Viewers should switch to `mode`, which becomes the channel's effective mode after `at`; both work until then.
   */
  mode: z.object({
    type: z.literal('mode'),
    id: z.string(),
    channelId: z.string(),
    mode: effectiveStreamModeSchema,
    at: z.iso.datetime(),
    message: z.string(),
  }),
  ended: z.object({ type: z.literal('ended'), id: z.string(), channelId: z.string() }),
  /** An alert was raised or resolved. Only subscribers to all channels receive it. */
  alert: z.object({ type: z.literal('alert'), id: z.string(), alert: alertViewSchema }),
  /**
   * What is measured now, every 2 s. Subscribers to all channels receive those on air or wanted on air, without `media`;
   * subscribers to one channel receive that one, if they may read its metrics, also as soon as its relay has reported. It cannot be resumed from: what was missed
   * is out of date.
   */
  numbers: z.object({
    type: z.literal('numbers'),
    id: z.string(),
    at: z.iso.datetime(),
    channels: z.array(channelNumbersSchema),
  }),
} as const;

/** An event for subscribers; `id` resumes after it. */
export const serverEventSchema = z.discriminatedUnion('type', [
  eventSchemas.snapshot,
  eventSchemas.status,
  eventSchemas.mode,
  eventSchemas.ended,
  eventSchemas.alert,
  eventSchemas.numbers,
]);
export type ServerEvent = z.infer<typeof serverEventSchema>;
/** What happened to one channel. These events have a place in the history, and buyers receive them, too. */
export type ChannelStateEvent = Exclude<ServerEvent, { readonly type: 'alert' | 'numbers' }>;
export type NumbersEvent = Extract<ServerEvent, { readonly type: 'numbers' }>;
/** What subscribers to one channel receive. Alerts are for those who operate the app. */
export type ChannelEvent = Exclude<ServerEvent, { readonly type: 'alert' }>;
