import { z } from 'zod';

/**
 * What the driver uses of IVS's answers. The SDK's types call every member optional and check none, so that
 * something else that answers in IVS's place would come through as undefined.
 */
const tags = z.record(z.string(), z.string()).default({});

export const channelSchema = z.object({
  arn: z.string().min(1),
  name: z.string().default(''),
  /** Host alone; see ingestUrlOf. */
  ingestEndpoint: z.string().min(1),
  playbackUrl: z.string().min(1),
  tags,
});
export type IvsChannel = z.infer<typeof channelSchema>;

export const channelSummarySchema = z.object({
  arn: z.string().min(1),
  name: z.string().default(''),
  tags,
});
export type IvsChannelSummary = z.infer<typeof channelSummarySchema>;

export const streamKeySchema = z.object({ arn: z.string().min(1), value: z.string().min(1) });
export type IvsStreamKey = z.infer<typeof streamKeySchema>;

export const streamSchema = z.object({
  channelArn: z.string().min(1),
  state: z.string().optional(),
  viewerCount: z.number().optional(),
  startTime: z.date().optional(),
});
export type IvsStream = z.infer<typeof streamSchema>;

const nextToken = z.string().optional();
export const getChannelSchema = z.object({ channel: channelSchema });
export const batchGetChannelSchema = z.object({ channels: z.array(channelSummarySchema).default([]) });
export const createChannelSchema = z.object({ channel: channelSchema, streamKey: streamKeySchema });
export const listChannelsSchema = z.object({ channels: z.array(channelSummarySchema), nextToken });
export const streamKeyAnswerSchema = z.object({ streamKey: streamKeySchema });
export const listStreamKeysSchema = z.object({ streamKeys: z.array(streamKeySchema.pick({ arn: true })) });
export const getStreamSchema = z.object({ stream: streamSchema });
export const listStreamsSchema = z.object({ streams: z.array(streamSchema), nextToken });
export const recordingConfigurationSchema = z.object({
  recordingConfiguration: z.object({ state: z.string() }),
});
export const listKeyPairsSchema = z.object({
  keyPairs: z.array(z.object({ name: z.string().default('') })),
  nextToken,
});
export const nothingSchema = z.unknown();
