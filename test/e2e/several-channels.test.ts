import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { inspectMedia } from '../fixtures/agora/decode.ts';
import { ClusterStage } from '../support/cluster/cluster-stage.ts';
import { eventually } from '../support/wait/eventually.ts';

/** Frame sizes tell the hosts apart; all are small and slow, because five hosts and five relays share two cores. */
const hosts = ['one', 'two', 'three', 'four', 'five'].map((name, index) => ({
  name,
  width: 256,
  height: 144 + 16 * index,
}));
const picture = { width: 256, height: 144, fps: 5, bitrateKbps: 200 };
/** Requests of less than the default, so that all of them fit on the test cluster. */
const template = { resources: { requests: { cpu: '100m' } } };
/** The operator and the origin run on `home`; `added` comes and goes. */
const [home, added] = ['node-1', 'node-2'];
const nodeSchema = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()),
  }),
  spec: z.record(z.string(), z.unknown()),
});

describe('several channels on a real cluster', () => {
  let stage: ClusterStage;

  beforeAll(async () => {
    const nodeSelector = { 'kubernetes.io/hostname': home };
    stage = await ClusterStage.open('several', {
      'operator.nodeSelector': nodeSelector,
      'origin.nodeSelector': nodeSelector,
    });
    await stage.addSellers(
      hosts.map(({ name, width, height }) => `${name}=${width}x${height}`),
      picture,
    );
  }, 400_000);
  afterAll(() => stage.close(), 150_000);

  test('a relay that cannot be scheduled says why, and goes on air by itself when a node is added', async () => {
    const { kubectl } = stage;
    const { metadata, spec } = nodeSchema.parse(await kubectl.get('node', added));
    const { labels, annotations } = metadata;
    await kubectl.run(['delete', 'node', added]);
    try {
      const nodeSelector = { 'kubernetes.io/hostname': added };
      await kubectl.apply(
        stage.liveChannel(
          'waits',
          { relay: { template: { ...template, nodeSelector } } },
          { channelName: 'one' },
        ),
      );
      const waiting = await stage.untilReady('waits', 'False', 'PodPending', 60);
      expect(waiting.relayStatus).toBe('starting');
      const ready = waiting.conditions?.find(({ type }) => type === 'Ready');
      expect(ready?.message).toMatch(/0\/1 nodes are available/);
    } finally {
      // The node registers, as one does that a cluster autoscaler adds for the pending pod.
      await kubectl.apply({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: added, labels, annotations },
        spec: { ...spec, taints: undefined },
      });
    }
    const status = await stage.untilReady('waits', 'True', 'Live', 120);
    expect(status.relay).toMatchObject({ nodeName: added, restarts: 0 });
    await kubectl.run(['-n', stage.namespace, 'delete', 'livechannel', 'waits', '--timeout=60s']);
  }, 400_000);

  test('five channels are on air at once, each with the video of its own host', async () => {
    await stage.kubectl.apply(...hosts.map(({ name }) => stage.liveChannel(name, { relay: { template } })));
    await Promise.all(hosts.map(({ name }) => stage.untilReady(name, 'True', 'Live', 150)));
    const urls = await Promise.all(
      hosts.map(async ({ name }) => (await stage.status(name)).hlsPlaybackUrl ?? ''),
    );
    expect(new Set(urls).size).toBe(hosts.length);
    for (const [index, url] of urls.entries())
      // Some of the first segments are from the seconds in which five browsers start on two cores.
      await eventually(
        `${hosts[index]?.name} shows its host`,
        150,
        async () => {
          const { width, height, clocks, beeps } = await inspectMedia(url, { seconds: 4 });
          expect({ name: hosts[index]?.name, width, height }).toEqual(hosts[index]);
          expect((clocks.at(-1)?.clockMs ?? 0) - (clocks[0]?.clockMs ?? 0)).toBeGreaterThan(2_000);
          expect(beeps.length).toBeGreaterThanOrEqual(2);
          return true;
        },
        { everyMs: 2_000 },
      );
    await expectLive(hosts.map(({ name }) => name));
  }, 1_000_000);

  test('the end of one channel does not disturb the others', async () => {
    await stage.kubectl.run(['-n', stage.namespace, 'delete', 'livechannel', 'three', '--timeout=60s']);
    await stage.untilGone('three');
    await expectLive(hosts.map(({ name }) => name).filter((name) => name !== 'three'));
  }, 120_000);

  /** All of them are still on air, and no relay was restarted meanwhile. */
  async function expectLive(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const status = await stage.untilReady(name, 'True', 'Live', 30);
      expect(status).toMatchObject({ relayStatus: 'active', relay: { restarts: 0 } });
    }
  }
});
