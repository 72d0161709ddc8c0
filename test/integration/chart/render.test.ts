import { beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { installManifest, installManifestPath } from '../../../hack/generate/install-manifest.ts';
import { checkout, clusterCli, expectOk, type Cli, type Outcome } from './cluster-cli.ts';

const chart = 'charts/livechannel-operator';
let helm: Cli;
beforeAll(async () => {
  helm = await clusterCli('helm', '/nonexistent');
}, 900_000);

const container = z.looseObject({
  image: z.string(),
  env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
  securityContext: z.unknown(),
  resources: z.looseObject({ requests: z.looseObject({}), limits: z.looseObject({ memory: z.string() }) }),
});
const podTemplate = z.looseObject({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
  spec: z.looseObject({ securityContext: z.unknown(), containers: z.array(container) }),
});
const manifestSchema = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
});
type Manifest = z.infer<typeof manifestSchema>;
const rulesSchema = z.array(
  z.object({
    apiGroups: z.array(z.string()),
    resources: z.array(z.string()),
    resourceNames: z.array(z.string()).optional(),
    verbs: z.array(z.string()),
  }),
);

const template = (...values: string[]): Promise<Outcome> =>
  helm([
    'template',
    'livechannel',
    chart,
    '--namespace',
    'livechannel-system',
    ...values.flatMap((value) => ['--set', value]),
  ]);

async function render(...values: string[]): Promise<readonly Manifest[]> {
  const documents = parseAllDocuments(await expectOk(template(...values)));
  return documents
    .map((document) => document.toJS() as unknown)
    .filter((manifest) => manifest !== null)
    .map((manifest) => manifestSchema.parse(manifest));
}

