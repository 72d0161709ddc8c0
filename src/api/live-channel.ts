import { z } from 'zod';
import { API_VERSION } from './names.ts';
import {
  conditionsSchema,
  objectMetaSchema,
  objectNameSchema,
  observedGenerationSchema,
} from './metadata.ts';
import { crd } from './schema-meta.ts';
import { MAX_STREAM_RECORDS, streamRecordSchema } from './stream-record.ts';
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
  relayTriggerSchema,
  resolutionSchema,
  streamModeSchema,
  videoBitrateCapSchema,
} from './values.ts';

/** Agora's channel names: up to 64 bytes of this alphabet. */
export const agoraChannelNameSchema = z
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
      .describe('Host names or IP addresses of the access points.'),
    domain: z.string().min(1).max(253).describe('Domain of the host names of the gateways.'),
    port: z.int().min(1).max(65535).default(443).describe('Port of the access points and gateways.'),
    certificatePins: z
      .array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/))
      .max(8)
      .default([])
      .describe('Base64 SHA-256 digests of public keys to trust in addition to the public CAs.'),
  })
  .describe("Access points to use instead of Agora's public ones, for private deployments and tests.");
export type AccessPoints = z.infer<typeof accessPointsSchema>;

const tolerationSchema = z.object({
  key: z.string().exactOptional().describe('Key of the taint. Default: any key.'),
  operator: z
    .enum(['Exists', 'Equal'])
    .exactOptional()
    .describe('How key and value are matched. Default: Equal.'),
  value: z.string().exactOptional().describe('Value of the taint, with operator Equal.'),
  effect: z
    .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    .exactOptional()
    .describe('Effect of the taint. Default: any effect.'),
  tolerationSeconds: z
    .int()
    .exactOptional()
    .describe('Seconds for which effect NoExecute is tolerated. Default: without a limit.'),
});

/** A Kubernetes quantity: a string, or a number (`cpu: 2`). */
const quantitySchema = crd(
  z.union([z.string().regex(/^\d+(\.\d+)?(m|k|Ki|[MGTPE]i?)?$/), z.number().transform(String)]),
  { 'x-kubernetes-int-or-string': true },
);
const resourceListSchema = z.record(z.string(), quantitySchema);

export const relayTemplateSchema = z
  .object({
    resources: z
      .object({
        requests: resourceListSchema.optional().describe('Resources that the scheduler reserves.'),
        limits: resourceListSchema.optional().describe('Resources that the container may not exceed.'),
      })
      .optional()
      .describe('Resources of the relay container. Each value replaces the default of the operator.'),
    nodeSelector: z
      .record(z.string(), z.string())
      .optional()
      .describe('Labels that a node must have to run the relay.'),
    tolerations: z
      .array(tolerationSchema)
      .max(32)
      .optional()
      .describe('Taints of nodes that the relay tolerates.'),
    affinity: crd(z.record(z.string(), z.unknown()), {
      'x-kubernetes-preserve-unknown-fields': true,
    })
      .optional()
      .describe('Affinity of the relay pods (core/v1 Affinity).'),
    priorityClassName: objectNameSchema.optional().describe('PriorityClass of the relay pods.'),
    labels: z.record(z.string(), z.string()).optional().describe('Additional labels of the relay pods.'),
    annotations: z
      .record(z.string(), z.string())
      .optional()
      .describe('Additional annotations of the relay pods.'),
  })
  .describe('Overrides and additions for the relay pods.');

