import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Picture } from '../../hack/demo/agora-scene.ts';
import { fetchPlaylist } from '../../hack/demo/playback.ts';
import { inspectMedia } from '../fixtures/agora/decode.ts';
import { ClusterStage } from '../support/cluster/cluster-stage.ts';
import { eventually } from '../support/wait/eventually.ts';

/** Small, because five hosts and five relays share two cores; each host has a size of its own, to tell them apart. */
const pictureOf = (index: number): Picture => ({
  width: 256,
  height: 144 + 16 * index,
  fps: 10,
  bitrateKbps: 200,
});
const names = ['one', 'two', 'three', 'four', 'five'];
/** Requests of less than the default, so that all of them fit on the test cluster. */
const small = { template: { resources: { requests: { cpu: '100m' } } } };

describe('several channels on a real cluster', () => {
  let stage: ClusterStage;

  beforeAll(async () => {
    stage = await ClusterStage.open('several');
    for (const [index, name] of names.entries())
      await stage.addSeller(name, { name: `seller-${name}`, picture: pictureOf(index) });
  }, 400_000);
  afterAll(() => stage.close(), 150_000);

  test('five channels are on air at once, each with the video of its own host', async () => {
    await stage.kubectl.apply(...names.map((name) => stage.liveChannel(name, { relay: small })));
    await Promise.all(names.map((name) => stage.untilReady(name, 'True', 'Live', 150)));
    const urls = await Promise.all(
      names.map(async (name) => (await stage.status(name)).hlsPlaybackUrl ?? ''),
    );
    expect(new Set(urls).size).toBe(5);
    for (const [index, url] of urls.entries()) {
      await eventually(`${names[index]} has segments`, 30, () => fetchPlaylist(url));
      const { width, height, clocks, beeps } = await inspectMedia(url, { seconds: 4 });
      const { width: own, height: tall } = pictureOf(index);
      expect({ name: names[index], width, height }).toEqual({ name: names[index], width: own, height: tall });
      expect((clocks.at(-1)?.clockMs ?? 0) - (clocks[0]?.clockMs ?? 0)).toBeGreaterThan(2_000);
      expect(beeps.length).toBeGreaterThanOrEqual(2);
    }
    // All of them are still on air, and no relay was restarted meanwhile.
    for (const name of names)
      expect(await stage.status(name)).toMatchObject({ relayStatus: 'active', relay: { restarts: 0 } });
  }, 400_000);

  test('the end of one channel does not disturb the others', async () => {
    await stage.kubectl.run(['-n', stage.namespace, 'delete', 'livechannel', 'three', '--timeout=60s']);
    await stage.untilGone('three');
    for (const name of names.filter((each) => each !== 'three'))
      expect(await stage.status(name)).toMatchObject({ relayStatus: 'active', relay: { restarts: 0 } });
  }, 120_000);

  test('a relay that cannot be scheduled says why, and goes on air by itself when a node is added', async () => {
    const pool = { 'livechannel-test/pool': stage.namespace };
    const relay = { template: { ...small.template, nodeSelector: pool } };
    await stage.kubectl.apply(stage.liveChannel('waits', { relay }, { channelName: 'three' }));
    const waiting = await stage.untilReady('waits', 'False', 'PodPending', 60);
    const ready = waiting.conditions?.find(({ type }) => type === 'Ready');
    expect(ready?.message).toMatch(/nodes are available/);
    expect(waiting.relayStatus).toBe('starting');
    // A node of the pool joins, as a cluster autoscaler adds one for the pending pod.
    const label = `livechannel-test/pool=${stage.namespace}`;
    try {
      await stage.kubectl.run(['label', 'node', 'node-2', label]);
      const status = await stage.untilReady('waits', 'True', 'Live', 120);
      expect(status.relay).toMatchObject({ nodeName: 'node-2', restarts: 0 });
    } finally {
      await stage.kubectl.run(['label', 'node', 'node-2', 'livechannel-test/pool-']);
    }
  }, 300_000);
});
