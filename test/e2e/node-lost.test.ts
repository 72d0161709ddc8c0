import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kubectl } from '../../hack/demo/kubectl.ts';
import { fetchPlaylist, newestSegment } from '../../hack/demo/playback.ts';
import type { LiveChannelStatus } from '../../src/api/live-channel.ts';
import { eventually } from '../support/wait/eventually.ts';
import { folders, ClusterStage } from '../support/cluster/cluster-stage.ts';
import { holeMs, stallMs, Viewer } from './lib/viewer.ts';
import { observeFor } from '../support/wait/observe-for.ts';

const execute = promisify(execFile);
/** From the loss to the picture going on, of which a kubelet's Lease takes 11 s at most to become old. */
const mostStallMs = 20_000;

let stage: ClusterStage;
/** Everything else is on `home`; the relay begins on `away`. */
const [home, away] = ['node-1', 'node-2'];
const plug = (how: 'plug' | 'unplug'): Promise<unknown> =>
  execute(process.execPath, ['hack/cluster/main.ts', how, away], { cwd: folders.checkout });

beforeAll(async () => {
  const kubectl = await Kubectl.open(folders, () => undefined);
  await kubectl.run(['cordon', away]);
  const nodeSelector = { 'kubernetes.io/hostname': home };
  stage = await ClusterStage.open('node-lost', {
    'operator.nodeSelector': nodeSelector,
    'origin.nodeSelector': nodeSelector,
  });
  await stage.addSeller('show');
  await stage.kubectl.run(['cordon', home]);
  await stage.kubectl.run(['uncordon', away]);
}, 300_000);
afterAll(async () => {
  await plug('plug');
  await stage.kubectl.run(['uncordon', home, away]);
  await stage.close();
}, 200_000);

const onAir = (where: string): Promise<LiveChannelStatus> =>
  eventually(`on air on ${where}`, 90, async () => {
    const status = await stage.status('show');
    if (status.relayStatus === 'active' && status.relay?.nodeName === where) return status;
    throw new Error(JSON.stringify(status));
  });

test('a relay whose node is cut off is replaced on another node, though its pod cannot be deleted', async () => {
  await stage.kubectl.apply(stage.liveChannel('show'));
  const before = await onAir(away);
  await stage.kubectl.run(['uncordon', home]);
  const url = before.hlsPlaybackUrl ?? '';
  await eventually('the playlist has segments', 30, async () => {
    const playlist = await fetchPlaylist(url);
    return playlist !== undefined && newestSegment(playlist) >= 4 ? playlist : undefined;
  });
  await using viewer = new Viewer(() => Promise.resolve(url));
  await observeFor(6); // the usual state, before the change

  const cutAt = Date.now();
  await plug('unplug');
  const after = await onAir(home);
  await eventually('the picture goes on', 30, async () => {
    const playlist = await fetchPlaylist(url);
    return playlist !== undefined && newestSegment(playlist) >= 8 ? playlist : undefined;
  });
  await observeFor(6);
  const pieces = await viewer.stop();
  const figures = { stallMs: stallMs(pieces, cutAt), neverSeenMs: holeMs(pieces) };
  process.stderr.write(`  node lost: ${JSON.stringify(figures)}\n`);
  expect(figures.stallMs).toBeLessThanOrEqual(mostStallMs);
  expect(after.hlsPlaybackUrl).toBe(url);
  expect(after.relay?.podName).not.toBe(before.relay?.podName);
  // Its object lingers: nobody there confirms its end.
  const lost = await stage.kubectl.get('pod', before.relay?.podName ?? '', stage.namespace);
  expect(lost).toBeDefined();
  await stage.untilEvent('show', 'Warning', 'FailedOver');
}, 300_000);

test('when the node is back, its relay does not push any more, and goes', async () => {
  const { relay } = await stage.status('show');
  const url = (await stage.status('show')).hlsPlaybackUrl;
  await using viewer = new Viewer(() => Promise.resolve(url));
  await plug('plug');
  await eventually('one relay pod is left', 120, async () => {
    const pods = await stage.kubectl.run([
      ...['-n', stage.namespace, 'get', 'pods', '-l', 'livechannel.dev/channel=show', '-o', 'name'],
    ]);
    if (pods.trim() === `pod/${relay?.podName ?? ''}`) return true;
    throw new Error(pods);
  });
  await observeFor(8);
  const pieces = await viewer.stop();
  expect((await stage.status('show')).relay?.podName).toBe(relay?.podName);
  expect(holeMs(pieces)).toBeLessThanOrEqual(2_000);
}, 300_000);
