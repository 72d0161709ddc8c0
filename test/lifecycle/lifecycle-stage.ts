import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane, type ControlPlane } from '../../hack/cluster/control-plane.ts';
import { eventually } from '../support/wait/eventually.ts';
import { RELAY_SECRET_MOUNT } from '../../src/channel/pod/relay-config.ts';
import { connect, type KubeClient } from '../../src/kube/client.ts';
import type { Clock } from '../../src/base/clock.ts';
import { namespaceType, secretType, type Pod, type Secret } from '../../src/kube/core-types.ts';
import { scaledClock } from '../fixtures/clouds/scaled-clock.ts';
import { clusterCli, expectOk } from '../support/cluster/cluster-cli.ts';
import { FakeKubelet } from '../support/operator/fake-kubelet.ts';
import { agoraApp } from '../support/operator/operator-stage.ts';
import { Ingests } from './ingests.ts';
import { RelayDouble } from './relay-double.ts';

/** What all rounds share: an API server, a kubelet whose relays publish on paper, and a clock that runs fast. */
export interface LifecycleStage extends AsyncDisposable {
  readonly kubeconfigPath: string;
  readonly client: KubeClient;
  readonly kubelet: FakeKubelet;
  readonly ingests: Ingests;
  readonly clock: Clock;
  readonly scale: number;
  readonly epoch: Date;
  /** For logs; kept when something went wrong. */
  readonly folder: string;
  putSecret(namespace: string, name: string, values: Readonly<Record<string, string>>): Promise<void>;
  /** A namespace in which channels can be made. */
  putNamespace(name: string): Promise<void>;
}

export async function buildStage(scale: number): Promise<LifecycleStage> {
  await using started = new AsyncDisposableStack();
  const controlPlane: ControlPlane = started.use(await startControlPlane());
  const { kubeconfigPath } = controlPlane;
  const kubectl = await clusterCli('kubectl', kubeconfigPath);
  await expectOk(kubectl(['apply', '--server-side', '-f', 'crds']));
  await expectOk(kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s']));
  const client = await connect({ kubeconfigPath, fieldManager: 'the-user' });
  started.defer(() => client.close());
  const epoch = new Date();
  const clock = scaledClock({ factor: scale, epoch });
  const ingests = new Ingests();
  const secretOf = (pod: Pod): Promise<Secret | undefined> => secretMountedBy(client, pod);
  const kubelet = started.use(
    await FakeKubelet.start(
      kubeconfigPath,
      (pod, hooks) => new RelayDouble(pod, hooks, { clock, scale, secretOf, ingests }),
    ),
  );
  const folder = await mkdtemp(join(tmpdir(), 'livechannel-lifecycle-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));

  const putSecret: LifecycleStage['putSecret'] = async (namespace, name, values) => {
    const data = Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    );
    await client.apply(secretType, { metadata: { namespace, name }, data });
  };
  const owned = started.move();
  return {
    ...{ kubeconfigPath, client, kubelet, ingests, clock, scale, epoch, folder, putSecret },
    async putNamespace(name) {
      await client.create(namespaceType, { metadata: { name } });
      await putSecret(name, 'agora', agoraApp);
      // No pod is accepted before.
      await eventually('the default service account', 60, async () => {
        const { ok } = await kubectl(['get', 'serviceaccount', 'default', '-n', name]);
        return ok ? true : undefined;
      });
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function secretMountedBy(client: KubeClient, { metadata, spec }: Pod): Promise<Secret | undefined> {
  const mount = spec.containers[0]?.volumeMounts?.find(({ mountPath }) => mountPath === RELAY_SECRET_MOUNT);
  const name = spec.volumes?.find((volume) => volume.name === mount?.name)?.secret?.secretName;
  return name === undefined ? undefined : client.get(secretType, { namespace: metadata.namespace, name });
}
