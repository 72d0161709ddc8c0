import { z } from 'zod';
import { webhookEvents } from '../../src/api/webhooks.ts';
import { providers } from '../../src/api/streaming-platform.ts';
import { channelDefaultsSchema, defaultsByLabelSchema } from '../../src/server/contract/channel-defaults.ts';
import { objectNameSchema } from '../../src/api/metadata.ts';
import { signingKeys } from '../../src/platforms/signing-keys.ts';

/**
 * The schema of charts/livechannel-operator/values.yaml. values.schema.json, which helm validates every installation
 * with, and the table of values in the chart's README are generated from it.
 */
const keysOfProviders = providers
  .filter((each) => signingKeys[each].length > 0)
  .map((each) => `${each} ${signingKeys[each].join(', ')}`)
  .join('; ');

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
    registry: text.describe(`Registry of the image of ${what}. Empty: the container runtime's default.`),
    repository: text.min(1).describe('Repository of the image.'),
    tag: text.describe('Empty: the appVersion of the chart.'),
    digest: z
      .string()
      .regex(/^(sha256:[0-9a-f]{64})?$/)
      .describe('Pins the image; takes precedence over the tag.'),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).describe('When the image is pulled.'),
  });

const resources = z.strictObject({
  requests: z
    .record(z.string(), z.union([quantity, z.number()]))
    .optional()
    .describe('Requests of the container.'),
  limits: z
    .record(z.string(), z.union([quantity, z.number()]))
    .optional()
    .describe('Limits of the container.'),
});

/** Values for the pods of any component. */
const pods = {
  resources: resources.describe('Requests and limits of the container.'),
  podAnnotations: texts.describe('Additional annotations of the pods.'),
  podLabels: texts.describe('Additional labels of the pods.'),
  nodeSelector: texts.describe('Labels of the nodes that the pods may run on.'),
  tolerations: objects.describe('Taints of nodes that the pods tolerate.'),
  affinity: z.looseObject({}).describe('Affinity of the pods (core/v1 Affinity).'),
  priorityClassName: text.describe('PriorityClass of the pods.'),
  extraEnv: objects.describe(
    "Additional settings (docs/reference/settings.md), as entries of a container's env: a list of {name, value}.",
  ),
};

const operator = z.strictObject({
  replicas: z
    .int()
    .min(1)
    .max(10)
    .describe('Replicas; one is the leader, the others stand by with warm caches.'),
  image: image('the operator'),
  logLevel: logLevel.describe('Lowest level that is logged.'),
  workers: z.int().min(1).max(256).describe('LiveChannels that are reconciled concurrently.'),
  watchNamespaces: z
    .array(dnsLabel)
    .describe(
      'Namespaces whose LiveChannels are managed, with a Role in each. Empty: all namespaces, with a ClusterRole.',
    ),
  clusterId: text
    .max(63)
    .describe(
      'Identifies the streams of this cluster on the platforms. Empty: the uid of the namespace kube-system.',
    ),
  podDisruptionBudget: z.strictObject({
    enabled: z.boolean().describe('Create a PodDisruptionBudget with maxUnavailable 1.'),
  }),
  serviceAccount: z.strictObject({
    create: z.boolean().describe('Create the ServiceAccount.'),
    name: text.describe('Name of the ServiceAccount. Empty: <release>-operator.'),
    annotations: texts.describe(
      'Annotations of the ServiceAccount. Cloud identities such as IRSA are not used: platform credentials come from Secrets.',
    ),
  }),
  ...pods,
});

const relay = z.strictObject({
  image: image('the relay pods, which run in the namespaces of their LiveChannels'),
  imagePullSecrets: z
    .array(text)
    .describe(
      'Names of Secrets to pull the image with: a list of strings. They must exist in the namespaces of the LiveChannels.',
    ),
});

