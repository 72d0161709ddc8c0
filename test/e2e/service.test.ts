import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { credentials } from '../../hack/demo/agora-scene.ts';
import { fetchPlaylist, newestSegment } from '../../hack/demo/playback.ts';
import { installRelease, releaseName, systemNamespace } from '../../hack/demo/release.ts';
import { makeApiKey, serviceUrl, serviceValues, waitForDatabase } from '../../hack/demo/service.ts';
import { playbackViewSchema } from '../../src/server/contract/playback.ts';
import { inspectMedia } from '../fixtures/agora/decode.ts';
import { eventually } from '../support/wait/eventually.ts';
import { SPECIFIED_COLUMNS, SPECIFIED_METRICS } from '../fixtures/app-schema.ts';
import { SampleApp } from './lib/sample-app.ts';
import { folders, ClusterStage } from '../support/cluster/cluster-stage.ts';

/** Tests of an app that knows the service's URL and an API key, and nothing about Kubernetes. */
describe('the API service on a real cluster', () => {
  let stage: ClusterStage;
  let app: SampleApp;
  let url = '';
  let token = '';

  beforeAll(async () => {
    stage = await ClusterStage.open('service');
    const { kubectl, namespace, appId, appCertificate, accessPoints } = stage;
    await kubectl.apply(credentials(systemNamespace, appId, appCertificate));
    await installRelease(folders, kubectl, (line) => process.stderr.write(`  ${line}\n`), {
      ...serviceValues(namespace, accessPoints),
      'api.agoraTokenSecret': 'agora-credentials',
    });
    await stage.addSeller('4711');
    await waitForDatabase(kubectl);
    await kubectl.run(inSystem('rollout', 'status', `deployment/${releaseName}-api`, '--timeout=120s'));
    await useAppTables();
    url = await serviceUrl(kubectl);
    app = await SampleApp.install();
  }, 600_000);
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
    await stage.close();
  }, 150_000);

  const inSystem = (...args: string[]): string[] => ['-n', systemNamespace, ...args];
  const migrate = (...flags: string[]): Promise<string> =>
    stage.kubectl.run(
      inSystem(
        ...['exec', `deploy/${releaseName}-api`, '--', '/usr/local/bin/node', '/app/livechannel.mjs'],
        ...['migrate', ...flags],
      ),
    );
  /** Executes SQL in the database as its owner, and returns the rows as text. */
  const query = (sql: string): Promise<string> =>
    stage.kubectl.run(
      inSystem(
        ...[
          'exec',
          '-i',
          `${releaseName}-postgres-0`,
          '--',
          'psql',
          '--username=livechannel',
          '--dbname=livechannel',
        ],
        ...['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1'],
      ),
      sql,
    );
  /** The tables as the app's own migration creates them, after the first migration of livechannel. */
  async function useAppTables(): Promise<void> {
    // The user's name is that of the schema livechannel, which PostgreSQL would search first.
    await query('ALTER ROLE livechannel SET search_path = public;');
    // The database may be that of an earlier file, whose tables are those of livechannel alone.
    await query(
      'DROP SCHEMA IF EXISTS livechannel CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public;',
    );
    await migrate('--own-schema');
    await query(
      [
        'CREATE TABLE channels (id SERIAL PRIMARY KEY, title TEXT);',
        SPECIFIED_COLUMNS,
        SPECIFIED_METRICS,
      ].join('\n'),
    );
    await query("INSERT INTO channels (id, title) VALUES (4711, 'Shoes');");
    expect(await migrate('--app-tables')).toContain("the app's table public.stream_metrics is filled");
  }
  const get = (path: string, bearer?: string): Promise<Response> =>
    fetch(`${url}${path}`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(10_000),
      ...(bearer === undefined ? {} : { headers: { authorization: `Bearer ${bearer}` } }),
    });
  /** Creates a service account with these verbs on LiveChannels and returns a token for it. */
  async function accountToken(name: string, ...verbs: string[]): Promise<string> {
    const where = ['-n', stage.namespace];
    await stage.kubectl.run([...where, 'create', 'serviceaccount', name]);
    if (verbs.length > 0) {
      const rules = [`--verb=${verbs.join(',')}`, '--resource=livechannels.livechannel.dev'];
      await stage.kubectl.run([...where, 'create', 'role', name, ...rules]);
      const subject = [`--role=${name}`, `--serviceaccount=${stage.namespace}:${name}`];
      await stage.kubectl.run([...where, 'create', 'rolebinding', name, ...subject]);
    }
    return (await stage.kubectl.run([...where, 'create', 'token', name])).trim();
  }

  test('creates an API key with one command, and rejects requests without one', async () => {
    token = (await stage.kubectl.run(makeApiKey('live-shop', 'admin'))).trim();
    expect(token).toMatch(/^lc_/);
    expect((await get('/v1/channels')).status).toBe(401);
    expect((await get('/v1/channels', `${token.slice(0, -2)}xx`)).status).toBe(401);
    const answer = await get('/v1/channels', token);
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ items: [] })]);
  }, 60_000);

  test('accepts Kubernetes tokens with the permissions that RBAC grants', async () => {
    expect((await get('/v1/channels', await accountToken('allowed', 'get', 'update', 'delete'))).status).toBe(
      200,
    );
    expect((await get('/v1/channels', await accountToken('nobody'))).status).toBe(403);
  }, 60_000);

  test('starts a show of the sample app', async () => {
    app.start({ LIVECHANNEL_URL: url, LIVECHANNEL_API_KEY: token, CHANNEL_ID: '4711', SHOW_SECONDS: '150' });
    const { hlsUrl } = z.object({ hlsUrl: z.string() }).parse(await app.until('on-air', 150));
    const first = await eventually('the playlist has segments', 30, () => fetchPlaylist(hlsUrl));
    await eventually('the playlist advances', 30, async () => {
      const playlist = await fetchPlaylist(hlsUrl);
      return playlist !== undefined && newestSegment(playlist) > newestSegment(first) + 1 ? true : undefined;
    });
    const relays = app.named('event').map(({ relay }) => relay);
    expect(relays).toContain('starting');
    await app.until('event', 10, ({ relay }) => relay === 'active');
  }, 240_000);

  test('returns a latency that viewers have, below the 30 seconds that an app plans for', async () => {
    const answer = await get('/v1/channels/4711/playback', token);
    const { hlsUrl, latency } = playbackViewSchema.parse(await answer.json());
    // FFmpeg starts where an ordinary player does: three segments before the end of the playlist.
    const opened = Date.now();
    const { clocks } = await inspectMedia(hlsUrl, { seconds: 5 });
    const behindSeconds = (opened - (clocks[0]?.clockMs ?? 0)) / 1_000;
    process.stderr.write(`  latency: ${JSON.stringify({ latency, behindSeconds })}\n`);
    for (const seconds of [latency, behindSeconds]) {
      expect(seconds).toBeGreaterThan(2);
      expect(seconds).toBeLessThan(30);
    }
  }, 90_000);

  test('reports its viewers, bitrate and health', async () => {
    const { hlsUrl } = z.object({ hlsUrl: z.string() }).parse(await app.until('on-air', 1));
    const watching = setInterval(() => void fetchPlaylist(hlsUrl).catch(() => undefined), 1_000);
    try {
      const status = await app.until(
        'status',
        90,
        ({ viewerCount, bitrateKbps }) => Number(viewerCount) > 0 && Number(bitrateKbps) > 0,
      );
      expect(status).toMatchObject({ isActive: true, health: expect.stringMatching(/good|fair/) });
    } finally {
      clearInterval(watching);
    }
  }, 120_000);

  test('keeps serving the app when one of its pods is killed', async () => {
    const pods = await stage.kubectl.run(
      inSystem('get', 'pods', '-l', 'app.kubernetes.io/component=api', '-o', 'name'),
    );
    const count = app.named('status').length;
    for (const pod of pods.trim().split('\n').slice(0, 1))
      await stage.kubectl.run(inSystem('delete', pod, '--grace-period=0', '--force'));
    await app.until('status', 60, (_, index) => index > count + 2);
  }, 120_000);

  test('ends the show, reports its costs, and leaves nothing behind', async () => {
    const costs = z
      .object({ lines: z.array(z.object({ platform: z.string(), usd: z.string() })) })
      .parse(await app.until('costs', 240));
    expect(costs.lines.length).toBeGreaterThan(0);
    await app.until('ended', 60);
    expect(await app.ended()).toEqual({ code: 0, errors: '' });
    await stage.untilGone('4711');
    await stage.untilStreams(0);
  }, 360_000);

  test("leaves the show's metrics and its end in the tables of the app", async () => {
    const rows = await eventually('metrics of the show', 120, async () => {
      const found = await query(
        `select c.relay_status, c.stream_mode, c.hls_playback_url is null, m.channel_id, m.relay_health
         from channels c join stream_metrics m on m.channel_id = c.id
         where m.bitrate_kbps > 0 order by m.timestamp;`,
      );
      return found.includes('stopped') ? found.trim().split('\n') : undefined;
    });
    expect(rows.map((row) => row.split('|').slice(0, 4))).toEqual(
      rows.map(() => ['stopped', 'hybrid', 't', '4711']),
    );
  }, 150_000);

  test('returns playback URLs without its database, and does not affect the operator', async () => {
    await stage.addSeller('night');
    const allowed = (await stage.kubectl.run(['-n', stage.namespace, 'create', 'token', 'allowed'])).trim();
    const relay = await fetch(`${url}/v1/channels/night/relay`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${allowed}` },
    });
    expect(relay.status).toBeLessThan(300);
    const operators = (): Promise<string> =>
      stage.kubectl.run(
        inSystem(
          ...['get', 'pods', '-l', 'app.kubernetes.io/component=operator', '-o'],
          'jsonpath={range .items[*]}{.metadata.uid} {.status.containerStatuses[0].restartCount}{"\\n"}{end}',
        ),
      );
    const before = await operators();
    await stage.kubectl.run(
      inSystem('scale', `statefulset/${releaseName}-postgres`, '--replicas=0', '--timeout=60s'),
    );
    await stage.kubectl.run(
      inSystem('wait', '--for=delete', `pod/${releaseName}-postgres-0`, '--timeout=90s'),
    );
    await stage.untilReady('night', 'True', 'Live', 120);
    const answer = await get('/v1/channels/night/playback', allowed);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      expect.objectContaining({ hlsUrl: expect.stringContaining('http'), onAir: true }),
    ]);
    expect(await operators()).toBe(before);
  }, 360_000);
});