const named = (manifests: readonly Manifest[], kind: string, name: string): Manifest => {
  const found = manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name}`);
  return found;
};
const podsOf = (manifest: Manifest): z.infer<typeof podTemplate> =>
  z.object({ template: podTemplate }).parse(manifest['spec']).template;

const everything = [
  'origin.hlsService.enabled=true',
  'networkPolicy.enabled=true',
  'metrics.serviceMonitor.enabled=true',
  'metrics.relayPodMonitor.enabled=true',
  'operator.watchNamespaces={shop,studio}',
  'imagePullSecrets[0].name=registry',
  'relay.imagePullSecrets={registry}',
];

test('helm finds nothing to complain about', async () => {
  for (const values of [[], everything, ['origin.enabled=false']])
    await expectOk(helm(['lint', '--strict', chart, ...values.flatMap((value) => ['--set', value])]));
}, 30_000);

test('the manifest for kubectl is what the chart gives now (make generate)', async () => {
  expect(await readFile(join(checkout, installManifestPath), 'utf8')).toBe(await installManifest(checkout));
});

describe.each([
  ['by default', []],
  ['with everything switched on', everything],
])('%s', (_name, values) => {
  test('no role has a wildcard, nor the right to hand out rights', async () => {
    const roles = (await render(...values)).filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole');
    expect(roles.length).toBeGreaterThan(2);
    for (const role of roles) {
      for (const rule of rulesSchema.parse(role['rules'])) {
        expect([...rule.apiGroups, ...rule.resources, ...rule.verbs]).not.toContain('*');
        expect(rule.verbs).not.toEqual(
          expect.arrayContaining([expect.stringMatching(/escalate|bind|impersonate/)]),
        );
      }
    }
  });

  test('every pod keeps to the restricted standard, has requests and a limit of memory, and secrets in files', async () => {
    const deployments = (await render(...values)).filter(({ kind }) => kind === 'Deployment');
    expect(deployments).toHaveLength(2);
    for (const deployment of deployments) {
      const pods = podsOf(deployment);
      expect(pods.spec.securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const each of pods.spec.containers) {
        expect(each.securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(each.env.filter((entry) => JSON.stringify(entry).includes('secretKeyRef'))).toEqual([]);
      }
    }
  });

  test('pods carry no label that changes with the version: an upgrade must not end a show', async () => {
    for (const deployment of (await render(...values)).filter(({ kind }) => kind === 'Deployment')) {
      expect(JSON.stringify(podsOf(deployment).metadata.labels)).not.toMatch(/\d+\.\d+\.\d+/);
    }
  });

  test('every namespaced object is in the namespace of the release, or in one that is looked into', async () => {
    const namespaces = ['livechannel-system', 'shop', 'studio'];
    // Beside them a Role to read the nodes' Leases, which are in a namespace of their own.
    const clusterScoped = /^(ClusterRole|ClusterRoleBinding|CustomResourceDefinition|StreamingPlatform)$/;
    for (const { kind, metadata } of await render(...values)) {
      if (clusterScoped.test(kind)) expect(metadata.namespace).toBeUndefined();
      else expect([...namespaces, 'kube-node-lease']).toContain(metadata.namespace);
    }
  });
});

describe('switches', () => {
  test('origin.enabled=false leaves nothing of the origin', async () => {
    const manifests = await render('origin.enabled=false', 'networkPolicy.enabled=true');
    expect(manifests.map(({ metadata }) => metadata.name).filter((name) => name.includes('origin'))).toEqual(
      [],
    );
    expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });

  test('origin.existingSecret is used, and none is made', async () => {
    const manifests = await render('origin.existingSecret=mine');
    expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
    expect(JSON.stringify(named(manifests, 'Deployment', 'livechannel-origin'))).toContain(
      '"secretName":"mine"',
    );
    expect(named(manifests, 'StreamingPlatform', 'origin')['spec']).toMatchObject({
      credentialsRef: { name: 'mine' },
    });
  });

  test('crds.enabled and crds.keep', async () => {
    const definitions = (manifests: readonly Manifest[]): Manifest[] =>
      manifests.filter(({ kind }) => kind === 'CustomResourceDefinition');
    const kept = definitions(await render());
    expect(kept.map(({ metadata }) => metadata.annotations)).toEqual(
      Array(2).fill({ 'helm.sh/resource-policy': 'keep' }),
    );
    const removed = definitions(await render('crds.keep=false'));
    expect(removed.map(({ metadata }) => metadata.annotations)).toEqual([{}, {}]);
    expect(definitions(await render('crds.enabled=false'))).toEqual([]);
  });

  test('one operator has no disruption budget, which would block every drain', async () => {
    const kinds = async (...values: string[]): Promise<string[]> =>
      (await render(...values)).map(({ kind }) => kind);
    expect(await kinds()).toContain('PodDisruptionBudget');
    expect(await kinds('operator.replicas=1')).not.toContain('PodDisruptionBudget');
  });

  test('images are named by registry, tag and digest, and the operator is told the image of the relays', async () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    const manifests = await render(
      'operator.image.registry=registry.example.com',
      'operator.image.tag=2.0.0',
      `relay.image.digest=${digest}`,
    );
    const [operator] = podsOf(named(manifests, 'Deployment', 'livechannel-operator')).spec.containers;
    expect(operator?.image).toBe('registry.example.com/livechannel/operator:2.0.0');
    expect(operator?.env).toContainEqual({
      name: 'LIVECHANNEL_RELAY_IMAGE',
      value: `livechannel/relay:0.1.0@${digest}`,
    });
  });

  test('given namespaces get a Role each, and the ClusterRole says nothing of Secrets and pods', async () => {
    const manifests = await render('operator.watchNamespaces={shop}');
    const clusterRules = rulesSchema.parse(named(manifests, 'ClusterRole', 'livechannel-operator')['rules']);
    expect(clusterRules.flatMap(({ resources }) => resources)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(secrets|pods)$/)]),
    );
    const namespaces = manifests
      .filter(({ kind, metadata }) => kind === 'Role' && metadata.name === 'livechannel-operator')
      .map(({ metadata }) => metadata.namespace);
    expect(namespaces).toEqual(['shop', 'livechannel-system']);
  });

  test('origin.publicUrl is what players are told', async () => {
    const env = async (...values: string[]): Promise<unknown> =>
      podsOf(named(await render(...values), 'Deployment', 'livechannel-origin')).spec.containers[0]?.env.find(
        ({ name }) => name === 'LIVECHANNEL_ORIGIN_PUBLIC_URL',
      )?.value;
    expect(await env()).toBe('http://livechannel-origin.livechannel-system.svc:8080');
    expect(await env('origin.publicUrl=https://live.example.com')).toBe('https://live.example.com');
  });
});

describe('values that make no sense are refused, by name', () => {
  test.each([
    ['operator.replicas=0', '/operator/replicas'],
    ['operator.replicas=two', '/operator/replicas'],
    ['operator.replica=2', 'replica'],
    ['operator.logLevel=loud', '/operator/logLevel'],
    ['operator.image.pullPolicy=Sometimes', '/operator/image/pullPolicy'],
    ['operator.image.digest=latest', '/operator/image/digest'],
    ['operator.watchNamespaces={Shop}', '/operator/watchNamespaces/0'],
    ['origin.publicUrl=live.example.com', '/origin/publicUrl'],
    ['origin.hlsService.type=Ingress', '/origin/hlsService/type'],
    ['origin.mediaSize=1GB', '/origin/mediaSize'],
    ['crds.keep=maybe', '/crds/keep'],
    ['orign.enabled=false', 'orign'],
  ])('%s', async (value, path) => {
    const { ok, stderr } = await template(value);
    expect(ok).toBe(false);
    expect(stderr).toContain("don't meet the specifications of the schema");
    expect(stderr).toContain(path);
  });
});
