import { z } from 'zod';
import { alertViewSchema } from './alerts.ts';
import { eventSchemas } from './server-events.ts';

/** What the operator can be configured to send (LIVECHANNEL_WEBHOOK_EVENTS). `alert` includes resolutions. */
export const webhookEvents = ['alert', 'status', 'mode', 'ended'] as const;
export type WebhookEvent = (typeof webhookEvents)[number];

/** Messages about channels. */
export const channelMessages = ['status', 'mode', 'ended'] as const satisfies readonly WebhookEvent[];
export type ChannelMessage = (typeof channelMessages)[number];

/** The service serves one namespace, the operator several: messages have the namespace in addition. */
const namespace = z.string();

const alert = alertViewSchema.extend({
  /** null: the alert is about a platform. */
  namespace: namespace.nullable(),
  /** What the alert is about; it is raised once for each occasion. */
  occasion: z.string(),
});

/**
 * The body of a webhook, in the shape that Standard Webhooks recommends. `data` of a message about a channel is the event
 * of the same type that subscribers receive, so that one parser serves both.
 *
 * @example
 * const message = webhookSchema.parse(JSON.parse(body));
 * if (message.type === 'livechannel.status') shows.set(message.data.channel.id, message.data.channel);
 */
export const webhookSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('livechannel.alert'), timestamp: z.iso.datetime(), data: alert }),
  z.object({ type: z.literal('livechannel.alert.resolved'), timestamp: z.iso.datetime(), data: alert }),
  z.object({
    type: z.literal('livechannel.status'),
    timestamp: z.iso.datetime(),
    data: eventSchemas.status.extend({ namespace }),
  }),
  z.object({
    type: z.literal('livechannel.mode'),
    timestamp: z.iso.datetime(),
    data: eventSchemas.mode.extend({ namespace }),
  }),
  z.object({
    type: z.literal('livechannel.ended'),
    timestamp: z.iso.datetime(),
    data: eventSchemas.ended.extend({ namespace }),
  }),
]);
export type WebhookMessage = z.infer<typeof webhookSchema>;

/** Type of the body of a message about a channel. */
export function webhookType<T extends ChannelMessage>(message: T): `livechannel.${T}` {
  return `livechannel.${message}`;
}
