import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { fetchPlaylist, newestSegment } from '../../hack/demo/playback.ts';
import { inspectMedia } from '../fixtures/agora/decode.ts';
import { eventually } from '../support/wait/eventually.ts';
import { ClusterStage } from '../support/cluster/cluster-stage.ts';

describe('a LiveChannel on a real cluster', () => {
  let stage: ClusterStage;
  let url = '';

  beforeAll(async () => {
    stage = await ClusterStage.open('on-air');
    await stage.addSeller('show');
  }, 240_000);
  afterAll(() => stage.close(), 150_000);

  /** The next few seconds of what viewers get. */
  const watch = (): ReturnType<typeof inspectMedia> => inspectMedia(url, { seconds: 5 });

  test('goes on air within a minute of kubectl apply', async () => {
    await stage.kubectl.apply(stage.liveChannel('show'));
    const status = await stage.untilReady('show', 'True', 'Live', 60);
    expect(status).toMatchObject({
      relayStatus: 'active',
      streamingPlatform: 'origin',
      effectiveStreamMode: 'hybrid',
    });
    expect(status.relay).toMatchObject({ podName: 'show-relay-0', restarts: 0, mode: 'passthrough' });
    expect(status.relayStartedAt).toBeDefined();
    url = status.hlsPlaybackUrl ?? '';
    await eventually('the playlist has segments', 30, () => fetchPlaylist(url));
  }, 120_000);

  test('shows the host’s clock advancing, with the beep of every second', async () => {
    const media = await watch();
    expect(media).toMatchObject({ width: 640, height: 360 });
    const clocks = media.clocks.map(({ clockMs }) => clockMs);
    expect(clocks.length).toBeGreaterThan(30);
    expect([...clocks].sort((a, b) => a - b)).toEqual(clocks);
    const first = clocks[0] ?? 0;
    const last = clocks.at(-1) ?? 0;
    expect(last - first).toBeGreaterThan(3_000);
    expect(Math.abs(Date.now() - last)).toBeLessThan(60_000);
    expect(media.beeps.length).toBeGreaterThanOrEqual(3);
  }, 60_000);

  test('gives a playlist of fMP4 with dates, and no stream key in any address', async () => {
    const playlist = await fetchPlaylist(url);
    expect(playlist?.text).toMatch(/#EXT-X-MAP:/);
    expect(playlist?.text).toMatch(/#EXT-X-PROGRAM-DATE-TIME:/);
    const secret = await stage.kubectl.field('secret', 'show-relay', stage.namespace, '.data.stream-key');
    const key = Buffer.from(secret, 'base64').toString();
    expect(key.length).toBeGreaterThan(16);
    for (const text of [url, playlist?.text, JSON.stringify(await stage.status('show'))])
      expect(text).not.toContain(key);
    const logs = await stage.kubectl.run(['-n', stage.namespace, 'logs', 'show-relay-0']);
    expect(logs).not.toContain(key);
  });

  test('prints a table that says so', async () => {
    const table = await stage.kubectl.run(['-n', stage.namespace, 'get', 'livechannels']);
    expect(table).toMatch(/active/);
    expect(table).toContain(url);
  });

  test('is not touched when the operator restarts', async () => {
    const before = await stage.status('show');
    const pod = await stage.relayPod('show');
    await stage.kubectl.run([
      ...[
        '-n',
        'livechannel-system',
        'delete',
        'pod',
        '-l',
        'app.kubernetes.io/component=operator',
        '--wait=false',
      ],
    ]);
    await stage.kubectl.run([
      ...[
        '-n',
        'livechannel-system',
        'rollout',
        'status',
        'deployment/livechannel-operator',
        '--timeout=90s',
      ],
    ]);
    // The new leader has been at work once it has written a status: a label on the channel makes it look.
    await stage.kubectl.run([
      '-n',
      stage.namespace,
      'patch',
      'livechannel',
      'show',
      '--type=merge',
      '-p',
      '{"spec":{"deletionPolicy":"Delete"}}',
    ]);
    const sequence = newestSegment(
      (await fetchPlaylist(url)) ?? { url, mediaSequence: 0, segments: [], text: '' },
    );
    await eventually('the playlist goes on', 30, async () => {
      const playlist = await fetchPlaylist(url);
      return playlist !== undefined && newestSegment(playlist) > sequence + 2 ? playlist : undefined;
    });
    const after = await stage.status('show');
    expect(await stage.relayPod('show')).toEqual(pod);
    expect(after.relayStartedAt).toBe(before.relayStartedAt);
    expect(after.relay?.restarts).toBe(0);
    expect((await fetchPlaylist(url))?.text).not.toContain('EXT-X-DISCONTINUITY\n');
  }, 180_000);

  test('plays again after its pod was killed, and says that it did', async () => {
    const pod = await stage.relayPod('show');
    await stage.kubectl.run([
      '-n',
      stage.namespace,
      'delete',
      'pod',
      'show-relay-0',
      '--grace-period=0',
      '--force',
    ]);
    const status = await eventually('the successor is on air', 90, async () => {
      const now = await stage.status('show');
      return now.relayStatus === 'active' && now.relay?.restarts === 1 ? now : undefined;
    });
    expect(status.relay).toMatchObject({ restarts: 1, lastRestartReason: 'PodDeleted' });
    expect((await stage.relayPod('show'))?.uid).not.toBe(pod?.uid);
    expect(status.hlsPlaybackUrl).toBe(url);
    const started = Date.now();
    await eventually('pictures of now are played', 60, async () => {
      const media = await watch();
      return (media.clocks.at(-1)?.clockMs ?? 0) > started ? media : undefined;
    });
  }, 240_000);

  test('goes off air when suspended and comes back under the same address', async () => {
    const patch = (suspend: boolean): Promise<string> =>
      stage.kubectl.run([
        ...[
          '-n',
          stage.namespace,
          'patch',
          'livechannel',
          'show',
          '--type=merge',
          '-p',
          JSON.stringify({ spec: { suspend } }),
        ],
      ]);
    await patch(true);
    const off = await stage.untilReady('show', 'False', 'Suspended');
    expect(off).toMatchObject({ relayStatus: 'stopped', hlsPlaybackUrl: url });
    await eventually('the pod is gone', 30, async () =>
      (await stage.relayPod('show')) === undefined ? true : undefined,
    );
    await patch(false);
    const on = await stage.untilReady('show', 'True', 'Live', 90);
    expect(on.hlsPlaybackUrl).toBe(url);
    expect(on.relay?.restarts).toBe(1);
  }, 240_000);

  test('leaves nothing when it is deleted', async () => {
    await stage.kubectl.run(['-n', stage.namespace, 'delete', 'livechannel', 'show', '--timeout=60s']);
    await stage.untilGone('show');
    await stage.untilStreams(0);
    expect((await fetch(url)).status).toBe(404);
  }, 120_000);
});
