import { z } from 'zod';
import {
  accessSchema,
  conditionStatusSchema,
  effectiveStreamModeSchema,
  latencySchema,
  streamModeSchema,
} from '../../api/values.ts';
import { relayViewSchema } from './relay-view.ts';

const conditionViewSchema = z.object({
  type: z.string(),
  status: conditionStatusSchema,
  reason: z.string(),
  message: z.string(),
  since: z.iso.datetime(),
});

export const channelViewSchema = z
  .object({
    id: z.string(),
    /** Namespace and name of the resource. */
    namespace: z.string(),
    name: z.string(),
    createdAt: z.iso.datetime(),
    streamMode: streamModeSchema,
    effectiveStreamMode: effectiveStreamModeSchema.nullable(),
    /** Why auto or a budget chose that mode, as human-readable text. */
    modeReason: z.string().nullable(),
    platform: z.string().nullable(),
    playbackUrl: z.url().nullable(),
    latencyMode: latencySchema,
    access: accessSchema,
    relay: relayViewSchema,
    conditions: z.array(conditionViewSchema),
    deleting: z.boolean(),
  })
  .meta({ id: 'Channel' });

export type ChannelView = z.infer<typeof channelViewSchema>;
