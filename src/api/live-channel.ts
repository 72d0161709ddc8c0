import { z } from 'zod';
import { API_VERSION } from './names.ts';
import { conditionSchema, objectMetaSchema, objectNameSchema } from './metadata.ts';
import { crd } from './schema-meta.ts';
import {
  accessSchema,
  budgetActionSchema,
  budgetPeriodSchema,
  effectiveStreamModeSchema,
  fallbackModeSchema,
  healthSchema,
  latencySchema,
  mediaModeSchema,
  recordingSchema,
  relayModeSchema,
  relayStatusSchema,
  resolutionSchema,
  streamModeSchema,
} from './values.ts';

/** Agora accepts up to 64 bytes of this alphabet as a channel name. */
const agoraChannelName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[a-zA-Z0-9 !#$%&()+\-:;<=.>?@[\]^_{|}~,]+$/);

const agoraUid = z.int().min(1).max(4294967295);

export const accessPointsSchema = z
  .object({
    hosts: z
      .array(z.string().min(1).max(253))
      .min(1)
      .max(16)
      .describe('Names or addresses of the access points.'),
    domain: z.string().min(1).max(253).describe('Domain under which the gateways have their names.'),
    port: z.int().min(1).max(65535).default(443).describe('Port of the access points and gateways.'),
    certificatePins: z
      .array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/))
      .max(8)
      .default([])
      .describe('Base64 SHA-256 of the public keys to trust beside the public CAs, for private ones.'),
  })
  .describe('Own access points, for private Agora deployments and tests.');
export type AccessPoints = z.infer<typeof accessPointsSchema>;

const tolerationSchema = z.object({
  key: z.string().exactOptional().describe('Key of the taint; without it, any.'),
  operator: z.enum(['Exists', 'Equal']).exactOptional().describe('How key and value match. Default: Equal.'),
  value: z.string().exactOptional().describe('Value of the taint, for Equal.'),
  effect: z
    .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    .exactOptional()
    .describe('Effect of the taint; without it, any.'),
  tolerationSeconds: z
    .int()
    .exactOptional()
    .describe('For how long NoExecute is tolerated; without it, for ever.'),
});

/** A quantity may be written as a number, too (`cpu: 2`), as everywhere in Kubernetes. */
const quantitySchema = crd(
  z.union([z.string().regex(/^\d+(\.\d+)?(m|k|Ki|[MGTPE]i?)?$/), z.number().transform(String)]),
  { 'x-kubernetes-int-or-string': true },
);
const resourceListSchema = z.record(z.string(), quantitySchema);

export const relayTemplateSchema = z
  .object({
    resources: z
      .object({
        requests: resourceListSchema.optional().describe('What the scheduler sets aside.'),
        limits: resourceListSchema.optional().describe('What the container may not go beyond.'),
      })
      .optional()
      .describe('Of the relay container; each one given replaces the one of the operator.'),
    nodeSelector: z
      .record(z.string(), z.string())
      .optional()
      .describe('Labels of the nodes that relays may run on.'),
    tolerations: z
      .array(tolerationSchema)
      .max(32)
      .optional()
      .describe('Taints of nodes that relays may run on.'),
    affinity: crd(z.record(z.string(), z.unknown()), {
      'x-kubernetes-preserve-unknown-fields': true,
    })
      .optional()
      .describe('As in a pod (core/v1 Affinity).'),
    priorityClassName: objectNameSchema.optional().describe('PriorityClass of the relay pods.'),
    labels: z.record(z.string(), z.string()).optional().describe('More labels of the relay pods.'),
    annotations: z.record(z.string(), z.string()).optional().describe('More annotations of the relay pods.'),
  })
  .describe('What the relay pods get beside what the operator sets.');