export const liveChannelSpecSchema = crd(
  z.object({
    streamMode: streamModeSchema
      .default('hybrid')
      .describe(
        'Where viewers watch. hybrid: on Agora and on HLS. hls-only: on HLS. agora-only: on Agora, without a relay. auto: hybrid or agora-only, whichever costs less.',
      ),
    suspend: z.boolean().default(false).describe('Whether the channel is off air. The stream is kept.'),
    agora: z
      .object({
        channelName: agoraChannelNameSchema
          .optional()
          .describe('Name of the Agora channel. Default: the name of the resource.'),
        credentialsRef: z
          .object({ name: objectNameSchema.describe('Name of the Secret.') })
          .describe(
            'Secret in the same namespace with the key appId and one of: appCertificate, with which tokens are minted; token, which the app minted; neither, if the Agora project has no App Certificate.',
          ),
        tokenRef: z
          .object({ name: objectNameSchema.describe('Name of the Secret.') })
          .optional()
          .describe(
            'Secret in the same namespace with the key token: an Agora token (AccessToken2) that the app minted for this channel. It takes precedence over credentialsRef, from which only appId is then used. A new token is taken without a restart of the relay.',
          ),
        hostUid: agoraUid
          .optional()
          .describe('Uid of the publisher to relay. Default: the first that publishes video.'),
        accessPoints: accessPointsSchema.optional(),
      })
      .describe('The Agora channel to relay, and how to authenticate.'),
    platformRef: z
      .object({ name: objectNameSchema.describe('Name of the StreamingPlatform.') })
      .optional()
      .describe(
        'StreamingPlatform to push to. Default: the one with annotation livechannel.dev/is-default-platform.',
      ),
    fallbackPlatformRef: z
      .object({ name: objectNameSchema.describe('Name of the StreamingPlatform.') })
      .optional()
      .describe('StreamingPlatform to use while platformRef is unavailable.'),
    playback: z
      .object({
        latency: latencySchema
          .default('standard')
          .describe('Latency of playback. low: closer to live, with less buffer against network problems.'),
        access: accessSchema
          .default('public')
          .describe('Who can watch. signed: only players with a signed playback URL.'),
        recording: recordingSchema
          .default('off')
          .describe(
            'Whether recordings are kept at the platform. automatic: each broadcast is recorded. Quote "off": YAML reads a bare off as a boolean.',
          ),
      })
      .prefault({})
      .describe('Playback options. Options that the platform does not support are rejected.'),
    relay: z
      .object({
        mode: relayModeSchema
          .default('auto')
          .describe(
            'How video is sent. passthrough: as the host encoded it, or not at all. transcode: always encoded again. auto: encoded again only where necessary.',
          ),
        startOn: relayTriggerSchema
          .default('request')
          .describe(
            "What starts the relay. request: the channel itself, unless it is suspended. host: that the host joins the Agora channel, as Agora's notifications report; the relay stops idle.noHostSeconds after the host left, or after 60 s if that is 0.",
          ),
        replicas: z
          .int()
          .min(1)
          .max(2)
          .default(1)
          .describe('Number of relay pods. 2: one pushes, the other is a hot standby.'),
        maxResolution: resolutionSchema
          .default('1080p')
          .describe(
            'Highest resolution to send. Larger video is transcoded down, or, with mode passthrough, not sent.',
          ),
        maxVideoBitrateKbps: videoBitrateCapSchema
          .optional()
          .describe("Highest video bitrate to send, in kbit/s. Default: the platform's limit."),
        keyframeIntervalSeconds: z
          .int()
          .min(1)
          .max(10)
          .default(2)
          .describe(
            'Seconds between keyframes that are requested from the host. HLS segments start at keyframes.',
          ),
        idle: z
          .object({
            noHostSeconds: z
              .int()
              .min(0)
              .max(86400)
              .default(0)
              .describe(
                'Stop the relay after this many seconds without a host. 0: never, or after 60 s with startOn: host.',
              ),
            noViewersSeconds: z
              .int()
              .min(0)
              .max(86400)
              .default(0)
              .describe('Stop the relay after this many seconds without viewers. 0: never.'),
            holdLastFrameSeconds: z
              .int()
              .min(0)
              .max(86400)
              .default(600)
              .describe(
                'Seconds for which a stream whose host is away is kept on air with the last frame or the slate. 0: without a limit.',
              ),
            hostProbeIntervalSeconds: z
              .int()
              .min(0)
              .max(86400)
              .default(60)
              .describe(
                'Seconds between checks for the host after the relay was stopped because none was present. 0: only annotation livechannel.dev/resume starts it.',
              ),
          })
          .prefault({})
          .describe('When the relay stops automatically.'),
        slate: z
          .object({
            configMapRef: z
              .object({
                name: objectNameSchema.describe('Name of the ConfigMap.'),
                key: z.string().min(1).max(253).default('slate.png').describe('Key of the image.'),
              })
              .describe('ConfigMap in the same namespace with a PNG or JPEG image under binaryData.'),
          })
          .optional()
          .describe('Image to show while the host sends no video. Default: the last frame of the host.'),
        template: relayTemplateSchema.optional(),
      })
      .prefault({})
      .describe('The relay pods of the channel.'),
    fallback: z
      .object({
        mode: fallbackModeSchema
          .default('none')
          .describe('What to do when no relay works. agora-only: effectiveStreamMode becomes agora-only.'),
        afterSeconds: z
          .int()
          .min(1)
          .max(3600)
          .default(30)
          .describe('Seconds without a working relay after which a fallback is used.'),
      })
      .prefault({})
      .describe('Fallback while no relay works.'),
    budget: z
      .object({
        usd: z
          .string()
          .regex(/^\d{1,9}(\.\d{1,6})?$/)
          .describe('Amount in US dollars, as a decimal number, e.g. "12.50".'),
        per: budgetPeriodSchema.describe(
          'Period of the budget. hour: a clock hour. show: from on air to off air, including breaks of up to 10 minutes. month: a calendar month, for all channels of the namespace together. Hours and months are UTC.',
        ),
        actionAt80Percent: budgetActionSchema
          .default('alert')
          .describe('Action when 80% of the budget has been spent.'),
        actionAt100Percent: budgetActionSchema
          .default('alert')
          .describe('Action when 100% of the budget has been spent. The stricter of both actions applies.'),
      })
      .optional()
      .describe('Limit of the cost. Default: no limit.'),
    priority: z
      .int()
      .min(-1000000)
      .max(1000000)
      .default(0)
      .describe(
        'Order in which channels are admitted to a platform at its quota: higher priority first, then older channels.',
      ),
    deletionPolicy: z
      .enum(['Delete', 'Retain'])
      .default('Delete')
      .describe('Whether the stream on the platform is deleted or kept when the channel is deleted.'),
  }),
  {
    'x-kubernetes-validations': [
      {
        rule: '!has(self.fallbackPlatformRef) || !has(self.platformRef) || self.fallbackPlatformRef.name != self.platformRef.name',
        message: 'fallbackPlatformRef must not name the same platform as platformRef',
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
  observedGeneration: observedGenerationSchema.optional(),
  conditions: conditionsSchema(
    'Ready: media arrives at the platform. StreamReady: the platform has a stream. RelayReady: the relay pushes media. ' +
      'HostPresent: the host publishes in the Agora channel. FallbackActive: a fallback is in use. ' +
      'WithinBudget: less than 80% of the budget has been spent.',
  ).optional(),
  relayStatus: relayStatusSchema
    .optional()
    .describe(
      'Summary of the conditions. active: on air. stopped: no relay is wanted (suspended, idle, agora-only, budget, deletion). ' +
        'starting: not on air yet, and nothing is wrong. error: not on air because of the problem that Ready names.',
    ),
  effectiveStreamMode: effectiveStreamModeSchema
    .optional()
    .describe(
      'Where viewers should watch now: spec.streamMode, unless auto, the budget or the fallback chose otherwise.',
    ),
  modeReason: z
    .string()
    .optional()
    .describe('Why streamMode auto or the budget chose effectiveStreamMode. Absent if neither did.'),
  hlsPlaybackUrl: z
    .string()
    .optional()
    .describe(
      'HLS playback URL, not signed. Set when the stream exists; it can be played when Ready is True.',
    ),
  streamingPlatform: z
    .string()
    .optional()
    .describe('Name of the StreamingPlatform that has the active stream.'),
  streamId: z.string().optional().describe("The platform's id of the active stream."),
  streamKeyId: z.string().optional().describe("The platform's id of the stream key, never the key itself."),
  relayStartedAt: z
    .string()
    .meta({ format: 'date-time' })
    .optional()
    .describe('When the platform began to accept media. Absent while off air.'),
  relay: z
    .object({
      podName: z.string().optional().describe('The relay pod that pushes.'),
      nodeName: z.string().optional().describe('Node of that pod.'),
      agoraUid: agoraUid
        .optional()
        .describe('Uid with which that pod joins the Agora channel. It is a member of the audience.'),
      standbyPodName: z
        .string()
        .optional()
        .describe(
          'The hot standby: warm (it has joined the Agora channel and receives media) and not pushing.',
        ),
      mode: mediaModeSchema
        .optional()
        .describe('Whether video is sent as the host encoded it, or encoded again.'),
      restarts: z
        .int()
        .min(0)
        .default(0)
        .describe(
          'Container restarts and pod replacements of the relay. Planned stops, starts and migrations do not count.',
        ),
      lastRestartReason: z.string().optional().describe('Reason of the last restart that was counted.'),
      lastRestartTime: z
        .string()
        .meta({ format: 'date-time' })
        .optional()
        .describe('Time of the last restart that was counted.'),
      observedPodUid: z.string().optional().describe('Uid of the pod that restarts were last counted on.'),
      observedContainerRestarts: z
        .int()
        .optional()
        .describe('Container restarts of that pod that have been counted.'),
      idleSince: z
        .string()
        .meta({ format: 'date-time' })
        .optional()
        .describe('When the relay became idle. Absent while it is not.'),
    })
    .optional()
    .describe('The relay of the active stream.'),
  health: healthSchema
    .optional()
    .describe('Quality of the media while on air, as the relay rates it. Its report names the cause.'),
  streams: crd(z.array(streamRecordSchema).max(MAX_STREAM_RECORDS), { 'x-kubernetes-list-type': 'atomic' })
    .optional()
    .describe(
      "The operator's record of the channel's streams, including those about to be created. Do not edit it. If it is lost, the operator rebuilds it from the platforms.",
    ),
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
        // The name is also a label value, and the default of agora.channelName.
        rule: 'size(self.metadata.name) <= 63',
        message: 'metadata.name must have at most 63 characters',
      },
    ],
  },
);
export type LiveChannel = z.infer<typeof liveChannelSchema>;

/** The platform that a channel is on or, while it is on none, the one that it asks for; undefined: it leaves the choice. */
export const platformNameOf = ({ spec, status }: LiveChannel): string | undefined =>
  status?.streamingPlatform ?? spec.platformRef?.name;
