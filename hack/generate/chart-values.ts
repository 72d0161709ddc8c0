import { z } from 'zod';

/**
 * What charts/livechannel-operator/values.yaml may hold. values.schema.json, which helm checks every installation
 * with, and the table of values in the chart's README are made from it.
 */
const text = z.string();
const texts = z.record(z.string(), z.string());
const objects = z.array(z.looseObject({}));
const quantity = z.string().regex(/^\d+(\.\d+)?(m|k|Ki|[MGTPE]i?)?$/);
const duration = z.string().regex(/^\d+(ms|s|m|h)$/);
const logLevel = z.enum(['debug', 'info', 'warn', 'error']);
const serviceType = z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']);
const dnsLabel = z
  .string()
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

const image = (what: string): z.ZodObject =>
  z.strictObject({
    registry: text.describe(`Registry of the image of ${what}; empty: the runtime's default.`),
    repository: text.min(1),
    tag: text.describe('Default: the appVersion of the chart.'),
    digest: z
      .string()
      .regex(/^(sha256:[0-9a-f]{64})?$/)
      .describe('Pins the image; wins over the tag.'),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']),
  });

const resources = z.strictObject({
  requests: z.record(z.string(), z.union([quantity, z.number()])).optional(),
  limits: z.record(z.string(), z.union([quantity, z.number()])).optional(),
});

/** What may be said about the pods of any part. */
const pods = {
  resources: resources.describe('Requests and limits of the container.'),
  podAnnotations: texts,
  podLabels: texts,
  nodeSelector: texts,
  tolerations: objects,
  affinity: z.looseObject({}),
  priorityClassName: text,
  extraEnv: objects.describe(
    "More environment settings (docs/reference/settings.md), as entries of a container's env.",
  ),
};

const operator = z.strictObject({
  replicas: z.int().min(1).max(10).describe('One works, the others wait with a warm cache.'),
  image: image('the operator'),
  logLevel: logLevel.describe('Least level that is logged.'),
  workers: z.int().min(1).max(256).describe('Resources reconciled at the same time.'),
  watchNamespaces: z
    .array(dnsLabel)
    .describe('Namespaces whose LiveChannels are handled, by a Role in each; empty: all, by a ClusterRole.'),
  clusterId: text
    .max(63)
    .describe('Written on the streams as their owner. Default: the uid of the namespace kube-system.'),
  podDisruptionBudget: z.strictObject({ enabled: z.boolean() }),
  serviceAccount: z.strictObject({
    create: z.boolean(),
    name: text.describe('Default: <release>-operator.'),
    annotations: texts,
  }),
  ...pods,
});

const relay = z.strictObject({
  image: image('the relay pods, which run in the namespaces of their LiveChannels'),
  imagePullSecrets: z
    .array(text)
    .describe('Names of Secrets to pull it with; they must exist in the namespaces of the LiveChannels.'),
});

const origin = z.strictObject({
  enabled: z.boolean().describe('Install the self-hosted streaming platform: RTMPS in, HLS out.'),
  image: image('the origin'),
  logLevel: logLevel.describe('Least level that is logged.'),
  publicUrl: z
    .string()
    .regex(/^(https?:\/\/[^\s/]+.*)?$/)
    .describe('Address under which players reach the HLS port. Default: the Service inside the cluster.'),
  existingSecret: text.describe(
    'Secret with token, masterSecret, ca.crt, tls.crt and tls.key. Default: made at installation and kept.',
  ),
  tls: z.strictObject({
    extraDnsNames: z.array(text).describe('Further names in the certificate that is made.'),
    extraIpAddresses: z.array(text).describe('Further addresses in it.'),
  }),
  platform: z.strictObject({
    create: z.boolean().describe('Make the StreamingPlatform that names this origin.'),
    name: dnsLabel,
    isDefault: z.boolean().describe('Use it for LiveChannels without a platformRef.'),
  }),
  hlsService: z.strictObject({
    enabled: z.boolean().describe('A Service for players outside of the cluster, beside the one inside.'),
    type: serviceType,
    nodePort: z.int().min(0).max(65535).describe('0: any free one.'),
    annotations: texts,
  }),
  mediaSize: quantity.describe(
    'Limit of the memory that media is kept in; counts against the limit of memory.',
  ),
  ...pods,
});

