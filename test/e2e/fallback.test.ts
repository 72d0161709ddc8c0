import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { credentials } from '../../hack/demo/agora-scene.ts';
import { fetchPlaylist, newestSegment } from '../../hack/demo/playback.ts';
import { installRelease, releaseName, systemNamespace } from '../../hack/demo/release.ts';
import { serviceUrl, serviceValues } from '../../hack/demo/service.ts';
import { channelViewSchema } from '../../src/server/contract/channel-view.ts';
import { playbackViewSchema } from '../../src/server/contract/playback.ts';
import { relayStateSchema } from '../../src/server/contract/relay-view.ts';
import { ClusterStage, folders } from '../support/cluster/cluster-stage.ts';
import { eventually } from '../support/wait/eventually.ts';
import { CloudsOnStage } from './lib/clouds.ts';
import { RestApp, type EventListening } from './lib/rest-app.ts';

/** An app sees its viewers sent to Agora and back, by REST alone: kubectl prepares the cluster, and nothing more. */
describe('fallback to Agora for an app', () => {
  let stage: ClusterStage;
  let clouds: CloudsOnStage;
  let app: RestApp;

  beforeAll(async () => {
    stage = await ClusterStage.open('fallback');
    const { kubectl, namespace, appId, appCertificate, accessPoints } = stage;
    await kubectl.apply(credentials(systemNamespace, appId, appCertificate));
    await installRelease(folders, kubectl, (line) => process.stderr.write(`  ${line}\n`), {
      ...serviceValues(namespace, accessPoints),
      'api.agoraTokenSecret': 'agora-credentials',
      // fallback.mode and idle are the chart's own defaults.
      'api.defaults.platform': 'cloudflare',
      'api.defaults.fallback.afterSeconds': 5,
      'api.defaults.agoraChannelName': 'live_{channelId}',
    });
    clouds = await CloudsOnStage.open(stage);
    await stage.addSeller('live_show');
    await kubectl.run([
      ...['-n', systemNamespace, 'rollout', 'status', `deployment/${releaseName}-api`, '--timeout=120s'],
    ]);
    app = new RestApp(await serviceUrl(kubectl), await operatorToken());
  }, 600_000);
  afterAll(async () => {
    await stage.close();
    await clouds.close();
  }, 200_000);

  /** A token of the app's service account, which may change channels. */
  async function operatorToken(): Promise<string> {
    const where = ['-n', stage.namespace];
    await stage.kubectl.run([...where, 'create', 'serviceaccount', 'app']);
    const rules = ['--verb=get,update,delete', '--resource=livechannels.livechannel.dev'];
    await stage.kubectl.run([...where, 'create', 'role', 'app', ...rules]);
    const subject = ['--role=app', `--serviceaccount=${stage.namespace}:app`];
    await stage.kubectl.run([...where, 'create', 'rolebinding', 'app', ...subject]);
    return (await stage.kubectl.run([...where, 'create', 'token', 'app'])).trim();
  }

  const channel = (): Promise<z.infer<typeof channelViewSchema>> =>
    app.get('/v1/channels/show', channelViewSchema);
  const relay = (): Promise<z.infer<typeof relayStateSchema>> =>
    app.get('/v1/channels/show/relay', relayStateSchema);
  const viewerToken = async (): Promise<number> =>
    (await app.call('POST', '/v1/channels/show/agora-token', { role: 'viewer', uid: 7 })).status;
  const untilMode = (events: EventListening, mode: 'agora-only' | 'hybrid', after: number): Promise<number> =>
    events.until(
      `event mode ${mode}`,
      150,
      after,
      (event) => event.type === 'mode' && event['mode'] === mode,
    );

  async function isOnAgora(): Promise<void> {
    const { effectiveStreamMode, streamMode, conditions } = await channel();
    expect({ effectiveStreamMode, streamMode }).toEqual({
      effectiveStreamMode: 'agora-only',
      streamMode: 'hybrid',
    });
    expect(conditions.find(({ type }) => type === 'FallbackActive')).toMatchObject({
      status: 'True',
      reason: 'FallbackAgora',
    });
    expect(await relay()).toMatchObject({ isActive: false, wanted: true, channelExists: true });
    const playback = await app.call('GET', '/v1/channels/show/playback');
    // There may be an address already, but nothing is on air there.
    if (playback.status === 200) expect(playback.body).toMatchObject({ onAir: false });
    else expect([playback.status, playback.body]).toMatchObject([409, { code: 'agora-only' }]);
    expect(await viewerToken()).toBe(200);
  }

  async function isOnHls(): Promise<void> {
    expect((await channel()).effectiveStreamMode).toBe('hybrid');
    expect(await relay()).toMatchObject({ isActive: true });
    const { hlsUrl, onAir, latency } = await app.get('/v1/channels/show/playback', playbackViewSchema);
    expect(onAir).toBe(true);
    expect(latency).toBeGreaterThan(0);
    await eventually('the address can be played', 60, () => fetchPlaylist(hlsUrl));
  }

  test('a channel whose relay cannot run sends viewers to Agora, and back when it can', async () => {
    await clouds.beginOutage('cloudflare');
    const created = await app.call('POST', '/v1/channels', { id: 'show' });
    expect(created).toMatchObject({ status: 201, body: { relay: { wanted: true } } });
    await using events = app.listen('/v1/channels/show/events');
    const sent = await untilMode(events, 'agora-only', 0);
    await isOnAgora();
    await clouds.endOutage('cloudflare');
    await untilMode(events, 'hybrid', sent);
    await isOnHls();
  }, 500_000);

  test('an outage on air sends viewers to Agora, and back afterwards', async () => {
    await using events = app.listen('/v1/channels/show/events');
    await events.until('the present state', 30, 0, ({ type }) => type === 'snapshot');
    await clouds.beginOutage('cloudflare');
    const sent = await untilMode(events, 'agora-only', 0);
    await isOnAgora();
    await clouds.endOutage('cloudflare');
    await untilMode(events, 'hybrid', sent);
    await isOnHls();
  }, 500_000);

  test('the kill switch sends everyone to Agora without cutting a viewer, and back', async () => {
    await isOnHls();
    const { hlsUrl } = await app.get('/v1/channels/show/playback', playbackViewSchema);
    await using events = app.listen('/v1/channels/show/events');
    await events.until('the present state', 30, 0, ({ type }) => type === 'snapshot');
    const allTo = (override: 'agora-only' | null): Promise<unknown> =>
      app.call('PATCH', '/v1/channels', { override });
    expect(await allTo('agora-only')).toMatchObject({
      status: 200,
      body: { matched: 1, changed: 1, failed: [] },
    });
    const sent = await untilMode(events, 'agora-only', 0);
    expect(await viewerToken()).toBe(200);
    // Who has not switched yet goes on watching.
    const first = await eventually('a playlist', 10, () => fetchPlaylist(hlsUrl));
    await eventually('the playlist advances', 15, async () => {
      const playlist = await fetchPlaylist(hlsUrl);
      const isNew = playlist !== undefined && newestSegment(playlist) > newestSegment(first);
      return isNew ? true : undefined;
    });
    await eventually('the relay stops', 90, async () =>
      (await channel()).conditions.find(({ type }) => type === 'Ready')?.reason === 'ModeOverridden'
        ? true
        : undefined,
    );
    expect(await relay()).toMatchObject({ isActive: false, channelExists: true });
    expect(await allTo(null)).toMatchObject({ status: 200, body: { matched: 1, changed: 1, failed: [] } });
    await untilMode(events, 'hybrid', sent);
    await isOnHls();
    expect(await allTo(null)).toMatchObject({ body: { matched: 1, changed: 0 } });
  }, 400_000);

  test('the show ends, and nothing is left', async () => {
    expect((await app.call('DELETE', '/v1/channels/show/relay')).status).toBe(202);
    expect((await app.call('DELETE', '/v1/channels/show')).status).toBe(202);
    await eventually('the channel is gone', 90, async () =>
      (await relay()).channelExists ? undefined : true,
    );
    await clouds.untilStreams('cloudflare', 0);
  }, 200_000);
});
