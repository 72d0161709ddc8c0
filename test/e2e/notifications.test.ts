import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { credentialsName } from '../../hack/demo/agora-scene.ts';
import { fetchPlaylist } from '../../hack/demo/playback.ts';
import { installRelease, releaseName, systemNamespace } from '../../hack/demo/release.ts';
import { makeApiKey, serviceUrl, serviceValues, waitForDatabase } from '../../hack/demo/service.ts';
import { Notifier } from '../fixtures/agora/notifier.ts';
import { eventually } from '../support/wait/eventually.ts';
import { ClusterStage, folders } from '../support/cluster/cluster-stage.ts';

/** Name of the Secret with what Agora Console shows. */
const secretName = 'agora-notifications';
const path = '/v1/agora/notifications';
const metricsSchema = z.object({ points: z.array(z.object({ agoraViewers: z.number().nullable() })) });

/** The seller starts as before: nothing is called but the webhook, by the Agora edge. */
describe('a show that only notifications of Agora drive', () => {
  const secret = randomBytes(16).toString('hex');
  let stage: ClusterStage;
  let buyers: Notifier;
  let url = '';
  let playbackUrl = '';

  beforeAll(async () => {
    const service = `${releaseName}-api.${systemNamespace}.svc.cluster.local`;
    stage = await ClusterStage.open('notified', {}, { url: `http://${service}${path}`, secret });
    const { kubectl, namespace, accessPoints } = stage;
    await kubectl.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: secretName, namespace: systemNamespace },
      stringData: { [credentialsName]: secret },
    });
    await installRelease(folders, kubectl, (line) => process.stderr.write(`  ${line}\n`), {
      ...serviceValues(namespace, accessPoints),
      'api.agoraNotifications.secretName': secretName,
      'api.agoraNotifications.createChannels': true,
      'api.defaults.idle.noHostSeconds': 30,
    });
    await waitForDatabase(kubectl);
    await kubectl.run(inSystem('rollout', 'status', `deployment/${releaseName}-api`, '--timeout=120s'));
    url = await serviceUrl(kubectl);
    buyers = new Notifier({ url: `${url}${path}`, secret }, Date.now, () => undefined);
  }, 600_000);
  afterAll(async () => {
    buyers.stop();
    await stage.kubectl.attempt(inSystem('delete', 'secret', secretName));
    await stage.close();
  }, 150_000);

  const inSystem = (...args: string[]): string[] => ['-n', systemNamespace, ...args];

  test('is created and goes on air when the host joins the Agora channel', async () => {
    await stage.addSeller('show');
    const status = await stage.untilReady('show', 'True', 'Live', 120);
    playbackUrl = status.hlsPlaybackUrl ?? '';
    await eventually('the playlist has segments', 30, () => fetchPlaylist(playbackUrl));
    const startOn = await stage.kubectl.field('livechannel', 'show', stage.namespace, '.spec.relay.startOn');
    expect(startOn).toBe('host');
  }, 240_000);

  test('has its viewers on Agora counted, without the host and the relay', async () => {
    for (const uid of [1, 2, 3]) buyers.notify({ type: 'joined', channel: 'show', uid, role: 'audience' });
    buyers.notify({ type: 'left', channel: 'show', uid: 3, role: 'audience', reason: 'Quit' });
    const token = (await stage.kubectl.run(makeApiKey('reader', 'operate'))).trim();
    await eventually('two viewers on Agora', 90, async () => {
      const period = new URLSearchParams({
        from: new Date(Date.now() - 60_000).toISOString(),
        to: new Date().toISOString(),
        step: '10',
      });
      const response = await fetch(`${url}/v1/channels/show/metrics?${period.toString()}`, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(10_000),
      });
      const { points } = metricsSchema.parse(await response.json());
      if (points.at(-1)?.agoraViewers === 2) return true;
      throw new Error(JSON.stringify(points));
    });
  }, 120_000);

  test('is not interrupted when the host reconnects', async () => {
    const before = await stage.relayPod('show');
    await stage.kubectl.run(['-n', stage.namespace, 'rollout', 'restart', 'deployment/seller']);
    await stage.kubectl.run([
      '-n',
      stage.namespace,
      'rollout',
      'status',
      'deployment/seller',
      '--timeout=90s',
    ]);
    await stage.untilReady('show', 'True', 'Live', 60);
    expect(await stage.relayPod('show')).toEqual(before);
  }, 180_000);

  test('stops after the host has left, and keeps its stream', async () => {
    await stage.kubectl.run(['-n', stage.namespace, 'scale', 'deployment/seller', '--replicas=0']);
    const status = await stage.untilReady('show', 'False', 'Idle', 150);
    expect(status).toMatchObject({ relayStatus: 'stopped', hlsPlaybackUrl: playbackUrl });
    await eventually('the pod is gone', 30, async () =>
      (await stage.relayPod('show')) === undefined ? true : undefined,
    );
  }, 240_000);

  test('goes on air again under the same address when the host joins again', async () => {
    await stage.kubectl.run(['-n', stage.namespace, 'scale', 'deployment/seller', '--replicas=1']);
    const status = await stage.untilReady('show', 'True', 'Live', 120);
    expect(status.hlsPlaybackUrl).toBe(playbackUrl);
    expect(status.relay?.restarts).toBe(0);
  }, 180_000);
});