const origin = z.strictObject({
  enabled: z.boolean().describe('Install the self-hosted streaming platform: RTMPS in, HLS out.'),
  image: image('the origin'),
  logLevel: logLevel.describe('Lowest level that is logged.'),
  publicUrl: z
    .string()
    .regex(/^(https?:\/\/[^\s/]+.*)?$/)
    .describe(
      'URL under which players reach the HLS port, such as https://media.example.com. Empty: the Service inside the cluster.',
    ),
  existingSecret: text.describe(
    'Secret with token, masterSecret, ca.crt, tls.crt and tls.key. Empty: generated at the installation and kept.',
  ),
  tls: z.strictObject({
    extraDnsNames: z.array(text).describe('Additional DNS names in the generated certificate of the ingest.'),
    extraIpAddresses: z
      .array(text)
      .describe('Additional IP addresses in the generated certificate of the ingest.'),
  }),
  platform: z.strictObject({
    create: z.boolean().describe('Create the StreamingPlatform of this origin.'),
    name: dnsLabel.describe('Name of the StreamingPlatform.'),
    isDefault: z.boolean().describe('Mark it as the default, for LiveChannels without a platformRef.'),
  }),
  hlsService: z.strictObject({
    enabled: z.boolean().describe('Create an additional Service for players outside the cluster.'),
    type: serviceType.describe('Type of that Service.'),
    nodePort: z.int().min(0).max(65535).describe('Node port of that Service. 0: any free port.'),
    annotations: texts.describe('Annotations of that Service.'),
  }),
  mediaSize: quantity.describe(
    'Limit of the memory that media is kept in. It counts against the memory limit of the container.',
  ),
  ...pods,
});

