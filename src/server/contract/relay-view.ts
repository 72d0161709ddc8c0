import { z } from 'zod';
import { relayViewSchema } from '../../api/channel-view.ts';

// Shared with the webhooks of the operator, which does not import the service.
export { relayViewSchema, type RelayView } from '../../api/channel-view.ts';

/** The relay of a channel that may not exist: an app may ask before it has started anything. */
export const relayStateSchema = relayViewSchema
  .extend({
    channelExists: z
      .boolean()
      .describe('false: there is no such channel. It was never created, or it has ended.'),
  })
  .meta({ id: 'RelayState' });

export type RelayState = z.infer<typeof relayStateSchema>;