const api = z.strictObject({
  enabled: z
    .boolean()
    .describe("Install the service that apps call: REST, tRPC and events. It runs the operator's image."),
  replicas: z.int().min(1).max(50).describe('All of them work.'),
  logLevel: logLevel.describe('Least level that is logged.'),
  namespace: z
    .union([z.literal(''), dnsLabel])
    .describe(
      "Namespace of the LiveChannels that it makes and serves; it has to be there. Default: the release's.",
    ),
  agoraSecret: text
    .min(1)
    .describe('Secret in that namespace with appId and appCertificate, which the channels name.'),
  agoraTokenSecret: text.describe(
    "The same in the release's namespace, mounted to give out Agora tokens. Empty: none are given.",
  ),
  agoraAccessPoints: z
    .looseObject({})
    .describe('Addresses of a private Agora deployment, as spec.agora.accessPoints.'),
  defaults: z.strictObject({
    streamMode: z
      .enum(['agora-only', 'hybrid', 'hls-only', 'auto'])
      .describe('streamMode of channels whose request has none.'),
    platform: text.describe('Their StreamingPlatform. Default: the one that is marked as the default.'),
  }),
  playbackKeys: z
    .array(
      z.strictObject({
        platform: text.min(1),
        secretName: text.min(1),
        keys: z.array(text.min(1)).min(1),
      }),
    )
    .describe(
      "Keys that playback addresses are signed with, from Secrets of the release's namespace: ivs playbackPrivateKey; cloudflare signingKeyId, signingKeyPem; mux signingKeyId, signingPrivateKey; origin token, ca.crt.",
    ),
  publicPlayback: z
    .boolean()
    .describe('Anybody may ask for the playback address and the relay status of a channel.'),
  kubernetesTokens: z.boolean().describe('Take tokens of Kubernetes service accounts and users.'),
  kubernetesAudience: text.describe("Audience that they must have. Default: the API server's own."),
  oidc: z.strictObject({
    issuer: z
      .string()
      .regex(/^(https?:\/\/\S+)?$/)
      .describe('Issuer of JWTs that are taken. Empty: none.'),
    audience: text.describe('Audience that they must have; needed with an issuer.'),
    jwksUrl: text.describe("Where the issuer's keys are, instead of discovery."),
    scopeClaim: text.min(1).describe('Claim with the scopes.'),
  }),
  corsOrigins: z.array(text).describe('Origins whose pages may call the API.'),
  trustedProxies: z.array(text).describe('Addresses and CIDRs of proxies whose X-Forwarded-For is believed.'),
  rateLimit: z.int().min(0).describe('Requests a minute of one caller to one replica; 0: any.'),
  service: z.strictObject({
    type: serviceType,
    port: z.int().min(1).max(65535),
    nodePort: z.int().min(0).max(65535).describe('0: any free one.'),
    annotations: texts,
  }),
  ingress: z.strictObject({
    enabled: z.boolean(),
    className: text,
    host: text.describe('Needed with enabled.'),
    tlsSecret: text.describe("Secret with the host's certificate. Empty: the Ingress controller's own."),
    annotations: texts,
  }),
  podDisruptionBudget: z.strictObject({ enabled: z.boolean() }),
  serviceAccount: z.strictObject({
    create: z.boolean(),
    name: text.describe('Default: <release>-api.'),
    annotations: texts,
  }),
  ...pods,
});

const database = z.strictObject({
  existingSecret: text.describe(
    'Secret with DATABASE_URL, for a PostgreSQL of your own; the embedded one is not installed then.',
  ),
  embedded: z.strictObject({
    enabled: z
      .boolean()
      .describe(
        'Install a small PostgreSQL. Without any database there are no numbers, costs, alerts, budgets and API keys.',
      ),
    image: image('PostgreSQL'),
    persistence: z.strictObject({
      enabled: z.boolean().describe('Keep the data in a volume. Without it the data ends with the pod.'),
      size: quantity,
      storageClass: text.describe("Default: the cluster's default class."),
      annotations: texts,
    }),
    settings: texts.describe('Settings of the server, as in postgresql.conf.'),
    ...pods,
  }),
  migration: z.strictObject({
    waitSeconds: z
      .int()
      .min(0)
      .max(3_600)
      .describe('So long the Job that brings the schema up to date waits for a database that is starting.'),
    resources,
  }),
});

const recorder = z.strictObject({
  sampleSeconds: z.int().min(1).max(300).describe('How often a sample is taken of each channel.'),
  webhook: z.strictObject({
    existingSecret: text.describe('Secret with url and secret, for signed alerts. Empty: none are sent.'),
    allowedNetworks: z
      .array(text)
      .describe('CIDRs that they may go to although they are not public addresses.'),
  }),
});

const metrics = z.strictObject({
  service: z.strictObject({
    enabled: z.boolean().describe("Service for Prometheus to find the operator's metrics."),
    annotations: texts,
  }),
  serviceMonitor: z.strictObject({
    enabled: z.boolean().describe("ServiceMonitor for the operator; needs the Prometheus operator's CRDs."),
    interval: duration,
    labels: texts,
  }),
  relayPodMonitor: z.strictObject({
    enabled: z.boolean().describe("PodMonitor for the relay pods; needs the Prometheus operator's CRDs."),
    interval: duration,
    labels: texts,
  }),
});

export const chartValuesSchema = z.strictObject({
  imagePullSecrets: z
    .array(z.strictObject({ name: text }))
    .describe("Pull all images of this release; they must exist in the release's namespace."),
  commonLabels: texts.describe('Labels on everything that the chart makes.'),
  crds: z.strictObject({
    enabled: z
      .boolean()
      .describe('Install the CustomResourceDefinitions with the release, and upgrade them with it.'),
    keep: z
      .boolean()
      .describe('Leave them, and so every LiveChannel, in the cluster when the release is uninstalled.'),
  }),
  operator,
  relay,
  origin,
  api,
  database,
  recorder,
  prices: z.looseObject({}).describe('Price book in place of the built-in one (docs/channels/costs.md).'),
  metrics,
  networkPolicy: z.strictObject({
    enabled: z
      .boolean()
      .describe(
        'Let in only what is needed: relays to the ingest, the operator to the control port, all to HLS and the API, and what uses it to the database.',
      ),
  }),
  clusterDomain: text.min(1).describe("Domain of the cluster's Services, for the names in the certificate."),
  // Helm hands these down to every chart.
  global: z.looseObject({}).optional(),
});

export function chartValuesJsonSchema(): string {
  const schema = z.toJSONSchema(chartValuesSchema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ ...schema, title: 'Values of livechannel-operator' }, null, 2)}\n`;
}
