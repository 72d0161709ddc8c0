import { z } from 'zod';
import { API_VERSION } from './names.ts';
import { conditionSchema, namespaceNameSchema, objectMetaSchema, objectNameSchema } from './metadata.ts';
import { crd } from './schema-meta.ts';

const httpUrl = z
  .string()
  .regex(/^https?:\/\/[^\s/]+.*$/)
  .max(2048);

export const providers = ['ivs', 'cloudflare', 'mux', 'origin', 'rtmp'] as const;
export type Provider = (typeof providers)[number];

const ivsSchema = z.object({
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .describe('AWS region, e.g. eu-central-1.'),
  channelType: z
    .enum(['STANDARD', 'BASIC', 'ADVANCED_SD', 'ADVANCED_HD'])
    .default('STANDARD')
    .describe('Type of the channels: BASIC passes video on, the others make several renditions of it.'),
  endpoint: httpUrl.optional().describe("Another address of the API, e.g. a test double's."),
});
const cloudflareSchema = z.object({
  accountId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .describe('The account that the streams belong to.'),
  baseUrl: httpUrl.optional().describe("Another address of the API, e.g. a test double's."),
});
const muxSchema = z.object({
  latencyMode: z
    .enum(['standard', 'reduced', 'low'])
    .default('standard')
    .describe('Latency mode of the live streams, where the channel does not ask for low.'),
  test: z
    .boolean()
    .default(false)
    .describe('Make test streams: free of charge, with a watermark and a short life.'),
  baseUrl: httpUrl.optional().describe("Another address of the API, e.g. a test double's."),
});
const originSchema = z.object({
  controlUrl: httpUrl.describe(
    "Address of the origin's control service, e.g. http://livechannel-origin.livechannel-system:8081.",
  ),
});
const rtmpSchema = z
  .object({})
  .describe('Ingest and playback addresses come from the Secret that credentialsRef names.');

const block = (provider: Provider): { rule: string; message: string; fieldPath: string } => ({
  rule: `self.provider == '${provider}' ? has(self.${provider}) : !has(self.${provider})`,
  message: `the block ${provider} must be set when provider is ${provider}, and only then`,
  fieldPath: `.${provider}`,
});

export const streamingPlatformSpecSchema = crd(
  z.object({
    provider: z
      .enum(providers)
      .describe('Whose service it is; the block of that name says more. Cannot be changed.'),
    credentialsRef: z
      .object({
        namespace: namespaceNameSchema.describe('Namespace of the Secret.'),
        name: objectNameSchema.describe('Name of the Secret.'),
      })
      .describe(
        'Secret with what the provider needs; for the origin: token, and ca.crt where its certificate is private.',
      ),
    ivs: ivsSchema.optional().describe('Amazon IVS.'),
    cloudflare: cloudflareSchema.optional().describe('Cloudflare Stream.'),
    mux: muxSchema.optional().describe('Mux Video.'),
    origin: originSchema.optional().describe('The self-hosted platform of this project.'),
    rtmp: rtmpSchema.optional(),
    limits: z
      .object({
        maxStreams: z
          .int()
          .min(1)
          .max(100000)
          .optional()
          .describe('No more streams than this are made on the platform.'),
        maxVideoBitrateKbps: z
          .int()
          .min(100)
          .max(50000)
          .optional()
          .describe('No relay sends more than this.'),
      })
      .prefault({})
      .describe('Limits of your own, below those of the provider.'),
    orphanPolicy: z
      .enum(['Report', 'Delete'])
      .default('Report')
      .describe("What becomes of streams that carry this cluster's tag and belong to no channel."),
  }),
  {
    'x-kubernetes-validations': [
      ...providers.map(block),
      {
        rule: 'self.provider == oldSelf.provider',
        message: 'provider cannot be changed; make another StreamingPlatform',
        fieldPath: '.provider',
      },
    ],
  },
);
export type StreamingPlatformSpec = z.infer<typeof streamingPlatformSpecSchema>;

export const streamingPlatformStatusSchema = z.object({
  observedGeneration: z.int().optional(),
  conditions: crd(z.array(conditionSchema), {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  }).optional(),
  streams: z.int().min(0).optional().describe('Streams of this cluster on the platform.'),
});
export type StreamingPlatformStatus = z.infer<typeof streamingPlatformStatusSchema>;

export const streamingPlatformSchema = z.object({
  apiVersion: z.literal(API_VERSION),
  kind: z.literal('StreamingPlatform'),
  metadata: objectMetaSchema,
  spec: streamingPlatformSpecSchema,
  status: streamingPlatformStatusSchema.optional(),
});
export type StreamingPlatform = z.infer<typeof streamingPlatformSchema>;
