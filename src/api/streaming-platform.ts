import { z } from 'zod';
import { annotations, API_VERSION } from './names.ts';
import {
  conditionsSchema,
  namespaceNameSchema,
  objectMetaSchema,
  objectNameSchema,
  observedGenerationSchema,
} from './metadata.ts';
import { cloudflareSchema } from './providers/cloudflare.ts';
import { ivsSchema } from './providers/ivs.ts';
import { muxSchema } from './providers/mux.ts';
import { originSchema } from './providers/origin.ts';
import { rtmpSchema } from './providers/rtmp.ts';
import { crd } from './schema-meta.ts';

export const providers = ['ivs', 'cloudflare', 'mux', 'origin', 'rtmp'] as const;
export type Provider = (typeof providers)[number];

/** One value for each provider, so that a new provider is added to one list. */
export function byProvider<T>(valueOf: (provider: Provider) => T): Record<Provider, T> {
  // fromEntries forgets the keys; there is one entry for each provider.
  return Object.fromEntries(providers.map((each) => [each, valueOf(each)])) as Record<Provider, T>;
}

const block = (provider: Provider): { rule: string; message: string; fieldPath: string } => ({
  rule: `self.provider == '${provider}' ? has(self.${provider}) : !has(self.${provider})`,
  message: `the block ${provider} must be set if and only if provider is ${provider}`,
  fieldPath: `.${provider}`,
});

export const streamingPlatformSpecSchema = crd(
  z.object({
    provider: z
      .enum(providers)
      .describe('The provider. The block of the same name configures it. Immutable.'),
    credentialsRef: z
      .object({
        namespace: namespaceNameSchema.describe('Namespace of the Secret.'),
        name: objectNameSchema.describe('Name of the Secret.'),
      })
      .describe(
        'Secret with the credentials of the provider (docs/platforms), and ca.crt if its certificate is issued by a private CA.',
      ),
    ivs: ivsSchema.optional().describe('Amazon IVS.'),
    cloudflare: cloudflareSchema.optional().describe('Cloudflare Stream.'),
    mux: muxSchema.optional().describe('Mux Video.'),
    origin: originSchema.optional().describe('The self-hosted origin of this project.'),
    rtmp: rtmpSchema.optional(),
    limits: z
      .object({
        maxStreams: z
          .int()
          .min(1)
          .max(100000)
          .optional()
          .describe('Highest number of streams of this cluster on the platform. Default: no limit.'),
        maxVideoBitrateKbps: z
          .int()
          .min(100)
          .max(50000)
          .optional()
          .describe("Highest video bitrate of a relay, in kbit/s. Default: the provider's limit."),
      })
      .prefault({})
      .describe('Limits in addition to those of the provider.'),
    orphanPolicy: z
      .enum(['Report', 'Delete'])
      .default('Report')
      .describe("What to do with streams that carry this cluster's tag and belong to no channel."),
  }),
  {
    'x-kubernetes-validations': [
      ...providers.map(block),
      {
        rule: 'self.provider == oldSelf.provider',
        message: 'provider is immutable; create another StreamingPlatform',
        fieldPath: '.provider',
      },
    ],
  },
);
export type StreamingPlatformSpec = z.infer<typeof streamingPlatformSpecSchema>;

export const streamingPlatformStatusSchema = z.object({
  observedGeneration: observedGenerationSchema.optional(),
  conditions: conditionsSchema(
    'Ready: the platform accepted the credentials. OrphanedStreams: it has streams of this cluster that no channel owns.',
  ).optional(),
  streams: z.int().min(0).optional().describe('Number of streams of this cluster on the platform.'),
  maxStreams: z
    .int()
    .min(0)
    .optional()
    .describe(
      "Limit of streams: the smaller one of spec.limits.maxStreams and the provider's own. Absent: none is known.",
    ),
  orphanedStreams: z
    .int()
    .min(0)
    .optional()
    .describe('Number of streams of this cluster on the platform that no LiveChannel owns.'),
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
        // The name is a tag on every stream, and platforms limit the length of tags.
        rule: 'size(self.metadata.name) <= 63',
        message: 'metadata.name must have at most 63 characters',
      },
    ],
  },
);
export type StreamingPlatform = z.infer<typeof streamingPlatformSchema>;

/** Whether channels that name no platform use this one. */
export const isDefaultPlatform = ({ metadata }: StreamingPlatform): boolean =>
  metadata.annotations?.[annotations.defaultPlatform] === 'true';
