import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startControlPlane, type ControlPlane } from '../../../hack/cluster/control-plane.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { connect, type KubeClient } from '../../../src/kube/client.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { cacheTimes } from '../../../src/server/auth/caller-cache.ts';
import type { Authenticate } from '../../../src/server/auth/authenticate.ts';
import { createAuthenticate } from '../../../src/server/auth/authenticators.ts';
import { apiSettingsSchema } from '../../../src/server/settings.ts';
import { isRefusal } from '../../../src/server/auth/refusal.ts';
import type { Caller } from '../../../src/server/service.ts';
import { clusterCli, expectOk, type Cli } from '../../support/cluster/cluster-cli.ts';

/** What an administrator creates: a service with the right to review tokens, and accounts with different rights. */
const manifest = (verbs: Record<string, readonly string[]>): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'elsewhere' } },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'api' },
        roleRef: {
          apiGroup: 'rbac.authorization.k8s.io',
          kind: 'ClusterRole',
          name: 'system:auth-delegator',
        },
        subjects: [{ kind: 'User', name: 'livechannel-api' }],
      },
      ...Object.entries(verbs).flatMap(([name, allowed]) => rights(name, 'shop', allowed)),
      ...rights('neighbour', 'elsewhere', ['get', 'update', 'delete']),
    ],
  });

function rights(name: string, namespace: string, verbs: readonly string[]): object[] {
  const metadata = { name, namespace };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion,
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: ['livechannel.dev'], resources: ['livechannels'], verbs }],
    },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', name }],
    },
  ];
}

let controlPlane: ControlPlane;
let kubectl: Cli;
let client: KubeClient;
const signal = new AbortController().signal;

beforeAll(async () => {
  controlPlane = await startControlPlane({ controllerManager: false });
  kubectl = await clusterCli('kubectl', controlPlane.kubeconfigPath);
  const accounts = manifest({
    stranger: ['list'],
    viewer: ['get'],
    app: ['get', 'update'],
    owner: ['get', 'update', 'delete'],
    odd: ['delete'],
  });
  await expectOk(kubectl(['apply', '-f', '-'], accounts));
  const kubeconfigPath = await controlPlane.issueKubeconfig('api', {
    commonName: 'livechannel-api',
    organization: 'services',
  });
  client = await connect({ kubeconfigPath, fieldManager: 'livechannel-api' });
}, 180_000);
afterAll(async () => {
  await client.close();
  await controlPlane.stop();
});

async function tokenOf(name: string, ...more: readonly string[]): Promise<string> {
  const namespace = name === 'neighbour' ? 'elsewhere' : 'shop';
  return (await expectOk(kubectl(['create', 'token', name, '-n', namespace, ...more]))).trim();
}

function service(audience?: string): { readonly authenticate: Authenticate; readonly clock: FakeClock } {
  const clock = new FakeClock(new Date());
  const authenticate = createAuthenticate({
    settings: apiSettingsSchema.parse({
      LIVECHANNEL_API_KEYS: 'true',
      LIVECHANNEL_API_KUBERNETES_TOKENS: 'true',
      LIVECHANNEL_API_KUBERNETES_AUDIENCE: audience,
    }),
    namespace: 'shop',
    client,
    store: undefined,
    clock,
    logger: silentLogger,
  });
  return { authenticate, clock };
}

function who(authenticate: Authenticate, token: string): Promise<Caller> {
  return Promise.resolve(authenticate({ authorization: `Bearer ${token}` }, { signal }, '192.0.2.1'));
}

