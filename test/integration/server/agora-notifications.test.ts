import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { relayUid } from '../../../src/api/agora-uids.ts';
import type { LiveChannel } from '../../../src/api/live-channel.ts';
import { annotations } from '../../../src/api/names.ts';
import { SecretText } from '../../../src/base/secret-text.ts';
import { systemClock } from '../../../src/base/clock.ts';
import { NotifiedAudience } from '../../../src/recorder/recording/notified-audience.ts';
import { buildApp } from '../../../src/server/app.ts';
import { anonymous } from '../../../src/server/auth/authenticate.ts';
import type { TypedApp } from '../../../src/server/rest/routes.ts';
import { apiSettingsSchema } from '../../../src/server/settings.ts';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { startEdge, type Edge } from '../../fixtures/agora/edge.ts';
import { Notifier } from '../../fixtures/agora/notifier.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';
import { live, waitingForHost } from '../../support/operator/fake-kubelet.ts';
import { agoraApp, OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { observeFor } from '../../support/wait/observe-for.ts';
import { as, ServicesUnderTest } from './services-stage.ts';

/** A show that nothing but Agora's notifications drives: a real edge, HTTP, API server, operator and PostgreSQL. */
const secret = 'shown-in-agora-console';
const host = { channel: 'show', uid: 1_000 };

let stage: OperatorStage;
let postgres: TestPostgres;
let store: Store;
let service: ServicesUnderTest;
let app: TypedApp;
let edge: Edge;
let url: string;
let ref: Ref;
let viewers: Notifier;

beforeAll(async () => {
  [stage, postgres] = await Promise.all([OperatorStage.build(), TestPostgres.start()]);
  await stage.putPlatform('origin', { isDefault: true });
  const namespace = await stage.namespace();
  ref = { namespace, name: 'show' };
  store = openStore({ url: await migratedDatabase(postgres) });
  await store.upkeep(new Date());
  service = await ServicesUnderTest.start(stage, namespace, {
    store,
    notifications: { agora_2: 'next', agora: `${secret}\n` },
    settings: { LIVECHANNEL_API_AGORA_NOTIFICATIONS_CREATE_CHANNELS: 'true' },
  });
  app = await buildApp({
    services: service.services,
    agoraNotifications: service.open.agoraNotifications,
    authenticate: () => anonymous,
    settings: apiSettingsSchema.parse({}),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  url = `http://127.0.0.1:${String(port)}/v1/agora/notifications`;
  edge = await startEdge({ apps: [agoraApp], notifications: { url, secret } });
  viewers = new Notifier({ url, secret }, Date.now, () => undefined);
  stage.startOperator();
}, 180_000);
afterAll(async () => {
  viewers.stop();
  await edge.stop();
  await app.close();
  await service[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

const podUid = async (): Promise<string | undefined> => {
  const pod = await stage.pod(ref);
  return pod?.metadata.deletionTimestamp === undefined ? pod?.metadata.uid : undefined;
};
const leave = (): void => {
  edge.removePublisher(host);
  stage.kubelet.say(ref, waitingForHost);
};
const isIdle = ({ status }: LiveChannel): boolean => status?.relay?.idleSince !== undefined;

describe('a show', () => {
  let address: string | undefined;

  test('begins when its host joins an Agora channel, and nothing else is called', async () => {
    await edge.addPublisher(host);
    const { spec, status } = await stage.onAir(ref);
    expect(spec).toMatchObject({
      suspend: false,
      relay: { startOn: 'host' },
      agora: { channelName: 'show', credentialsRef: { name: 'agora' } },
    });
    address = status?.hlsPlaybackUrl;
    expect(address).toBeDefined();
    expect(await service.registry.metrics()).toContain(
      'livechannel_api_agora_notification_actions_total{action="create",outcome="ok"} 1',
    );
  }, 60_000);

  test('has its viewers on Agora counted, without the host and the relay', async () => {
    const channel = await stage.onAir(ref);
    const audience = new NotifiedAudience({
      ...{ clock: systemClock, store, everyMs: 10_000 },
      channels: () => [channel],
    });
    const count = async (): Promise<number | undefined> => {
      await audience.run();
      return audience.of(channel, new Date());
    };
    for (const uid of [1, 2, 3]) viewers.notify({ type: 'joined', channel: 'show', uid, role: 'audience' });
    await eventually('three members', 10, async () =>
      (await store.agoraAudience(new Date(0)))[0]?.viewers === 3 ? true : undefined,
    );
    // The relay's own join is missing: notifications of the audience may not be enabled.
    expect(await count()).toBeUndefined();
    const relay = relayUid(channel.metadata.uid, 0);
    viewers.notify({ type: 'joined', channel: 'show', uid: relay, role: 'audience' });
    await eventually('3 viewers', 10, async () => ((await count()) === 3 ? true : undefined));
    viewers.notify({ type: 'left', channel: 'show', uid: 2, role: 'audience', reason: 'Quit' });
    viewers.notify({ type: 'role', channel: 'show', uid: 3, role: 'host' });
    await eventually('1 viewer', 10, async () => ((await count()) === 1 ? true : undefined));
  }, 60_000);

  test('continues without a restart when its host comes back within the grace time', async () => {
    const before = await podUid();
    leave();
    await edge.addPublisher(host);
    stage.kubelet.say(ref, live());
    await stage.onAir(ref);
    await observeFor(3);
    expect(await podUid()).toBe(before);
    expect((await stage.channel(ref))?.status?.relay?.restarts).toBe(0);
  }, 60_000);

  test('ends after its host has left, and its stream is kept', async () => {
    await stage.apply(ref, { relay: { idle: { noHostSeconds: 2 } } });
    leave();
    const { status } = await stage.channelIs(ref, 'idle', isIdle, 40);
    expect(status).toMatchObject({ relayStatus: 'stopped', hlsPlaybackUrl: address });
    await eventually('no pod', 20, async () => ((await podUid()) === undefined ? true : undefined));
    // There are no probes: the host will be announced.
    await observeFor(3);
    expect(await podUid()).toBeUndefined();
  }, 90_000);

  test('begins again at the same address when its host joins again', async () => {
    stage.kubelet.say(ref, live());
    await edge.addPublisher(host);
    const { status } = await stage.onAir(ref, 40);
    expect(status?.hlsPlaybackUrl).toBe(address);
  }, 60_000);

  test('does not begin while the channel is suspended', async () => {
    leave();
    await service.services.stopRelay(as('operate'), 'show');
    await stage.channelIs(ref, 'off air', ({ status }) => status?.relayStatus === 'stopped');
    const resume = async (): Promise<string | undefined> =>
      (await stage.channel(ref))?.metadata.annotations?.[annotations.resume];
    const before = await resume();
    await edge.addPublisher(host);
    await observeFor(2);
    expect(await resume()).toBe(before);
  }, 60_000);
});

describe('the webhook', () => {
  const body = (payload: object = {}): string =>
    JSON.stringify({
      ...{ noticeId: 'n', productId: 1, eventType: 103, notifyMs: Date.now() },
      payload: { channelName: 'test_webhook', uid: 12_121_212, clientSeq: 1, ts: 1_560_396_834, ...payload },
    });
  const post = async (text: string, headers: Record<string, string>): Promise<[number, unknown]> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: text,
    });
    const answer = (await response.json()) as { code?: string };
    return [response.status, answer.code ?? answer];
  };
  const signed = (text: string, key = secret): Record<string, string> => ({
    'agora-signature-v2': createHmac('sha256', key).update(text).digest('hex'),
  });

  test('accepts the test of Agora Console, also with the next secret of a rotation', async () => {
    expect(await post(body(), signed(body()))).toEqual([200, {}]);
    expect(await post(body(), signed(body(), 'next'))).toEqual([200, {}]);
    const sha1 = createHmac('sha1', secret).update(body()).digest('hex');
    expect(await post(body(), { 'agora-signature': sha1 })).toEqual([200, {}]);
    expect(await stage.channel({ ...ref, name: 'test_webhook' })).toBeUndefined();
  });

  test('verifies the bytes as they were sent, whatever their form', async () => {
    const spaced = JSON.stringify(JSON.parse(body()), undefined, 2);
    expect(await post(spaced, signed(spaced))).toEqual([200, {}]);
    expect(await post(spaced, signed(body()))).toEqual([401, 'not-authenticated']);
  });

  test.each<[string, () => Promise<[number, unknown]>, number, string]>([
    ['without a signature', () => post(body(), {}), 401, 'not-authenticated'],
    ['with another secret', () => post(body(), signed(body(), 'x')), 401, 'not-authenticated'],
    ['that is signed and no notification', () => post('[]', signed('[]')), 400, 'invalid-request'],
    ['that is too large', () => post('x'.repeat(20_000), {}), 413, 'too-large'],
    [
      'of another media type',
      () => post(body(), { 'content-type': 'text/plain' }),
      415,
      'unsupported-media-type',
    ],
    [
      'that is encoded',
      () => post(body(), { 'content-encoding': 'gzip', ...signed(body()) }),
      415,
      'unsupported-media-type',
    ],
  ])('rejects a request %s', async (_, request, status, code) => {
    expect(await request()).toEqual([status, code]);
  });

  test('is disabled without a secret', async () => {
    await using without = await ServicesUnderTest.start(stage, ref.namespace, { store });
    await expect(without.open.agoraNotifications.receive(Buffer.from(body()), {}, '')).rejects.toMatchObject({
      code: 'agora-notifications-disabled',
    });
  });

  test('rejects what the database could not store, so that Agora repeats it', async () => {
    const away = openStore({ url: () => new SecretText('postgres://nobody@127.0.0.1:1/none') });
    await using broken = await ServicesUnderTest.start(stage, ref.namespace, {
      store: away,
      notifications: { agora: secret },
    });
    const now = Math.floor(Date.now() / 1_000);
    const text = body({ channelName: 'other', ts: now });
    await expect(
      broken.open.agoraNotifications.receive(Buffer.from(text), signed(text), ''),
    ).rejects.toMatchObject({ code: 'store-unavailable', status: 503 });
    await away[Symbol.asyncDispose]();
  });
});