export const liveChannelSpecSchema = crd(
  z.object({
    streamMode: streamModeSchema
      .default('hybrid')
      .describe(
        'agora-only: no relay. hybrid: viewers on Agora and on HLS. hls-only: viewers on HLS alone. auto: by cost.',
      ),
    suspend: z.boolean().default(false).describe('true takes the channel off air and keeps the stream.'),
    agora: z
      .object({
        channelName: agoraChannelName
          .optional()
          .describe('Name of the Agora channel. Default: the name of the resource.'),
        credentialsRef: z
          .object({ name: objectNameSchema.describe('Name of the Secret.') })
          .describe('Secret in the same namespace with the keys appId and appCertificate.'),
        hostUid: agoraUid
          .optional()
          .describe('Which publisher to follow. Default: the first that publishes video.'),
        accessPoints: accessPointsSchema.optional(),
      })
      .describe('The Agora channel to relay, and how to get in.'),
    platformRef: z
      .object({ name: objectNameSchema.describe('Name of the StreamingPlatform.') })
      .optional()
      .describe('The StreamingPlatform to push to. Default: the one marked as the default.'),
    fallbackPlatformRef: z
      .object({ name: objectNameSchema.describe('Name of the StreamingPlatform.') })
      .optional()
      .describe('Where to go while that one is out.'),
    playback: z
      .object({
        latency: latencySchema
          .default('standard')
          .describe('low: closer to live, with less buffer against a bad network.'),
        access: accessSchema.default('public').describe('signed: players need a signed address.'),
        recording: recordingSchema
          .default('off')
          .describe('Write "off" in quotes: YAML takes a bare off for a boolean.'),
      })
      .prefault({})
      .describe('What viewers get, as far as the platform can.'),
    relay: z
      .object({
        mode: relayModeSchema
          .default('auto')
          .describe('passthrough: never encode video again. transcode: always. auto: only where it must be.'),
        replicas: z.int().min(1).max(2).default(1).describe('2 = a hot standby.'),
        maxResolution: resolutionSchema.default('1080p').describe('Larger pictures are not passed on.'),
        maxVideoBitrateKbps: z
          .int()
          .min(100)
          .max(50000)
          .optional()
          .describe("Default: the platform's limit."),
        keyframeIntervalSeconds: z
          .int()
          .min(1)
          .max(10)
          .default(2)
          .describe('How often the host is asked for a keyframe; segments begin at one.'),
        idle: z
          .object({
            noHostSeconds: z
              .int()
              .min(0)
              .max(86400)
              .default(0)
              .describe('Stop after so long without a host; 0 = never.'),
            noViewersSeconds: z
              .int()
              .min(0)
              .max(86400)
              .default(0)
              .describe('Stop after so long without viewers; 0 = never.'),
            holdLastFrameSeconds: z
              .int()
              .min(0)
              .max(86400)
              .default(600)
              .describe(
                'A stream without a host is kept on air with the last picture for so long; 0 = for ever.',
              ),
            hostProbeIntervalSeconds: z
              .int()
              .min(0)
              .max(86400)
              .default(60)
              .describe(
                'A relay that stopped for want of a host looks for it so often; 0 = only when woken.',
              ),
          })
          .prefault({})
          .describe('When to stop by itself.'),
        slate: z
          .object({
            configMapRef: z
              .object({
                name: objectNameSchema.describe('Name of the ConfigMap.'),
                key: z.string().min(1).max(253).default('slate.png').describe('Key with the picture.'),
              })
              .describe('ConfigMap in the same namespace, with a PNG or JPEG picture under binaryData.'),
          })
          .optional()
          .describe("What viewers see while the host sends no picture. Default: the host's last one."),
        template: relayTemplateSchema.optional(),
      })
      .prefault({})
      .describe('The relay pods of the channel.'),
    fallback: z
      .object({
        mode: fallbackModeSchema.default('none').describe('agora-only: viewers are sent to Agora.'),
        afterSeconds: z.int().min(1).max(3600).default(30).describe('How long to wait for a working relay.'),
      })
      .prefault({})
      .describe('What the app is told when no relay works for afterSeconds.'),
    budget: z
      .object({
        usd: z
          .string()
          .regex(/^\d{1,9}(\.\d{1,6})?$/)
          .describe('US dollars, a decimal number, e.g. "12.50".'),
        per: budgetPeriodSchema.describe(
          'show: from on air to off air. month: a calendar month, UTC, of all channels of the namespace together.',
        ),
        actionAt80Percent: budgetActionSchema
          .default('alert')
          .describe('What to do when 80 % of it are spent.'),
        actionAt100Percent: budgetActionSchema
          .default('alert')
          .describe('What to do when 100 % of it are spent.'),
      })
      .optional()
      .describe('What the channel may cost.'),
    priority: z
      .int()
      .min(-1000000)
      .max(1000000)
      .default(0)
      .describe(
        'Where a platform is full, channels of higher priority get the next free stream, then older ones.',
      ),
    deletionPolicy: z
      .enum(['Delete', 'Retain'])
      .default('Delete')
      .describe('What becomes of the stream on the platform when the channel is deleted.'),
  }),
  {
    'x-kubernetes-validations': [
      {
        rule: '!has(self.fallbackPlatformRef) || !has(self.platformRef) || self.fallbackPlatformRef.name != self.platformRef.name',
        message: 'fallbackPlatformRef must name another platform than platformRef',
        fieldPath: '.fallbackPlatformRef.name',
      },
    ],
  },
);
export type LiveChannelSpec = z.infer<typeof liveChannelSpecSchema>;