const api = z.strictObject({
  enabled: z
    .boolean()
    .describe("Install the service that apps call: REST, tRPC and events. It uses the operator's image."),
  replicas: z.int().min(1).max(50).describe('Replicas; all of them serve requests.'),
  logLevel: logLevel.describe('Lowest level that is logged.'),
  namespace: z
    .union([z.literal(''), dnsLabel])
    .describe(
      "Namespace of the LiveChannels that the service creates and serves. It must exist. Empty: the release's namespace.",
    ),
  agoraSecret: text
    .min(1)
    .describe(
      'Secret in the namespace of the LiveChannels with appId, and appCertificate if the Agora project has one, which new channels refer to.',
    ),
  agoraTokenSecret: text.describe(
    "Secret in the release's namespace with appId and appCertificate, to issue Agora tokens. Empty: the service issues none.",
  ),
  agoraTokens: z.strictObject({
    accept: z
      .boolean()
      .describe(
        'Accept Agora tokens that apps mint and pass when they start a relay. The service gets the right to create and patch Secrets in the namespace of the LiveChannels; a ValidatingAdmissionPolicy limits it to the tokens of channels (Kubernetes 1.30).',
      ),
  }),
  agoraNotifications: z.strictObject({
    secretName: text.describe(
      "Secret in the release's namespace with the secrets of Agora's notifications, from Agora Console. Each key is the name of the Secret with the project's credentials, such as agora; for a rotation also agora_2. Empty: notifications are rejected.",
    ),
    createChannels: z
      .boolean()
      .describe(
        'Create a LiveChannel when a host joins an Agora channel that none relays. It starts when its host joins, and stops after the host left.',
      ),
    rateLimit: z
      .int()
      .min(1)
      .max(10_000_000)
      .describe("Agora's notifications a minute to one replica; Agora repeats notifications beyond that."),
  }),
  agoraAccessPoints: z
    .looseObject({})
    .describe('Addresses of a private Agora deployment: an object as in spec.agora.accessPoints.'),
  // As the service validates them; helm has no null, which removes a default, so that an empty platform is possible.
  defaults: channelDefaultsSchema.extend({
    platform: z
      .union([z.literal(''), objectNameSchema])
      .optional()
      .describe('Name of a StreamingPlatform. Empty: the one that is marked as the default.'),
  }),
  defaultsByLabel: defaultsByLabelSchema.describe(
    'Defaults of new channels with certain labels, which take precedence over api.defaults: a list of {labels, defaults}.',
  ),
  playbackKeys: z
    .array(
      z.strictObject({
        platform: text.min(1),
        secretName: text.min(1),
        keys: z.array(text.min(1)).min(1),
      }),
    )
    .describe(
      `Signing keys for playback URLs: a list of {platform, secretName, keys}. platform is the name of a StreamingPlatform, secretName a Secret in the release's namespace, keys the names of its keys: ${keysOfProviders}.`,
    ),
  tickets: z.strictObject({
    existingSecret: text.describe(
      "Secret in the release's namespace with the keys of tickets for browsers, each at least 32 bytes: the newest by name signs, all verify. Empty: generated at the installation and kept.",
    ),
  }),
  login: z.strictObject({
    enabled: z
      .boolean()
      .describe('Let browsers log in to the dashboard, with API keys of scope operate or admin.'),
    existingSecret: text.describe(
      "Secret in the release's namespace with the key `keys`: keys of sessions, one a line, each at least 32 characters: the first encrypts, all decrypt. Empty: generated at the installation and kept.",
    ),
  }),
  publicPlayback: z
    .boolean()
    .describe(
      'Serve the playback URL and the relay status of channels with public playback without credentials.',
    ),
  kubernetesTokens: z.boolean().describe('Accept tokens of Kubernetes ServiceAccounts and users.'),
  kubernetesAudience: text.describe(
    "Audience that Kubernetes tokens must have. Empty: the API server's own.",
  ),
  oidc: z.strictObject({
    issuer: z
      .string()
      .regex(/^(https?:\/\/\S+)?$/)
      .describe('Issuer of JWTs that are accepted. Empty: none are.'),
    audience: text.describe('Audience that these JWTs must have; required with an issuer.'),
    jwksUrl: text.describe("URL of the issuer's keys. Empty: found by OpenID Connect discovery."),
    scopeClaim: text.min(1).describe('Claim that contains the scopes.'),
    login: z.strictObject({
      clientId: text.describe('Client ID of the dashboard at the issuer. Empty: no login there.'),
      clientSecretName: text.describe(
        "Secret in the release's namespace with the key `clientSecret`. Empty: a public client.",
      ),
      redirectUrl: z
        .string()
        .regex(/^(https?:\/\/\S+\/login\/oidc\/callback)?$/)
        .describe('https://HOST/login/oidc/callback, as the issuer knows it; required with a client ID.'),
      scopes: text.min(1).describe('Scopes that a login requests, separated by spaces, `openid` first.'),
    }),
  }),
  corsOrigins: z
    .array(text)
    .describe('Web origins whose pages may call the service (CORS): a list of strings.'),
  embedMediaOrigins: z
    .array(text)
    .describe(
      'Web origins without TLS that the embed page may load media from: a list of strings. Any host with TLS is allowed.',
    ),
  trustedProxies: z
    .array(text)
    .describe('Addresses and CIDRs of proxies whose X-Forwarded-For is trusted: a list of strings.'),
  rateLimit: z
    .int()
    .min(0)
    .describe(
      "Requests a minute of one caller to one replica; 0: no limit. An app's back end is one caller for all its viewers.",
    ),
  service: z.strictObject({
    type: serviceType.describe('Type of the Service.'),
    port: z.int().min(1).max(65535).describe('Port of the Service.'),
    nodePort: z.int().min(0).max(65535).describe('Node port of the Service. 0: any free port.'),
    annotations: texts.describe('Annotations of the Service.'),
  }),
  ingress: z.strictObject({
    enabled: z.boolean().describe('Create an Ingress for the service.'),
    className: text.describe("IngressClass. Empty: the cluster's default."),
    host: text.describe('Host name of the Ingress; required when it is enabled.'),
    tlsSecret: text.describe(
      "Secret with the host's certificate. Empty: the Ingress controller's default certificate.",
    ),
    annotations: texts.describe('Annotations of the Ingress.'),
  }),
  podDisruptionBudget: z.strictObject({
    enabled: z.boolean().describe('Create a PodDisruptionBudget with maxUnavailable 1.'),
  }),
  serviceAccount: z.strictObject({
    create: z.boolean().describe('Create the ServiceAccount.'),
    name: text.describe('Name of the ServiceAccount. Empty: <release>-api.'),
    annotations: texts.describe('Annotations of the ServiceAccount.'),
  }),
  ...pods,
});

