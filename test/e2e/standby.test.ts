import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { fetchPlaylist, newestSegment } from '../../hack/demo/playback.ts';
import type { LiveChannelStatus } from '../../src/api/live-channel.ts';
import { eventually } from '../support/wait/eventually.ts';
import { publishersSince } from './lib/publishers.ts';
import { processesOf } from './lib/relay-processes.ts';
import { ClusterStage } from '../support/cluster/cluster-stage.ts';
import { holeMs, stallMs, Viewer } from './lib/viewer.ts';
import { observeFor } from '../support/wait/observe-for.ts';
import { errorCode } from '../../src/base/error-text.ts';

const podSchema = z.object({ metadata: z.object({ uid: z.string() }) });
const reportSchema = z.object({ state: z.string(), standby: z.boolean() });

/** Longest acceptable gap of a failover. On a busy machine, starting takes longer than switching. */
const mostHoleMs = 2_000;

/** Resumes a process. The replaced pod is terminating, so its processes may be gone. */
function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

describe('a hot standby on a real cluster', () => {
  let stage: ClusterStage;
  let url = '';

  beforeAll(async () => {
    stage = await ClusterStage.open('standby');
    await stage.addSeller('show');
    await stage.kubectl.apply(stage.liveChannel('show', { relay: { replicas: 2 } }));
    await paired();
    url = (await stage.status('show')).hlsPlaybackUrl ?? '';
    await eventually('the playlist has segments', 30, async () => {
      const playlist = await fetchPlaylist(url);
      return playlist !== undefined && newestSegment(playlist) >= 4 ? playlist : undefined;
    });
  }, 300_000);
  afterAll(() => stage.close(), 150_000);

  /** Waits until the channel is live, with a ready standby next to the active relay. */
  const paired = (not?: string): Promise<{ active: string; standby: string; status: LiveChannelStatus }> =>
    eventually('live with a standby', 120, async () => {
      const status = await stage.status('show');
      const { podName: active, standbyPodName: standby } = status.relay ?? {};
      if (status.relayStatus === 'active' && active !== undefined && standby !== undefined && active !== not)
        return { active, standby, status };
      throw new Error(JSON.stringify(status));
    });
  const uidOf = async (name: string): Promise<string> =>
    podSchema.parse(await stage.kubectl.get('pod', name, stage.namespace)).metadata.uid;
  /** The status report of the pod's relay; undefined when it does not respond. */
  const reportOf = async (name: string): Promise<z.infer<typeof reportSchema> | undefined> => {
    const ip = await stage.kubectl.field('pod', name, stage.namespace, '.status.podIP');
    const answer = await fetch(`http://${ip}:8080/status`, { signal: AbortSignal.timeout(1_000) }).catch(
      () => undefined,
    );
    return answer?.ok === true ? reportSchema.parse(await answer.json()) : undefined;
  };

  /** Observes what `happens` does to playback, and that exactly one relay pushes afterwards. */
  async function failOver(what: string, happens: (active: string) => Promise<unknown>): Promise<void> {
    const before = await paired();
    await using viewer = new Viewer(() => Promise.resolve(url));
    await observeFor(6); // steady state before the change
    const began = Date.now();
    await happens(before.active);
    const after = await paired(before.active);
    await observeFor(6);
    const pieces = await viewer.stop();
    const figures = { neverSeenMs: holeMs(pieces), stallMs: stallMs(pieces, began) };
    process.stderr.write(`  ${what}: ${JSON.stringify(figures)}\n`);
    // The ingest accepted one publisher and none after it, so the paused relay did not return either.
    const publishers = await publishersSince(stage.kubectl, new Date(began), after.status.streamId ?? '');
    expect(publishers).toEqual(['publisher accepted']);
    expect(await reportOf(after.active)).toEqual({ state: 'live', standby: false });
    expect(await reportOf(after.standby)).toEqual({ state: 'waiting', standby: true });
    expect(figures.neverSeenMs).toBeLessThanOrEqual(mostHoleMs);
    expect(after.status.hlsPlaybackUrl).toBe(url);
  }

  test('fails over when the relay is killed', async () => {
    await failOver('kill -9', async (active) => {
      const [relay = 0] = await processesOf(await uidOf(active));
      process.kill(relay, 'SIGKILL');
    });
    await stage.untilEvent('show', 'Warning', 'FailedOver');
  }, 240_000);

  test('fails over when the pod is deleted', async () => {
    await failOver('pod deleted', (active) =>
      stage.kubectl.run(['-n', stage.namespace, 'delete', 'pod', active, '--wait=false']),
    );
  }, 240_000);

  test('fails over from a paused relay, which does not push after it has resumed', async () => {
    await failOver('paused', async (active) => {
      const pids = await processesOf(await uidOf(active));
      for (const pid of pids) process.kill(pid, 'SIGSTOP');
      await eventually('the standby is live', 20, async () => {
        const { relay } = await stage.status('show');
        return relay?.podName !== active && (await reportOf(relay?.podName ?? ''))?.state === 'live'
          ? true
          : undefined;
      });
      for (const pid of pids) resume(pid);
    });
  }, 240_000);

  test('fails over, one relay after the other, when the pod template changes', async () => {
    await failOver('rolled', async () => {
      const relay = { replicas: 2, template: { labels: { round: 'two' } } };
      await stage.kubectl.apply(stage.liveChannel('show', { relay }));
    });
    const pods = await stage.kubectl.run([
      ...['-n', stage.namespace, 'get', 'pods', '-l', 'livechannel.dev/channel=show,round=two', '-o', 'name'],
    ]);
    expect(pods.trim().split('\n')).toHaveLength(2);
  }, 300_000);
});
