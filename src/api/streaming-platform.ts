import { z } from 'zod';
import { API_VERSION } from './names.ts';
import { conditionSchema, namespaceNameSchema, objectMetaSchema, objectNameSchema } from './metadata.ts';
import { cloudflareSchema } from './providers/cloudflare.ts';
import { ivsSchema } from './providers/ivs.ts';
import { muxSchema } from './providers/mux.ts';
import { originSchema } from './providers/origin.ts';
import { rtmpSchema } from './providers/rtmp.ts';
import { crd } from './schema-meta.ts';

export const providers = ['ivs', 'cloudflare', 'mux', 'origin', 'rtmp'] as const;
export type Provider = (typeof providers)[number];

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
        'Secret with what the provider needs (docs/platforms), and ca.crt where its certificate is private.',
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
  orphanedStreams: z.int().min(0).optional().describe('Those of them that belong to no LiveChannel.'),
});
export type StreamingPlatformStatus = z.infer<typeof streamingPlatformStatusSchema>;

export const streamingPlatformSchema = crd(
  z.object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('StreamingPlatform'),
    metadata: objectMetaSchema,
    spec: streamingPlatformSpecSchema,
    status: streamingPlatformStatusSchema.optional(),
  }),
  {
    'x-kubernetes-validations': [
      {
        // The name is a tag on every stream, and platforms limit those.
        rule: 'size(self.metadata.name) <= 63',
        message: 'metadata.name may have no more than 63 characters',
      },
    ],
  },
);
export type StreamingPlatform = z.infer<typeof streamingPlatformSchema>;
