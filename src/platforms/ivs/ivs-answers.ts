import { z } from 'zod';

/**
 * Schemas of the parts of IVS's answers that the driver uses. In the SDK's types every member is optional and none is
 * validated, so an answer of a server other than IVS would result in undefined values.
 */
const tags = z.record(z.string(), z.string()).default({});

export const channelSchema = z.object({
  arn: z.string().min(1),
  name: z.string().default(''),
  /** Only the host; see ingestUrlOf. */
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