describe('tokens of service accounts', () => {
  test.each([
    ['stranger', undefined],
    ['viewer', 'playback'],
    ['app', 'operate'],
    ['owner', 'admin'],
    ['odd', undefined],
    ['neighbour', undefined],
  ])('%s has the scope %s', async (name, scope) => {
    const { authenticate } = service();
    const namespace = name === 'neighbour' ? 'elsewhere' : 'shop';
    expect(await who(authenticate, await tokenOf(name))).toEqual({
      subject: `kubernetes:system:serviceaccount:${namespace}:${name}`,
      scope,
    });
  });

  test('with an audience, tokens for it are accepted and ordinary ones are not', async () => {
    const { authenticate } = service('livechannel');
    expect(await who(authenticate, await tokenOf('app', '--audience', 'livechannel'))).toMatchObject({
      scope: 'operate',
    });
    for (const token of [await tokenOf('app'), await tokenOf('app', '--audience', 'other')])
      await expect(who(authenticate, token)).rejects.toMatchObject({ code: 'not-authenticated' });
  });

  test('without an audience, tokens for other audiences are not accepted', async () => {
    const token = await tokenOf('app', '--audience', 'vault');
    await expect(who(service().authenticate, token)).rejects.toMatchObject({ code: 'not-authenticated' });
  });

  test.each(['garbage', 'e30.e30.e30', 'lc_abc'])('%s is rejected', async (token) => {
    await expect(who(service().authenticate, token)).rejects.toMatchObject({ status: 401 });
  });

  test("a token becomes invalid within seconds of its account's deletion", async () => {
    await expectOk(kubectl(['create', 'serviceaccount', 'leaving', '-n', 'shop']));
    const { authenticate, clock } = service();
    const token = await tokenOf('leaving');
    await who(authenticate, token);
    await expectOk(kubectl(['delete', 'serviceaccount', 'leaving', '-n', 'shop']));
    // The API server has its own cache: 10 s.
    await eventually('the refusal', 30, async () => {
      await clock.advance(cacheTimes.acceptedMs);
      const outcome = await who(authenticate, token).catch((error: unknown) => error);
      return isRefusal(outcome) ? true : undefined;
    });
  }, 40_000);

  test('revoked rights are lost within seconds', async () => {
    const { authenticate, clock } = service();
    const token = await tokenOf('owner');
    expect((await who(authenticate, token)).scope).toBe('admin');
    await expectOk(kubectl(['delete', 'rolebinding', 'owner', '-n', 'shop']));
    expect((await who(authenticate, token)).scope).toBe('admin');
    await clock.advance(cacheTimes.acceptedMs);
    expect((await who(authenticate, token)).scope).toBeUndefined();
  });
});

describe('during an outage of the API server', () => {
  test('known callers stay known, unknown ones must retry later, and both work afterwards', async () => {
    const { authenticate, clock } = service();
    const [known, other] = [await tokenOf('app'), await tokenOf('viewer')];
    await who(authenticate, known);
    await controlPlane.killApiServer();
    await clock.advance(cacheTimes.acceptedMs);
    expect((await who(authenticate, known)).scope).toBe('operate');
    await expect(who(authenticate, other)).rejects.toMatchObject({
      code: 'kubernetes-unavailable',
      headers: { 'retry-after': expect.any(String) },
    });
    await controlPlane.startApiServer();
    expect((await who(authenticate, other)).scope).toBe('playback');
    await clock.advance(cacheTimes.withoutAnswerMs);
    expect((await who(authenticate, known)).scope).toBe('operate');
  }, 90_000);
});

test('a service without the right to review tokens reports its own fault', async () => {
  const kubeconfigPath = await controlPlane.issueKubeconfig('stranger', {
    commonName: 'stranger',
    organization: 'strangers',
  });
  await using stranger = await connect({ kubeconfigPath, fieldManager: 'livechannel-api' });
  const authenticate = createAuthenticate({
    settings: apiSettingsSchema.parse({
      LIVECHANNEL_API_KEYS: 'false',
      LIVECHANNEL_API_KUBERNETES_TOKENS: 'true',
    }),
    namespace: 'shop',
    client: stranger,
    store: undefined,
    clock: new FakeClock(new Date()),
    logger: silentLogger,
  });
  await expect(who(authenticate, await tokenOf('app'))).rejects.toMatchObject({
    code: 'internal',
    detail: expect.stringContaining('system:auth-delegator'),
  });
});
