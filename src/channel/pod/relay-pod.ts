import type { V1PodSpec, V1Volume } from '@kubernetes/client-node';
import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations, labels, ports } from '../../api/names.ts';
import { relayAffinity } from './relay-affinity.ts';
import { relaySecretKeys, relaySecretMount, slateFile, slateMount } from './relay-config.ts';
import { NODE_TOLERATION_MS, TERMINATION_GRACE_MS } from '../timing.ts';

/** The part of every relay pod that the operator's settings determine. */
export interface RelayImage {
  readonly image: string;
  readonly pullPolicy: 'Always' | 'IfNotPresent' | 'Never';
  readonly pullSecrets: readonly string[];
}

export interface RelayPodTemplate {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels: Record<string, string>;
    readonly annotations: Record<string, string>;
  };
  readonly spec: V1PodSpec;
}

export const relayPodName = (channelName: string, slot: number): string =>
  `${channelName}-relay-${String(slot)}`;
/** The Secret of slot 0 has the plain name; the one of slot 1 exists during migrations and beside a standby. */
export const relaySecretName = (channelName: string, slot: number): string =>
  slot === 0 ? `${channelName}-relay` : `${channelName}-relay-${String(slot)}`;

export function childLabels(channel: LiveChannel): Record<string, string> {
  return {
    [labels.name]: 'livechannel-relay',
    [labels.component]: 'relay',
    [labels.managedBy]: 'livechannel-operator',
    [labels.partOf]: 'livechannel',
    [labels.channel]: channel.metadata.name,
  };
}

const user = 65532;

/**
 * The relay pod, within the restricted Pod Security Standard. Requests and limits are measured
 * (docs/contribute/relay.md): below 300Mi the browser thrashes, and a CPU limit would slow the start. The pod is kept
 * off `lostNode`, because Kubernetes takes a minute to notice that a node is lost.
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
        // Eviction ends a live stream: autoscalers leave the pod where it is.
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
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(relay.pullSecrets.length > 0
        ? { imagePullSecrets: relay.pullSecrets.map((name) => ({ name })) }
        : {}),
      ...(template.nodeSelector ? { nodeSelector: template.nodeSelector } : {}),
      affinity: relayAffinity(channel.metadata.name, template.affinity ?? {}, lostNode),
      ...(template.priorityClassName ? { priorityClassName: template.priorityClassName } : {}),
      tolerations: [
        // A lost node's relay is replaced soon, not after the five minutes that Kubernetes waits by default.
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
          args: ['relay', '--config', `${relaySecretMount}/${relaySecretKeys.config}`],
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
          // Ready means that media flows, probed every second so that on-air is noticed at once.
          readinessProbe: { ...probe('/readyz'), periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 3 },
          livenessProbe: {
            ...probe('/livez'),
            initialDelaySeconds: 10,
            periodSeconds: 5,
            timeoutSeconds: 3,
            failureThreshold: 4,
          },
          volumeMounts: [
            { name: 'tmp', mountPath: '/tmp' },
            { name: 'channel', mountPath: relaySecretMount, readOnly: true },
            ...(slate === undefined ? [] : [{ name: 'slate', mountPath: slateMount, readOnly: true }]),
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

/** A missing slate does not block the relay; one that is created or changed later is delivered by the kubelet. */
function slateVolume({ name, key }: { readonly name: string; readonly key: string }): V1Volume {
  return { name: 'slate', configMap: { name, optional: true, items: [{ key, path: slateFile }] } };
}

/** Annotations that record what the pod was created from. */
export function sourceAnnotations(specDigest: string, secretRevision: string): Record<string, string> {
  return { [annotations.podSpecHash]: specDigest, [annotations.secretRevision]: secretRevision };
}
