import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { relayPod, type RelayImage } from '../../../../src/channel/pod/relay-pod.ts';
import { relayConfig } from '../../../../src/channel/pod/relay-config.ts';
import { aChannel, aPlatform, credentials } from '../../../support/channel/channel-examples.ts';

const image: RelayImage = { image: 'registry/relay:1', pullPolicy: 'IfNotPresent', pullSecrets: [] };
const withTemplate = (template: object): LiveChannel => aChannel({ spec: { relay: { template } } });

/** Anything that a user may set in the template. */
const anyTemplate = fc.record(
  {
    labels: fc.dictionary(fc.string(), fc.string()),
    annotations: fc.dictionary(fc.string(), fc.string()),
    nodeSelector: fc.dictionary(fc.string(), fc.string()),
    priorityClassName: fc.constant('live'),
    tolerations: fc.constant([{ key: 'live', operator: 'Exists' }]),
    affinity: fc.dictionary(fc.string(), fc.anything()).filter((affinity) => !('__proto__' in affinity)),
    resources: fc.constant({ requests: { cpu: '1' }, limits: { memory: '2Gi' } }),
  },
  { requiredKeys: [] },
);

describe('whatever the template contains', () => {
  // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
  test('the pod complies with the restricted Pod Security Standard', () => {
    fc.assert(
      fc.property(anyTemplate, (template) => {
        const { spec } = relayPod(withTemplate(template), 0, image);
        expect(spec).not.toMatchObject({ hostNetwork: true });
        expect(spec).not.toMatchObject({ hostPID: true });
        expect(spec).not.toMatchObject({ hostIPC: true });
        expect(spec.securityContext).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        });
        expect(spec.securityContext?.runAsUser).toBeGreaterThan(0);
        for (const container of [...spec.containers, ...(spec.initContainers ?? [])])
          expect(container.securityContext).toEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
        for (const volume of spec.volumes ?? [])
          expect(['emptyDir', 'secret'].some((kind) => kind in volume)).toBe(true);
      }),
    );
  });

  test('the pod has no Kubernetes token, and its secrets are mounted as a volume only', () => {
    fc.assert(
      fc.property(anyTemplate, (template) => {
        const { spec } = relayPod(withTemplate(template), 0, image);
        expect(spec).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false });
        const [relay] = spec.containers;
        expect(relay?.args).toEqual(['relay', '--config', '/etc/livechannel/relay.json']);
        expect(relay?.env).toEqual([{ name: 'HOME', value: '/tmp' }]);
        expect(relay).not.toHaveProperty('envFrom');
        expect(spec.volumes).toContainEqual({
          name: 'channel',
          secret: { secretName: 'show-relay', defaultMode: 0o440 },
        });
      }),
    );
  });

  test("the pod has the operator's labels", () => {
    fc.assert(
      fc.property(anyTemplate, (template) => {
        const { metadata } = relayPod(withTemplate(template), 0, image);
        expect(metadata).toMatchObject({ name: 'show-relay-0', namespace: 'shop' });
        expect(metadata.labels).toMatchObject({
          'app.kubernetes.io/managed-by': 'livechannel-operator',
          'livechannel.dev/channel': 'show',
          'livechannel.dev/slot': '0',
        });
      }),
    );
  });
});

test('each slot has a separate pod and Secret', () => {
  const { metadata, spec } = relayPod(aChannel(), 1, image);
  expect(metadata.name).toBe('show-relay-1');
  expect(metadata.labels['livechannel.dev/slot']).toBe('1');
  expect(spec.volumes).toContainEqual({
    name: 'channel',
    secret: { secretName: 'show-relay-1', defaultMode: 0o440 },
  });
});

test('the template is applied', () => {
  const template = {
    labels: { team: 'live', 'livechannel.dev/channel': 'mine' },
    annotations: { note: 'x' },
    nodeSelector: { pool: 'media' },
    priorityClassName: 'live',
    tolerations: [{ key: 'media', operator: 'Exists' }],
    affinity: { nodeAffinity: {} },
    resources: { requests: { cpu: 1 }, limits: { memory: '2Gi' } },
  };
  const { metadata, spec } = relayPod(withTemplate(template), 0, { ...image, pullSecrets: ['registry'] });
  expect(metadata.labels).toMatchObject({ team: 'live', 'livechannel.dev/channel': 'show' });
  expect(metadata.annotations).toMatchObject({ note: 'x' });
  expect(spec).toMatchObject({
    nodeSelector: { pool: 'media' },
    priorityClassName: 'live',
    affinity: { nodeAffinity: {} },
    imagePullSecrets: [{ name: 'registry' }],
  });
  expect(spec.tolerations).toContainEqual({ key: 'media', operator: 'Exists' });
  expect(spec.containers[0]?.resources).toMatchObject({
    requests: { cpu: '1', memory: '320Mi' },
    limits: { memory: '2Gi', 'ephemeral-storage': '512Mi' },
  });
});

test('a slate is mounted if the configuration names it, and is optional for the pod', () => {
  const channel = aChannel({
    spec: { relay: { slate: { configMapRef: { name: 'pictures', key: 'soon.jpg' } } } },
  });
  const { spec } = relayPod(channel, 0, image);
  expect(spec.volumes).toContainEqual({
    name: 'slate',
    configMap: { name: 'pictures', optional: true, items: [{ key: 'soon.jpg', path: 'picture' }] },
  });
  const [mount] = (spec.containers[0]?.volumeMounts ?? []).filter(({ name }) => name === 'slate');
  const { slateFile } = relayConfig(channel, 0, credentials, aPlatform, false).media;
  expect(slateFile).toBe(`${mount?.mountPath ?? ''}/picture`);
});

test('a lost node is noticed soon', () => {
  const { tolerations } = relayPod(aChannel(), 0, image).spec;
  expect(tolerations?.map(({ key, tolerationSeconds }) => [key, tolerationSeconds])).toEqual([
    ['node.kubernetes.io/unreachable', 5],
    ['node.kubernetes.io/not-ready', 5],
  ]);
});