const database = z.strictObject({
  existingSecret: text.describe(
    'Secret with DATABASE_URL, for your own PostgreSQL, and ca.crt if no public CA issued its certificate. The embedded one is then not installed.',
  ),
  appNamespace: text.describe(
    "Namespace whose channels are in the app's own table `channels`, if that database has one. Empty: api.namespace.",
  ),
  embedded: z.strictObject({
    enabled: z
      .boolean()
      .describe(
        'Install a small PostgreSQL. Without any database there are no metrics over time, costs, alerts, budgets and API keys.',
      ),
    image: image('PostgreSQL'),
    persistence: z.strictObject({
      enabled: z
        .boolean()
        .describe('Keep the data in a volume. Otherwise it is lost with the pod: for trials only.'),
      size: quantity.describe('Size of the volume. It cannot be changed after the installation.'),
      storageClass: text.describe("StorageClass of the volume. Empty: the cluster's default class."),
      annotations: texts.describe('Annotations of the PersistentVolumeClaim.'),
    }),
    settings: texts.describe('Settings of the server, as in postgresql.conf: an object with string values.'),
    ...pods,
  }),
  migration: z.strictObject({
    waitSeconds: z
      .int()
      .min(0)
      .max(3_600)
      .describe('Seconds that the migration Job waits for a database that is starting.'),
    resources,
  }),
});

const recorder = z.strictObject({
  sampleSeconds: z.int().min(1).max(300).describe('Interval between two samples of each channel.'),
  webhook: z.strictObject({
    existingSecret: text.describe('Secret with url and secret, for signed webhooks. Empty: none are sent.'),
    events: z
      .array(z.enum(webhookEvents))
      .describe(
        'What is sent: a list of `alert` (raised and resolved), `status`, `mode` and `ended` (of channels).',
      ),
    allowedNetworks: z
      .array(text)
      .describe('CIDRs of private networks that webhooks may be sent to: a list of strings.'),
  }),
});

const metrics = z.strictObject({
  service: z.strictObject({
    enabled: z
      .boolean()
      .describe('Create Services for scraping the metrics of the operator and of the service.'),
    annotations: texts.describe('Annotations of these Services.'),
  }),
  serviceMonitor: z.strictObject({
    enabled: z
      .boolean()
      .describe(
        "Create ServiceMonitors for the operator and for the service; needs the Prometheus operator's CRDs.",
      ),
    interval: duration.describe('Scrape interval.'),
    labels: texts.describe('Additional labels, such as those that your Prometheus selects monitors by.'),
  }),
  relayPodMonitor: z.strictObject({
    enabled: z
      .boolean()
      .describe("Create a PodMonitor for the relay pods; needs the Prometheus operator's CRDs."),
    interval: duration.describe('Scrape interval.'),
    labels: texts.describe('Additional labels, such as those that your Prometheus selects monitors by.'),
  }),
});

export const chartValuesSchema = z.strictObject({
  imagePullSecrets: z
    .array(z.strictObject({ name: text }))
    .describe(
      "Secrets to pull the images of this release with: a list of {name}. They must exist in the release's namespace.",
    ),
  commonLabels: texts.describe('Additional labels on every object of the chart.'),
  crds: z.strictObject({
    enabled: z
      .boolean()
      .describe('Install the CustomResourceDefinitions with the release and upgrade them with it.'),
    keep: z
      .boolean()
      .describe(
        'Keep the CustomResourceDefinitions, and so every LiveChannel, when the release is uninstalled.',
      ),
  }),
  operator,
  relay,
  origin,
  api,
  database,
  recorder,
  prices: z.looseObject({}).describe('Price book that replaces the built-in one (docs/channels/costs.md).'),
  metrics,
  networkPolicy: z.strictObject({
    enabled: z
      .boolean()
      .describe(
        'Create NetworkPolicies that admit only what is needed: relays to the ingest, the operator to the control port, all to HLS and the service, and their users to the database. Not with playbackKeys for an origin.',
      ),
  }),
  clusterDomain: text
    .min(1)
    .describe("Domain of the cluster's Services, for the names in the origin's certificate."),
  // Helm passes these to every chart.
  global: z.looseObject({}).optional(),
});

export function chartValuesJsonSchema(): string {
  const schema = z.toJSONSchema(chartValuesSchema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ ...schema, title: 'Values of livechannel-operator' }, null, 2)}\n`;
}