export const liveChannelConditionTypes = [
  'Ready',
  'StreamReady',
  'RelayReady',
  'HostPresent',
  'FallbackActive',
  'WithinBudget',
] as const;
export type LiveChannelConditionType = (typeof liveChannelConditionTypes)[number];

export const liveChannelStatusSchema = z.object({
  observedGeneration: z.int().optional(),
  conditions: crd(z.array(conditionSchema), {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  }).optional(),
  relayStatus: relayStatusSchema.optional(),
  effectiveStreamMode: effectiveStreamModeSchema.optional(),
  modeReason: z
    .string()
    .optional()
    .describe('Why streamMode auto, or a budget, chose that mode; only where one did.'),
  hlsPlaybackUrl: z
    .string()
    .optional()
    .describe('Set as soon as the stream exists; media arrives when Ready is True.'),
  streamingPlatform: z.string().optional().describe('Name of the StreamingPlatform that holds the stream.'),
  streamId: z.string().optional().describe("The platform's id of the stream."),
  streamKeyId: z.string().optional().describe("The platform's id of the stream key, never the key itself."),
  relayStartedAt: z
    .string()
    .meta({ format: 'date-time' })
    .optional()
    .describe('Since when media arrives at the platform.'),
  relay: z
    .object({
      podName: z.string().optional(),
      nodeName: z.string().optional(),
      standbyPodName: z.string().optional().describe('The hot standby: ready, and not pushing.'),
      mode: mediaModeSchema.optional(),
      restarts: z
        .int()
        .min(0)
        .default(0)
        .describe('Container restarts and pod replacements since the channel was made.'),
      lastRestartReason: z.string().optional(),
      lastRestartTime: z.string().meta({ format: 'date-time' }).optional(),
      observedPodUid: z.string().optional().describe('The pod that restarts was last counted on.'),
      observedContainerRestarts: z
        .int()
        .optional()
        .describe("That pod's container restarts already counted."),
      idleSince: z
        .string()
        .meta({ format: 'date-time' })
        .optional()
        .describe('Since when the relay rests as spec.relay.idle asks.'),
    })
    .optional(),
  health: healthSchema.optional(),
});
export type LiveChannelStatus = z.infer<typeof liveChannelStatusSchema>;

export const liveChannelSchema = crd(
  z.object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal('LiveChannel'),
    metadata: objectMetaSchema,
    spec: liveChannelSpecSchema,
    status: liveChannelStatusSchema.optional(),
  }),
  {
    'x-kubernetes-validations': [
      {
        // The name is also the value of a label, and the default of agora.channelName.
        rule: 'size(self.metadata.name) <= 63',
        message: 'metadata.name may have no more than 63 characters',
      },
    ],
  },
);
export type LiveChannel = z.infer<typeof liveChannelSchema>;
