import type { V1PodSpec, V1Volume } from '@kubernetes/client-node';
import type { LiveChannel } from '../../api/live-channel.ts';
import { managers } from '../../api/agora-token-secret.ts';
import { annotations, labels, ports } from '../../api/names.ts';
import { relayAffinity } from './relay-affinity.ts';
import { RELAY_SECRET_MOUNT, relaySecretKeys, SLATE_FILE, SLATE_MOUNT } from './relay-config.ts';
import { NODE_TOLERATION_MS, TERMINATION_GRACE_MS } from '../timing.ts';

/** The part of every relay pod that the operator's settings determine. */
export interface RelayImage {
  readonly image: string;
  readonly pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  readonly pullSecrets: readonly string[];
}

/** Metadata and spec of a relay pod. The source annotations and the owner are added when the pod is created. */
export interface RelayPodTemplate {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
  };
  readonly spec: V1PodSpec;
}

export const relayPodName = (channelName: string, slot: number): string => `${channelName}-relay-${slot}`;
/** The Secret of slot 0 has no number; the Secret of slot 1 exists during migrations and with a standby. */
export const relaySecretName = (channelName: string, slot: number): string =>
  slot === 0 ? `${channelName}-relay` : `${channelName}-relay-${slot}`;

/** Labels of the channel's Secrets and pods. */
export function childLabels(channel: LiveChannel): Record<string, string> {
  return {
    [labels.name]: 'livechannel-relay',
    [labels.component]: 'relay',
    [labels.managedBy]: managers.operator,
    [labels.partOf]: 'livechannel',
    [labels.channel]: channel.metadata.name,
  };
}

/** UID and GID of the relay's processes. */
const RELAY_UID = 65_532;
/** A year: a relay may hold the readiness probe for as long as its host is away. */
const READINESS_TIMEOUT_SECONDS = 31_536_000;

/**
 * The relay pod, which meets the restricted Pod Security Standard. Requests and limits are measured
 * (docs/contribute/relay.md): below 300Mi the browser thrashes, and a CPU limit would slow the start. The pod is not
 * scheduled on `lostNode`, because Kubernetes needs a minute to detect that a node is lost.
 */
export function relayPod(
  channel: LiveChannel,
  slot: number,
  relay: RelayImage,
  lostNode?: string,
): RelayPodTemplate {
  const { slate, template = {} } = channel.spec.relay;
  const probe = (path: string): { httpGet: { path: string; port: string } } => ({
    httpGet: { path, port: 'http' },
  });
  return {
    metadata: {
      name: relayPodName(channel.metadata.name, slot),
      namespace: channel.metadata.namespace ?? '',
      labels: { ...template.labels, ...childLabels(channel), [labels.slot]: String(slot) },
      annotations: {
        // Eviction interrupts a live stream, so that autoscalers must not evict the pod.
        'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
        ...template.annotations,
      },
    },
    spec: {
      restartPolicy: 'Always',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: TERMINATION_GRACE_MS / 1_000,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: RELAY_UID,
        runAsGroup: RELAY_UID,
        fsGroup: RELAY_UID,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(relay.pullSecrets.length > 0
        ? { imagePullSecrets: relay.pullSecrets.map((name) => ({ name })) }
        : {}),
      ...(template.nodeSelector ? { nodeSelector: template.nodeSelector } : {}),
      affinity: relayAffinity(channel.metadata.name, template.affinity ?? {}, lostNode),
      ...(template.priorityClassName ? { priorityClassName: template.priorityClassName } : {}),
      tolerations: [
        // Replaces the toleration of five minutes that Kubernetes adds by default.
        {
          key: 'node.kubernetes.io/unreachable',
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: NODE_TOLERATION_MS / 1_000,
        },
        {
          key: 'node.kubernetes.io/not-ready',
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: NODE_TOLERATION_MS / 1_000,
        },
        ...(template.tolerations ?? []).map((toleration) => ({ ...toleration })),
      ],
      containers: [
        {
          name: 'relay',
          image: relay.image,
          imagePullPolicy: relay.pullPolicy,
          args: ['relay', '--config', `${RELAY_SECRET_MOUNT}/${relaySecretKeys.config}`],
          env: [{ name: 'HOME', value: '/tmp' }],
          ports: [{ name: 'http', containerPort: ports.http }],
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          resources: {
            requests: {
              cpu: '300m',
              memory: '320Mi',
              'ephemeral-storage': '64Mi',
              ...template.resources?.requests,
            },
            limits: { memory: '512Mi', 'ephemeral-storage': '512Mi', ...template.resources?.limits },
          },
          // Ready means that media flows. The relay holds the request while it is not live: see readiness-probe.ts.
          readinessProbe: {
            ...probe('/readyz?wait'),
            // Before that it does not listen, or is not live.
            initialDelaySeconds: 3,
            periodSeconds: 1,
            timeoutSeconds: READINESS_TIMEOUT_SECONDS,
            failureThreshold: 1,
          },
          livenessProbe: {
            ...probe('/livez'),
            initialDelaySeconds: 10,
            periodSeconds: 5,
            timeoutSeconds: 3,
            failureThreshold: 4,
          },
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            { name: 'channel', mountPath: RELAY_SECRET_MOUNT, readOnly: true },
            ...(slate === undefined ? [] : [{ name: 'slate', mountPath: SLATE_MOUNT, readOnly: true }]),
          ],
        },
      ],
      volumes: [
        { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
        {
          name: 'channel',
          secret: { secretName: relaySecretName(channel.metadata.name, slot), defaultMode: 0o440 },
        },
        ...(slate === undefined ? [] : [slateVolume(slate.configMapRef)]),
      ],
    },
  };
}

/** Optional: a missing ConfigMap does not block the relay. The kubelet delivers it when it is created or changed. */
function slateVolume({ name, key }: { readonly name: string; readonly key: string }): V1Volume {
  return { name: 'slate', configMap: { name, optional: true, items: [{ key, path: SLATE_FILE }] } };
}

/** Annotations that record what the pod was created from. */
export function sourceAnnotations(specDigest: string, secretRevision: string): Record<string, string> {
  return { [annotations.podSpecHash]: specDigest, [annotations.secretRevision]: secretRevision };
}
