import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fetchPlaylist, newestSegment } from '../../hack/demo/playback.ts';
import type { LiveChannelStatus } from '../../src/api/live-channel.ts';
import { annotations } from '../../src/api/names.ts';
import { inspectMedia } from '../fixtures/agora/decode.ts';
import { cloudNames } from '../fixtures/clouds/contract.ts';
import { CloudsOnStage } from './lib/clouds.ts';
import { eventually } from '../support/wait/eventually.ts';
import { ClusterStage } from '../support/cluster/cluster-stage.ts';
import { holeMs, stallMs, Viewer } from './lib/viewer.ts';
import { observeFor } from '../support/wait/observe-for.ts';

/** Waiting times are short here, so that the return from a fallback happens within a test. */
const settings = {
  LIVECHANNEL_DRAIN_SECONDS: '10',
  LIVECHANNEL_FALLBACK_RETURN_SECONDS: '15',
  LIVECHANNEL_PLATFORM_CHECK_SECONDS: '5',
};

describe('platforms', () => {
  let stage: ClusterStage;
  let clouds: CloudsOnStage;

  beforeAll(async () => {
    const extraEnv = Object.entries(settings).map(([name, value]) => ({ name, value }));
    stage = await ClusterStage.open('platforms', { 'operator.extraEnv': extraEnv });
    clouds = await CloudsOnStage.open(stage);
    await stage.addSeller('show');
  }, 300_000);
  afterAll(async () => {
    await stage.close();
    await clouds.close();
  }, 200_000);

  const apply = (name: string, spec: Readonly<Record<string, unknown>>): Promise<void> =>
    stage.kubectl.apply(stage.liveChannel(name, spec, { channelName: 'show' }));
  const remove = async (name: string): Promise<void> => {
    await stage.kubectl.run(['-n', stage.namespace, 'delete', 'livechannel', name, '--timeout=90s']);
    await stage.untilGone(name);
  };
  const until = (
    name: string,
    what: string,
    is: (status: LiveChannelStatus) => boolean,
    seconds = 90,
  ): Promise<LiveChannelStatus> =>
    eventually(`${name}: ${what}`, seconds, async () => {
      const status = await stage.status(name);
      if (is(status)) return status;
      throw new Error(JSON.stringify(status));
    });
  const condition = (status: LiveChannelStatus, type: string): string | undefined =>
    status.conditions?.find((each) => each.type === type)?.status;
  /** Waits for several segments: the first ones may precede the host's audio. */
  const untilPlayable = (url: string): Promise<unknown> =>
    eventually('the playlist has segments', 30, async () => {
      const playlist = await fetchPlaylist(url);
      return playlist !== undefined && newestSegment(playlist) >= 4 ? playlist : undefined;
    });
  const viewerOf = (name: string): Viewer =>
    new Viewer(async () => (await stage.status(name)).hlsPlaybackUrl);

  test.each([...cloudNames, 'origin'] as const)(
    'goes live on %s, and leaves nothing behind there',
    async (platform) => {
      const name = `on-${platform}`;
      await apply(name, { platformRef: { name: platform } });
      const status = await stage.untilReady(name, 'True', 'Live', 90);
      expect(status).toMatchObject({
        streamingPlatform: platform,
        relay: { restarts: 0, mode: 'passthrough' },
      });
      const url = status.hlsPlaybackUrl ?? '';
      await untilPlayable(url);
      const { clocks, beeps } = await inspectMedia(url, { seconds: 5 });
      const [first = 0, last = 0] = [clocks[0]?.clockMs, clocks.at(-1)?.clockMs];
      expect(last - first).toBeGreaterThan(2_000);
      expect(Math.abs(Date.now() - last)).toBeLessThan(60_000);
      expect(beeps.length).toBeGreaterThanOrEqual(2);
      await remove(name);
      if (platform !== 'origin') await clouds.untilStreams(platform, 0);
    },
    240_000,
  );

  test('migrates from IVS to Cloudflare without interrupting a viewer', async () => {
    await apply('move', { platformRef: { name: 'ivs' } });
    const before = await stage.untilReady('move', 'True', 'Live', 90);
    await untilPlayable(before.hlsPlaybackUrl ?? '');
    await using viewer = viewerOf('move');
    await observeFor(8); // steady state before the change
    const asked = Date.now();
    await apply('move', { platformRef: { name: 'cloudflare' } });
    const after = await until('move', 'on Cloudflare', (status) => status.streamingPlatform === 'cloudflare');
    expect(after.relayStatus).toBe('active');
    expect(after.hlsPlaybackUrl).not.toBe(before.hlsPlaybackUrl);
    await clouds.untilStreams('ivs', 0);
    const pieces = await viewer.stop();
    expect(new Set(pieces.map(({ url }) => url)).size).toBe(2);
    const figures = { stallMs: stallMs(pieces, asked), neverSeenMs: holeMs(pieces) };
    process.stderr.write(`  migration: ${JSON.stringify(figures)}\n`);
    expect(figures.stallMs).toBeLessThan(5_000);
    expect(figures.neverSeenMs).toBeLessThan(5_000);
    expect((await stage.status('move')).relay?.restarts).toBe(0);
    await stage.untilEvent('move', 'Normal', 'Migrated');
    await remove('move');
    await clouds.untilStreams('cloudflare', 0);
  }, 300_000);

  test('uses a new stream key within three seconds and invalidates the old one', async () => {
    await apply('rotate', { platformRef: { name: 'ivs' } });
    const before = await stage.untilReady('rotate', 'True', 'Live', 90);
    await untilPlayable(before.hlsPlaybackUrl ?? '');
    await using viewer = viewerOf('rotate');
    await observeFor(8);
    await stage.kubectl.run([
      ...['-n', stage.namespace, 'annotate', 'livechannel', 'rotate', `${annotations.rotateKey}=leaked`],
    ]);
    const after = await until(
      'rotate',
      'live with another key',
      (status) => status.relayStatus === 'active' && status.streamKeyId !== before.streamKeyId,
    );
    expect(after.hlsPlaybackUrl).toBe(before.hlsPlaybackUrl);
    await observeFor(10);
    const pieces = await viewer.stop();
    const neverSeenMs = holeMs(pieces);
    process.stderr.write(`  rotation: ${JSON.stringify({ neverSeenMs })}\n`);
    expect(neverSeenMs).toBeLessThan(3_000);
    await stage.untilEvent('rotate', 'Normal', 'KeyRotated');
    expect((await stage.status('rotate')).relay?.restarts).toBe(0);
    await remove('rotate');
    await clouds.untilStreams('ivs', 0);
  }, 300_000);

  test('uses the fallback platform during an outage of its platform, and returns', async () => {
    await apply('fall', {
      platformRef: { name: 'mux' },
      fallbackPlatformRef: { name: 'origin' },
      fallback: { afterSeconds: 5 },
    });
    await stage.untilReady('fall', 'True', 'Live', 90);
    await clouds.beginOutage('mux');
    const away = await until(
      'fall',
      'on the fallback',
      (status) => status.streamingPlatform === 'origin' && status.relayStatus === 'active',
    );
    expect(condition(away, 'FallbackActive')).toBe('True');
    await eventually('the fallback stream is playable', 30, () => fetchPlaylist(away.hlsPlaybackUrl ?? ''));
    await stage.untilEvent('fall', 'Warning', 'FallbackPlatform');
    await clouds.endOutage('mux');
    const back = await until(
      'fall',
      'back on the original platform',
      (status) => status.streamingPlatform === 'mux' && status.relayStatus === 'active',
      150,
    );
    expect(condition(back, 'FallbackActive')).toBe('False');
    await eventually('the original stream is playable', 30, () => fetchPlaylist(back.hlsPlaybackUrl ?? ''));
    await remove('fall');
    await clouds.untilStreams('mux', 0);
    await stage.untilStreams(0);
  }, 400_000);

  test('falls back to Agora when there is no fallback platform', async () => {
    await clouds.beginOutage('cloudflare');
    await apply('lonely', {
      platformRef: { name: 'cloudflare' },
      fallback: { mode: 'agora-only', afterSeconds: 5 },
    });
    const off = await until('lonely', 'agora-only', (status) => status.effectiveStreamMode === 'agora-only');
    expect(condition(off, 'FallbackActive')).toBe('True');
    await clouds.endOutage('cloudflare');
    const on = await until(
      'lonely',
      'hybrid again',
      (status) => status.effectiveStreamMode === 'hybrid',
      120,
    );
    expect(on.relayStatus).toBe('active');
    await remove('lonely');
  }, 300_000);
});
