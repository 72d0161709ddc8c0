import { z } from 'zod';
import { agoraChannelNameSchema } from '../../api/live-channel.ts';
import { labelsSchema } from './labels.ts';

/** Options of a start, besides the channel. */
export const startRelaySchema = z.strictObject({
  agoraToken: z
    .string()
    .min(1)
    .max(2_047)
    .regex(/^[A-Za-z0-9+/=_-]+$/, 'expected an Agora token: base64')
    .optional()
    .describe(
      'Agora token with which the relay joins, for an app that issues tokens itself. It is stored in a Secret, and appears in no log.',
    ),
  agoraChannelName: agoraChannelNameSchema
    .optional()
    .describe(
      'Name of the Agora channel, for a new channel and for one that is off air. Rejected with relay-running while the relay is on air in another Agora channel.',
    ),
  labels: labelsSchema
    .optional()
    .describe(
      'Labels of the channel. A new channel has the defaults for them (api.defaultsByLabel); an existing one is labelled, and keeps its settings.',
    ),
});

export type StartRelay = z.infer<typeof startRelaySchema>;
