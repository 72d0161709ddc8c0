import { z } from 'zod';
import { httpUrlSchema } from './http-url.ts';

/** Secret: accessKeyId, secretAccessKey, optionally sessionToken; playbackPrivateKey (PEM) for signed playback; ca.crt. */
export const ivsSchema = z.object({
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .describe('AWS region, e.g. eu-central-1.'),
  channelType: z
    .enum(['STANDARD', 'BASIC', 'ADVANCED_SD', 'ADVANCED_HD'])
    .default('STANDARD')
    .describe('Type of the channels: BASIC passes video on, the others make several renditions of it.'),
  recordingConfigurationArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:ivs:[a-z0-9-]+:\d{12}:recording-configuration\/[a-zA-Z0-9-]+$/)
    .optional()
    .describe('Where recordings go, for channels with playback.recording automatic.'),
  endpoint: httpUrlSchema.optional().describe("Another address of the API, e.g. a test double's."),
});
