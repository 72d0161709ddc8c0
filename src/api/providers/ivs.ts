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
    .describe('IVS channel type. BASIC passes video through; the other types create several renditions.'),
  recordingConfigurationArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:ivs:[a-z0-9-]+:\d{12}:recording-configuration\/[a-zA-Z0-9-]+$/)
    .optional()
    .describe('Recording configuration for channels with playback.recording automatic.'),
  endpoint: httpUrlSchema.optional().describe("URL of the API. Default: the provider's. For tests."),
});
