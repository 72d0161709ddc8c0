import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startControlPlane, type ControlPlane } from '../../../hack/cluster/control-plane.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { clusterCli, expectOk, type Cli } from '../../support/cluster/cluster-cli.ts';
import { everything, needsPrometheusOperator } from './everything.ts';

/**
 * The life of a release on a real API server with helm itself. Pods are created and admitted, but no node runs them.
 */
const namespace = 'livechannel-system';
let controlPlane: ControlPlane;
let kubectl: Cli;
let helm: Cli;

beforeAll(async () => {
  controlPlane = await startControlPlane();
  kubectl = await clusterCli('kubectl', controlPlane.kubeconfigPath);
  helm = await clusterCli('helm', controlPlane.kubeconfigPath);
  for (const each of [namespace, 'shop', 'studio']) await expectOk(kubectl(['create', 'namespace', each]));
  await expectOk(kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']));
}, 900_000);

afterAll(async () => {
  await controlPlane.stop();
});

const release = (verb: 'install' | 'upgrade', ...values: string[]): Promise<string> =>
  expectOk(
    helm([
      verb,
      'livechannel',
      'charts/livechannel-operator',
      '--namespace',
      namespace,
      ...values.flatMap((value) => ['--set', value]),
    ]),
  );
const get = (what: string, path: string): Promise<string> =>
  expectOk(kubectl(['get', '-n', namespace, ...what.split(' '), '-o', `jsonpath=${path}`]));

const account = `system:serviceaccount:${namespace}:livechannel-operator`;
async function may(verb: string, resource: string, where: readonly string[]): Promise<boolean> {
  const { stdout } = await kubectl(['auth', 'can-i', verb, resource, '--as', account, ...where]);
  return stdout.trim() === 'yes';
}

describe('a release, from installation to removal', () => {
  let secret: string;
  let databaseSecret: string;
  let ticketKeys: string;
  let platformUid: string;

  test('is installed in one step, including CRDs and the default platform', async () => {
    expect(await release('install')).toContain('StreamingPlatform "origin", the default,');
    expect(await get('streamingplatform origin', '{.spec.origin.controlUrl}')).toBe(
      'http://livechannel-origin.livechannel-system.svc:8081',
    );
    secret = await get('secret livechannel-origin', '{.data}');
    databaseSecret = await get('secret livechannel-postgres', '{.data}');
    ticketKeys = await get('secret livechannel-api-tickets', '{.data}');
    expect(Object.keys(JSON.parse(ticketKeys) as object)).toEqual(['key-1']);
    platformUid = await get('streamingplatform origin', '{.metadata.uid}');
    expect(Object.keys(JSON.parse(secret) as object).sort()).toEqual([
      'ca.crt',
      'masterSecret',
      'tls.crt',
      'tls.key',
      'token',
    ]);
  }, 60_000);

  test('creates only pods that the restricted Pod Security Standard admits', async () => {
    await eventually('operator and service twice, origin, database and migration', 30, async () => {
      const pods = (await get('pods', '{range .items[*]}{.metadata.name} {end}')).trim().split(' ');
      return pods.length === 7 ? pods : undefined;
    });
  }, 60_000);

  test.each([
    ['get', 'secrets'],
    ['create', 'pods'],
    ['delete', 'pods'],
    ['patch', 'livechannels.livechannel.dev'],
    ['patch', 'livechannels.livechannel.dev --subresource=status'],
    ['create', 'events'],
  ])('lets the operator %s %s in any namespace', async (verb, resource) => {
    const [name = '', ...flags] = resource.split(' ');
    expect(await may(verb, name, [...flags, '-n', 'default'])).toBe(true);
  });

  test.each([
    ['list', 'nodes', ''],
    ['watch', 'streamingplatforms.livechannel.dev', ''],
    ['get', 'namespaces/kube-system', ''],
    ['create', 'leases.coordination.k8s.io', namespace],
  ])('lets the operator %s %s %s', async (verb, resource, where) => {
    expect(await may(verb, resource, where === '' ? [] : ['-n', where])).toBe(true);
  });

  test.each([
    ['create', 'leases.coordination.k8s.io'],
    ['create', 'livechannels.livechannel.dev'],
    ['delete', 'livechannels.livechannel.dev'],
    ['create', 'streamingplatforms.livechannel.dev'],
    ['delete', 'streamingplatforms.livechannel.dev'],
    ['create', 'pods --subresource=exec'],
    ['get', 'configmaps'],
    ['create', 'serviceaccounts --subresource=token'],
    ['create', 'clusterrolebindings.rbac.authorization.k8s.io'],
    ['get', 'namespaces/default'],
    ['delete', 'nodes'],
  ])('does not grant the operator %s %s', async (verb, resource) => {
    const [name = '', ...flags] = resource.split(' ');
    expect(await may(verb, name, [...flags, '-n', 'default'])).toBe(false);
  });

  test('keeps keys and certificate during an upgrade, and applies changes to the platform', async () => {
    await release('upgrade', 'origin.platform.isDefault=false', 'operator.replicas=1');
    expect(await get('secret livechannel-origin', '{.data}')).toBe(secret);
    expect(await get('secret livechannel-postgres', '{.data}')).toBe(databaseSecret);
    expect(await get('secret livechannel-api-tickets', '{.data}')).toBe(ticketKeys);
    expect(await get('streamingplatform origin', '{.metadata.uid}')).toBe(platformUid);
    expect(
      await get(
        'streamingplatform origin',
        String.raw`{.metadata.annotations.livechannel\.dev/is-default-platform}`,
      ),
    ).toBe('false');
  }, 60_000);

  test('keeps the platform during a second upgrade and a rollback to the first revision', async () => {
    await release('upgrade', 'origin.platform.isDefault=true');
    await expectOk(helm(['rollback', 'livechannel', '1', '--namespace', namespace]));
    expect(await get('streamingplatform origin', '{.metadata.uid}')).toBe(platformUid);
    expect(await get('secret livechannel-origin', '{.data}')).toBe(secret);
  }, 60_000);

  test('deletes its platform on removal, and keeps the CRDs and the channels', async () => {
    await expectOk(kubectl(['apply', '-f', 'manifests/samples/livechannel-minimal.yaml']));
    await expectOk(helm(['uninstall', 'livechannel', '--namespace', namespace]));
    expect(await expectOk(kubectl(['get', 'streamingplatforms', '-o', 'name']))).toBe('');
    expect(await expectOk(kubectl(['get', 'livechannels', '-o', 'name']))).toBe(
      'livechannel.livechannel.dev/friday-show\n',
    );
    expect((await kubectl(['get', '-n', namespace, 'secret', 'livechannel-origin'])).ok).toBe(false);
  }, 60_000);

  test('can be installed again over the remaining objects, upgraded, and removed', async () => {
    await release('install');
    await release('upgrade');
    await expectOk(helm(['uninstall', 'livechannel', '--namespace', namespace]));
    expect(await expectOk(kubectl(['get', 'streamingplatforms', '-o', 'name']))).toBe('');
  }, 60_000);

  test.each([
    ['and a persistent volume for the database', []],
    ['and an ephemeral database', ['database.embedded.persistence.enabled=false']],
  ])(
    'is accepted by the API server with everything switched on, %s',
    async (_which, values) => {
      const here = everything.filter((value) => !needsPrometheusOperator.includes(value));
      await release('install', ...here, ...values);
      await release('upgrade', ...here, ...values);
      expect(await get('ingress livechannel-api', '{.spec.rules[0].host}')).toBe('live.example.com');
      expect((await get('networkpolicies', '{.items[*].metadata.name}')).split(' ').length).toBeGreaterThan(
        2,
      );
      await eventually('all of its pods are admitted', 30, async () => {
        const pods = (await get('pods', '{range .items[*]}{.metadata.name} {end}')).trim().split(' ');
        const parts = ['api', 'operator', 'origin', 'postgres', 'migrate'];
        return parts.every((part) => pods.some((pod) => pod.startsWith(`livechannel-${part}-`)));
      });
      await expectOk(helm(['uninstall', 'livechannel', '--namespace', namespace]));
    },
    60_000,
  );

  test('without the origin and for given namespaces, can read Secrets in those namespaces only', async () => {
    await release('install', 'origin.enabled=false', 'operator.watchNamespaces={shop}');
    expect(await may('get', 'secrets', ['-n', 'shop'])).toBe(true);
    expect(await may('get', 'secrets', ['-n', 'default'])).toBe(false);
    expect(await may('create', 'pods', ['-n', 'default'])).toBe(false);
    expect(await may('list', 'livechannels.livechannel.dev', ['-A'])).toBe(false);
    expect(await expectOk(kubectl(['get', 'streamingplatforms', '-o', 'name']))).toBe('');
  }, 60_000);
});
