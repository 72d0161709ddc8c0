import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inflateSync } from 'node:zlib';
import { eventually } from '../../support/wait/eventually.ts';
import { resourceName } from '../../../src/api/channel-id.ts';
import { annotations } from '../../../src/api/names.ts';
import { liveChannelType } from '../../../src/api/kinds.ts';
import type { ChannelSettings } from '../../../src/server/contract/channel-settings.ts';
import type { ServerEvent } from '../../../src/server/contract/events.ts';
import { expectedLatencySeconds } from '../../../src/platforms/expected-latency.ts';
import { OperatorStage } from '../../support/operator/operator-stage.ts';
import { as, refused, ServicesUnderTest } from './services-stage.ts';

let stage: OperatorStage;
let namespace: string;
let it: ServicesUnderTest;
const operate = as('operate', AbortSignal.timeout(600_000));
const watch = as('playback', AbortSignal.timeout(600_000));

beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  namespace = await stage.namespace();
  stage.startOperator();
  it = await ServicesUnderTest.start(stage, namespace, {
    keys: { origin: { token: stage.origin.token } },
  });
}, 180_000);
afterAll(async () => {
  await it[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

describe('creating a channel', () => {
  test('an ID that is not a valid Kubernetes name is returned unchanged, and the view has its defaults', async () => {
    const { value, etag, created } = await it.services.createChannel(
      operate,
      { id: 'Show #1 ü', onAir: false },
      undefined,
    );
    expect(created).toBe(true);
    expect(etag).toMatch(/^"[0-9a-f]{8}-1"$/);
    expect(value).toMatchObject({
      id: 'Show #1 ü',
      namespace,
      streamMode: 'hybrid',
      playbackUrl: null,
      relay: { wanted: false, status: 'stopped', viewerCount: 0, viewersKnown: false },
    });
    expect(value.name).toMatch(/^x-/);
    // The writer immediately reads its own write.
    expect((await it.services.channel(watch, 'Show #1 ü')).value.name).toBe(value.name);
    const stored = await stage.channel({ namespace, name: value.name });
    expect(stored?.metadata.annotations?.[annotations.channelId]).toBe('Show #1 ü');
    // Agora does not allow that letter: the token shows the channel name used there.
    expect(stored?.spec.agora).toMatchObject({ channelName: value.name, credentialsRef: { name: 'agora' } });
  });

  test('a repeated request with the same idempotency key gets the same response, and a different one is rejected', async () => {
    const input = { id: 'once', onAir: false, maxResolution: '720p' } as const;
    const first = await it.services.createChannel(operate, input, 'key-1');
    const again = await it.services.createChannel(operate, input, 'key-1');
    expect([first.created, again.created]).toEqual([true, false]);
    expect(again.etag).toBe(first.etag);
    const refusal = async (input: object, key?: string): Promise<string> =>
      (await refused(it.services.createChannel(operate, { id: 'once', onAir: false, ...input }, key))).code;
    expect(await refusal({ maxResolution: '480p' }, 'key-1')).toBe('idempotency-key-reused');
    expect(await refusal({ id: 'another', maxResolution: '720p' }, 'key-1')).toBe('idempotency-key-reused');
    expect(await refusal({ maxResolution: '720p' }, 'key-2')).toBe('channel-exists');
    expect(await refusal({ maxResolution: '720p' })).toBe('channel-exists');
  });

  test('of ten concurrent requests with one key, one creates the channel', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        it.services.createChannel(operate, { id: 'race', onAir: false }, 'key-race'),
      ),
    );
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(answers.map(({ etag }) => etag)).size).toBe(1);
  });

  test('errors name the field or resource', async () => {
    const create = (input: object): Promise<{ code: string }> =>
      refused(it.services.createChannel(operate, { id: 'wrong', onAir: false, ...input }, undefined));
    expect(await create({ platform: 'nowhere' })).toMatchObject({
      code: 'platform-not-found',
      detail: 'StreamingPlatform nowhere does not exist. Available: origin.',
    });
    expect(await create({ id: 'ä'.repeat(400) })).toMatchObject({
      code: 'invalid-request',
      errors: [{ path: 'id' }],
    });
    expect(await create({ agoraChannelName: 'not in ägora' })).toMatchObject({
      code: 'refused-by-cluster',
      errors: [{ path: 'spec.agora.channelName' }],
    });
    expect(await create({ platform: 'origin', fallbackPlatform: 'origin' })).toMatchObject({
      code: 'refused-by-cluster',
    });
  });

  test('a foreign resource of that name is a conflict', async () => {
    const id = 'long '.repeat(40);
    const name = resourceName(id);
    await stage.apply({ namespace, name }, { suspend: true }); // created by hand: its ID is its name
    expect(await refused(it.services.createChannel(operate, { id, onAir: false }, undefined))).toMatchObject({
      code: 'name-conflict',
    });
    expect(await refused(it.services.startRelay(operate, id, {}))).toMatchObject({ code: 'name-conflict' });
    expect((await it.services.channel(watch, name)).value.id).toBe(name);
    expect(
      await refused(it.services.createChannel(operate, { id: name, onAir: false }, undefined)),
    ).toMatchObject({
      code: 'channel-exists',
    });
  });
});

describe('changing and ending a channel', () => {
  test('If-Match rejects a change based on an older state, and ignores the status', async () => {
    const { etag } = await it.services.createChannel(operate, { id: 'matched', onAir: true }, undefined);
    await stage.onAir({ namespace, name: 'matched' });
    const second = await it.services.changeChannel(operate, 'matched', { maxResolution: '480p' }, etag);
    expect(second.etag).not.toBe(etag);
    expect(
      await refused(it.services.changeChannel(operate, 'matched', { standby: true }, etag)),
    ).toMatchObject({
      code: 'precondition-failed',
      status: 412,
    });
    expect(await refused(it.services.endChannel(operate, 'matched', etag))).toMatchObject({
      code: 'precondition-failed',
    });
    const both = `"other", ${second.etag}`;
    const third = await it.services.changeChannel(operate, 'matched', { standby: true }, both);
    const stored = await stage.channel({ namespace, name: 'matched' });
    expect(stored?.spec.relay).toMatchObject({ maxResolution: '480p', replicas: 2 });
    await it.services.endChannel(operate, 'matched', third.etag);
    await eventually('ended in the cache', 20, async () => {
      const problem = await refused(it.services.channel(watch, 'matched'));
      return problem.code === 'channel-not-found' ? true : undefined;
    });
    expect(await refused(it.services.endChannel(operate, 'matched', undefined))).toMatchObject({
      code: 'channel-not-found',
      status: 404,
    });
  });

  test('of two changes to the same state, one is rejected', async () => {
    const { etag } = await it.services.createChannel(operate, { id: 'two', onAir: false }, undefined);
    const results = await Promise.allSettled([
      it.services.changeChannel(operate, 'two', { maxResolution: '480p' }, etag),
      it.services.changeChannel(operate, 'two', { maxResolution: '720p' }, etag),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  test('a budget is replaced as a whole, and removed by null', async () => {
    await it.services.createChannel(operate, { id: 'spender', onAir: false }, undefined);
    const change = (budget: object | null): Promise<unknown> =>
      it.services.changeChannel(operate, 'spender', { budget: budget as never }, undefined);
    const stored = async (): Promise<unknown> =>
      (await stage.channel({ namespace, name: 'spender' }))?.spec.budget;
    await change({ usd: '12.50', per: 'show', actionAt100Percent: 'stop' });
    await change({ usd: '5', per: 'hour' });
    expect(await stored()).toEqual({
      usd: '5',
      per: 'hour',
      actionAt80Percent: 'alert',
      actionAt100Percent: 'alert',
    });
    await change(null);
    expect(await stored()).toBeUndefined();
  });

  test('the list is sorted, paginated and filtered', async () => {
    const names = async (query: object): Promise<readonly string[]> => {
      const all: string[] = [];
      let after: string | undefined;
      do {
        const page = await it.services.listChannels(operate, { limit: 2, after, ...query });
        expect(page.items.length).toBeLessThanOrEqual(2);
        all.push(...page.items.map(({ name }) => name));
        after = page.next;
      } while (after !== undefined);
      return all;
    };
    const all = await names({});
    expect(all.length).toBeGreaterThan(4);
    expect(all).toEqual(all.toSorted());
    await it.services.changeChannel(operate, 'spender', { streamMode: 'hls-only' }, undefined);
    expect(await names({ streamMode: 'hls-only' })).toEqual(['spender']);
    expect(await names({ relayStatus: 'error' })).toEqual([]);
  });
});

describe('on air', () => {
  test('starting creates the channel and returns its URL, and stopping keeps the channel', async () => {
    const { playbackUrl, ...addressed } = await it.services.startRelay(operate, 'show-1', {});
    expect(addressed).toEqual({ expiresAt: null, playbackProblem: null });
    // The service's own defaults bound what it costs, and keep viewers watching.
    expect((await stage.channel({ namespace, name: 'show-1' }))?.spec).toMatchObject({
      fallback: { mode: 'agora-only' },
      relay: { idle: { noHostSeconds: 1_800 } },
    });
    expect(playbackUrl).toMatch(/^https?:/);
    await stage.onAir({ namespace, name: 'show-1' });
    await eventually('active in the cache', 20, async () =>
      (await it.services.relay(watch, 'show-1')).status === 'active' ? true : undefined,
    );
    expect(await it.services.playback(watch, 'show-1', undefined)).toEqual({
      hlsUrl: playbackUrl,
      latency: expectedLatencySeconds({ provider: 'origin' }, 'standard'),
      latencyMode: 'standard',
      access: 'public',
      expiresAt: null,
      onAir: true,
    });
    await it.services.stopRelay(operate, 'show-1');
    expect((await it.services.relay(watch, 'show-1')).wanted).toBe(false);
    await eventually('off air', 20, async () =>
      (await it.services.playback(watch, 'show-1', undefined)).onAir ? undefined : true,
    );
    expect(await it.services.startRelay(operate, 'show-1', {})).toMatchObject({ playbackUrl });
    expect(await it.services.platforms(operate)).toMatchObject([
      { name: 'origin', provider: 'origin', isDefault: true, ready: true },
    ]);
  }, 60_000);

  test('stopping what does not run succeeds, and a channel that does not exist is off air', async () => {
    await it.services.stopRelay(operate, 'no-such');
    expect(await it.services.relay(watch, 'no-such')).toMatchObject({
      isActive: false,
      status: 'stopped',
      health: 'good',
      viewerCount: 0,
      channelExists: false,
    });
    await it.services.createChannel(operate, { id: 'stopped', onAir: false }, undefined);
    for (let times = 0; times < 2; times++) await it.services.stopRelay(operate, 'stopped');
    expect(await it.services.relay(watch, 'stopped')).toMatchObject({ wanted: false, channelExists: true });
    expect(await stage.channel({ namespace, name: 'no-such' })).toBeUndefined();
  });

  test('a request for another stream key makes the platform create one; without a stream, there is none', async () => {
    await it.services.startRelay(operate, 'rotated', {});
    const keyId = async (): Promise<string | undefined> =>
      (await stage.channel({ namespace, name: 'rotated' }))?.status?.streamKeyId;
    const first = await eventually('a stream', 20, keyId);
    await it.services.rotateStreamKey(operate, 'rotated');
    await eventually('another key', 20, async () => ((await keyId()) === first ? undefined : true));
    await it.services.createChannel(operate, { id: 'streamless', onAir: false }, undefined);
    const problem = await refused(it.services.rotateStreamKey(operate, 'streamless'));
    expect(problem).toMatchObject({ code: 'cannot-rotate-key', status: 409 });
    expect(await refused(it.services.rotateStreamKey(operate, 'no-such'))).toMatchObject({ status: 404 });
    expect(await refused(it.services.rotateStreamKey(watch, 'rotated'))).toMatchObject({
      code: 'not-allowed',
    });
    await it.services.stopRelay(operate, 'rotated');
  }, 60_000);

  test('a start that is refused has written nothing', async () => {
    await it.services.createChannel(
      operate,
      { id: 'talk', streamMode: 'agora-only', onAir: false },
      undefined,
    );
    const generation = async (name: string): Promise<number | undefined> =>
      (await stage.channel({ namespace, name }))?.metadata.generation;
    const before = await generation('talk');
    expect(await refused(it.services.startRelay(operate, 'talk', {}))).toMatchObject({ code: 'agora-only' });
    expect(await generation('talk')).toBe(before);
    await using onAgora = await ServicesUnderTest.start(stage, namespace, {
      settings: { LIVECHANNEL_API_DEFAULTS: '{"streamMode":"agora-only"}' },
    });
    expect(await refused(onAgora.services.startRelay(operate, 'not-made', {}))).toMatchObject({
      code: 'agora-only',
    });
    expect(await generation('not-made')).toBeUndefined();
    // A token that the service may not store is refused, not ignored.
    expect(
      await refused(it.services.startRelay(operate, 'not-made', { agoraToken: '007eJxTYAg' })),
    ).toMatchObject({ code: 'agora-token-not-accepted' });
    expect(await generation('not-made')).toBeUndefined();
  });

  test('a start labels the channel, a new one gets the defaults for its labels, and a change is a merge', async () => {
    await using own = await ServicesUnderTest.start(stage, namespace, {
      settings: {
        LIVECHANNEL_API_DEFAULTS: '{"streamMode":"agora-only"}',
        LIVECHANNEL_API_DEFAULTS_BY_LABEL: '[{"labels":{"tier":"beta"},"defaults":{"streamMode":"hybrid"}}]',
      },
    });
    const { services } = own;
    expect(
      await refused(services.startRelay(operate, 'label-0', { labels: { tier: 'gold' } })),
    ).toMatchObject({
      code: 'agora-only',
    });
    expect(await stage.channel({ namespace, name: 'label-0' })).toBeUndefined();
    await services.startRelay(operate, 'label-1', { labels: { tier: 'beta', seller: 'alice' } });
    const read = async (): Promise<object> => (await services.channel(operate, 'label-1')).value;
    expect(await read()).toMatchObject({ streamMode: 'hybrid', labels: { tier: 'beta', seller: 'alice' } });
    // An existing channel is labelled, and keeps its mode.
    await services.startRelay(operate, 'label-1', { labels: { tier: 'gold' } });
    expect(await read()).toMatchObject({ streamMode: 'hybrid', labels: { tier: 'gold', seller: 'alice' } });
    const { etag } = await services.channel(operate, 'label-1');
    await services.changeChannel(operate, 'label-1', { labels: { seller: null, region: 'eu' } }, etag);
    expect(await read()).toMatchObject({ labels: { tier: 'gold', region: 'eu' } });
    expect(await refused(services.changeChannel(operate, 'label-1', { priority: 3 }, etag))).toMatchObject({
      code: 'precondition-failed',
    });
    expect(
      await services.changeModes(operate, { labels: { region: 'eu' }, streamMode: 'hls-only' }),
    ).toMatchObject({ matched: 1, changed: 1 });
  }, 60_000);

  test('a start names the Agora channel, and does not take a show away from another one', async () => {
    const name = 'named';
    const inAgora = async (): Promise<string | undefined> =>
      (await stage.channel({ namespace, name }))?.spec.agora.channelName;
    await it.services.startRelay(operate, name, { agoraChannelName: 'live_1' });
    expect(await inAgora()).toBe('live_1');
    await stage.onAir({ namespace, name });
    await eventually('active in the cache', 20, async () =>
      (await it.services.relay(watch, name)).isActive ? true : undefined,
    );
    await it.services.startRelay(operate, name, { agoraChannelName: 'live_1' });
    expect(
      await refused(it.services.startRelay(operate, name, { agoraChannelName: 'live_2' })),
    ).toMatchObject({ code: 'relay-running', status: 409, detail: expect.stringContaining('live_1') });
    expect(await inAgora()).toBe('live_1');
    await it.services.stopRelay(operate, name);
    await it.services.startRelay(operate, name, { agoraChannelName: 'live_2' });
    expect(await inAgora()).toBe('live_2');
  }, 60_000);

  test('what a request does not set is as in the defaults, for a start as for a create', async () => {
    await using own = await ServicesUnderTest.start(stage, namespace, {
      settings: {
        LIVECHANNEL_API_DEFAULTS: JSON.stringify({
          agoraChannelName: 'live_{channelId}',
          budget: { usd: '25', per: 'show', actionAt100Percent: 'stop' },
          fallback: { afterSeconds: 5 },
          maxVideoBitrateKbps: 2_500,
          priority: 7,
        }),
      },
    });
    await own.services.startRelay(operate, 'start-42', {});
    await own.services.createChannel(
      operate,
      { id: 'create-42', onAir: true, budget: null, priority: 8 },
      undefined,
    );
    const spec = async (name: string): Promise<unknown> => (await stage.channel({ namespace, name }))?.spec;
    const shared = {
      fallback: { mode: 'agora-only', afterSeconds: 5 },
      relay: { maxVideoBitrateKbps: 2_500, idle: { noHostSeconds: 1_800 } },
      suspend: false,
    };
    expect(await spec('start-42')).toMatchObject({
      ...shared,
      agora: { channelName: 'live_start-42' },
      budget: { usd: '25', actionAt80Percent: 'alert', actionAt100Percent: 'stop' },
      priority: 7,
    });
    expect(await spec('create-42')).toMatchObject({
      ...shared,
      agora: { channelName: 'live_create-42' },
      priority: 8,
    });
    expect(await spec('create-42')).not.toHaveProperty('budget');
  }, 60_000);

  test('every setting can be changed member by member, and null removes what is optional', async () => {
    await stage.putPlatform('second', {});
    await it.services.createChannel(operate, { id: 'settings', onAir: false }, undefined);
    const change = async (settings: ChannelSettings): Promise<unknown> => {
      await it.services.changeChannel(operate, 'settings', settings, undefined);
      return (await stage.channel({ namespace, name: 'settings' }))?.spec;
    };
    await change({
      platform: 'origin',
      fallbackPlatform: 'second',
      hostUid: 7,
      maxVideoBitrateKbps: 2_500,
      relayMode: 'passthrough',
      slate: { configMapRef: { name: 'slates', key: 'pause.png' } },
      idle: { noHostSeconds: 60, noViewersSeconds: 600 },
      fallback: { mode: 'agora-only', afterSeconds: 5 },
      priority: 5,
      deletionPolicy: 'Retain',
    });
    expect(await change({ idle: { noHostSeconds: 0 }, fallback: { mode: 'none' } })).toMatchObject({
      relay: {
        mode: 'passthrough',
        idle: { noHostSeconds: 0, noViewersSeconds: 600 },
        slate: { configMapRef: { name: 'slates', key: 'pause.png' } },
      },
      fallback: { mode: 'none', afterSeconds: 5 },
      priority: 5,
      deletionPolicy: 'Retain',
    });
    const none = { platform: null, fallbackPlatform: null, hostUid: null };
    const spec = await change({ ...none, maxVideoBitrateKbps: null, slate: null });
    expect(spec).toMatchObject({ relay: { mode: 'passthrough' }, agora: { channelName: 'settings' } });
    expect(JSON.stringify(spec)).not.toMatch(/platformRef|fallbackPlatformRef|hostUid|slate|maxVideo/i);
  });

  test('a signed URL is created by the platform with the mounted key', async () => {
    await it.services.createChannel(
      operate,
      { id: 'signed', onAir: true, playback: { access: 'signed' } },
      undefined,
    );
    const started = await it.services.startRelay(operate, 'signed', {});
    expect(started.playbackProblem).toBeNull();
    expect(Date.parse(started.expiresAt ?? '')).toBeGreaterThan(Date.now() + 3_500_000);
    expect(started.playbackUrl).not.toBe((await it.services.channel(watch, 'signed')).value.playbackUrl);
    const { hlsUrl, access, expiresAt } = await it.services.playback(watch, 'signed', 'viewer-7');
    expect(access).toBe('signed');
    expect(hlsUrl).not.toBe((await it.services.channel(watch, 'signed')).value.playbackUrl);
    expect(Date.parse(expiresAt ?? '')).toBeGreaterThan(Date.now() + 3_500_000);
    await using without = await ServicesUnderTest.start(stage, namespace);
    expect(await refused(without.services.playback(watch, 'signed', undefined))).toMatchObject({
      code: 'cannot-sign',
    });
    // A start without the key succeeds: the show is on air, and the answer says why the address is not enough.
    expect(await without.services.startRelay(operate, 'signed', {})).toEqual({
      playbackUrl: (await it.services.channel(watch, 'signed')).value.playbackUrl,
      expiresAt: null,
      playbackProblem: { code: 'cannot-sign', detail: expect.stringContaining('No signing keys of origin') },
    });
  });

  test('a start reports obstacles, and a channel in mode agora-only has no URL', async () => {
    await stage.putPlatform('elsewhere', {
      spec: { credentialsRef: { namespace: 'default', name: 'none' } },
    });
    await using impatient = await ServicesUnderTest.start(stage, namespace, {
      settings: { LIVECHANNEL_API_START_TIMEOUT_SECONDS: '1' },
    });
    await it.services.createChannel(
      operate,
      { id: 'hindered', platform: 'elsewhere', onAir: false },
      undefined,
    );
    await it.services.createChannel(
      operate,
      { id: 'agora', streamMode: 'agora-only', onAir: true },
      undefined,
    );
    await eventually('the reason', 20, async () => {
      const problem = await refused(impatient.services.startRelay(operate, 'hindered', {}));
      expect(problem).toMatchObject({ code: 'stream-not-ready', status: 503 });
      return /CredentialsNotFound: .*default\/none/.test(String(problem['detail'])) ? true : undefined;
    });
    expect(await refused(it.services.startRelay(operate, 'agora', {}))).toMatchObject({ code: 'agora-only' });
    expect(await refused(it.services.playback(watch, 'agora', undefined))).toMatchObject({
      code: 'agora-only',
    });
  }, 60_000);

  test('a playback request resumes a relay that is idle because there were no viewers', async () => {
    const ref = await stage
      .apply({ namespace, name: 'rests' }, { relay: { idle: { noViewersSeconds: 1 } } })
      .then(() => ({ namespace, name: 'rests' }));
    const { status } = await stage.onAir(ref);
    const watched = (viewers: number): void => {
      const id = status?.streamId ?? '';
      const stream = stage.origin.streams.get(id);
      if (stream !== undefined) stage.origin.streams.set(id, { ...stream, live: true, viewers });
    };
    watched(0);
    await eventually('idle in the cache', 20, async () =>
      (await it.services.relay(watch, 'rests')).idleSince === null ? undefined : true,
    );
    watched(3);
    const asked = await Promise.all(
      Array.from({ length: 20 }, () => it.services.playback(watch, 'rests', undefined)),
    );
    expect(asked[0]?.hlsUrl).toBe(status?.hlsPlaybackUrl);
    await stage.event(ref, 'Normal', 'Resuming');
    await stage.onAir(ref);
  }, 90_000);

  test('a viewer to whom no address can be signed resumes nothing', async () => {
    const ref = { namespace, name: 'members' };
    await stage.apply(ref, {
      playback: { access: 'signed' },
      relay: { idle: { noViewersSeconds: 1 } },
    });
    const { status } = await stage.onAir(ref);
    const stream = stage.origin.streams.get(status?.streamId ?? '');
    if (stream !== undefined)
      stage.origin.streams.set(status?.streamId ?? '', { ...stream, live: true, viewers: 0 });
    await using without = await ServicesUnderTest.start(stage, namespace);
    await eventually('idle in the cache', 20, async () =>
      (await without.services.relay(watch, 'members')).idleSince === null ? undefined : true,
    );
    expect(await refused(without.services.playback(watch, 'members', undefined))).toMatchObject({
      code: 'cannot-sign',
    });
    const resumed = async (): Promise<string | undefined> =>
      (await stage.channel(ref))?.metadata.annotations?.[annotations.resume];
    expect(await resumed()).toBeUndefined();
    await it.services.playback(watch, 'members', undefined);
    await eventually('resumed for one who can watch', 20, resumed);
  }, 90_000);
});

describe('Agora tokens', () => {
  test('the host may publish, a viewer may not, and with hls-only viewers get no token', async () => {
    await it.services.createChannel(
      operate,
      { id: 'tokens', onAir: false, agoraChannelName: 'Live A' },
      undefined,
    );
    const token = (role: 'host' | 'viewer'): ReturnType<typeof it.services.agoraToken> =>
      it.services.agoraToken(operate, 'tokens', { role, uid: 42, ttlSeconds: 600 });
    const host = await token('host');
    expect(host).toMatchObject({ channelName: 'Live A', uid: 42 });
    const [joins, publishes] = [1, 2];
    expect(privileges(host.token)).toContain(publishes);
    const viewer = privileges((await token('viewer')).token);
    expect(viewer).toContain(joins);
    expect(viewer).not.toContain(publishes);
    await it.services.changeChannel(operate, 'tokens', { streamMode: 'hls-only' }, undefined);
    await eventually('hls-only in the cache', 20, async () =>
      (await it.services.channel(watch, 'tokens')).value.effectiveStreamMode === 'hls-only'
        ? true
        : undefined,
    );
    expect(await refused(token('viewer'))).toMatchObject({ code: 'hls-only', status: 403 });
    expect((await token('host')).channelName).toBe('Live A');
  });

  test("they are created with the channel's app, or not at all", async () => {
    await stage.apply(
      { namespace, name: 'other-app' },
      { suspend: true, agora: { credentialsRef: { name: 'another' } } },
    );
    await eventually('in the cache', 20, async () => {
      const problem = await refused(
        it.services.agoraToken(operate, 'other-app', { role: 'host', uid: 1, ttlSeconds: 60 }),
      );
      return problem.code === 'agora-not-set-up' ? true : undefined;
    });
  });
});

describe('events', () => {
  test('a subscriber receives state and events, and resumes at another replica without a gap', async () => {
    await it.services.createChannel(operate, { id: 'told', onAir: false }, undefined);
    await using other = await ServicesUnderTest.start(stage, namespace);
    const stop = new AbortController();
    const listener = listen(it.services.events(as('playback', stop.signal), 'told', undefined));
    await listener.until(({ type }) => type === 'snapshot');
    await it.services.startRelay(operate, 'told', {});
    const active = await listener.until(
      (event) => event.type === 'status' && event.channel.relay.status === 'active',
    );
    stop.abort();
    await listener.ended;
    await it.services.stopRelay(operate, 'told');
    await other.services.changeChannel(operate, 'told', { maxResolution: '480p' }, undefined);
    await stage.channelIs(
      { namespace, name: 'told' },
      'off air',
      ({ status }) => status?.relayStatus === 'stopped',
    );
    const again = listen(other.services.events(as('playback'), 'told', active.id));
    const first = await again.until(() => true);
    // No snapshot: only the missed events, and no earlier ones.
    expect(first).toMatchObject({ type: 'status', channel: { relay: { wanted: false } } });
    await it.services.endChannel(operate, 'told', undefined);
    await again.until(({ type }) => type === 'ended');
    const positions = [...listener.events, ...again.events].map(({ id }) => Number(id.split('-')[0]));
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  }, 60_000);

  test('a change to agora-only is announced in advance', async () => {
    await it.services.createChannel(operate, { id: 'cheap', streamMode: 'auto', onAir: true }, undefined);
    const ref = { namespace, name: 'cheap' };
    const { metadata } = await stage.onAir(ref);
    const listener = listen(it.services.events(as('playback'), 'cheap', undefined));
    await listener.until(({ type }) => type === 'snapshot');
    const [now, at] = [new Date(), new Date(Date.now() + 3_000)];
    const choice = {
      channel: metadata.uid,
      mode: 'agora-only',
      decidedAt: now.toISOString(),
      at: at.toISOString(),
      reason: 'CheaperOnAgora',
      message: '4 viewers cost $0.50/h on Agora, $2.10/h on origin',
    };
    await stage.client.patchMerge(liveChannelType, ref, {
      metadata: { annotations: { [annotations.mode]: JSON.stringify(choice) } },
    });
    const announced = await listener.until(({ type }) => type === 'mode');
    expect(announced).toMatchObject({ mode: 'agora-only', at: at.toISOString(), message: choice.message });
    expect(Date.now()).toBeLessThan(at.getTime());
    const late = listen(it.services.events(as('playback'), 'cheap', undefined));
    expect(await late.until(({ type }) => type === 'mode')).toMatchObject({ at: at.toISOString() });
    const so = (event: ServerEvent): boolean =>
      event.type === 'status' && event.channel.effectiveStreamMode === 'agora-only';
    await listener.until(so);
    expect(listener.events.filter(({ type }) => type === 'mode')).toHaveLength(1);
  }, 60_000);

  test('of all channels: the state of all, then every event', async () => {
    const listener = listen(it.services.events(operate, undefined, undefined));
    const { items } = await it.services.listChannels(operate, { limit: 100 });
    await listener.until(({ type }) => type === 'snapshot', items.length);
    expect(listener.events.filter(({ type }) => type === 'snapshot')).toHaveLength(items.length);
    // A client may resume only after it has received the whole snapshot.
    expect(listener.events.slice(0, -1).every(({ id }) => id === '0')).toBe(true);
    await it.services.createChannel(operate, { id: 'fresh', onAir: false }, undefined);
    await listener.until((event) => event.type === 'status' && event.channel.id === 'fresh');
  });

  test('a missing channel, or a caller without rights, is rejected immediately', () => {
    const codeOf = (subscribe: () => unknown): unknown => {
      try {
        subscribe();
      } catch (error) {
        return error instanceof Error && 'code' in error ? error.code : error;
      }
      return 'nothing';
    };
    expect(codeOf(() => it.services.events(watch, 'no-such', undefined))).toBe('channel-not-found');
    expect(codeOf(() => it.services.events(watch, undefined, undefined))).toBe('not-allowed');
    expect(codeOf(() => it.services.events(as(undefined), 'race', undefined))).toBe('not-authenticated');
  });
});

test('without a database, everything that does not need one works', async () => {
  const period = { from: '2026-11-23T05:00:00Z', to: '2026-11-23T06:00:00Z' };
  const refusals = await Promise.all([
    refused(it.services.metrics(operate, 'race', { ...period, step: 60 })),
    refused(it.services.costs(as('admin'), period)),
    refused(it.services.alerts(operate, { limit: 10 })),
    refused(it.services.reportAudience(operate, 'race', 5)),
  ]);
  expect(refusals.map(({ code }) => code)).toEqual(Array(4).fill('store-unavailable'));
  expect((await it.services.relay(watch, 'race')).viewersKnown).toBe(false);
});

test('during an outage of the API server, reads work, changes are rejected, and the state is reported', async () => {
  const broken = async (): Promise<number> => {
    const metric = await it.registry.getSingleMetric('livechannel_api_cache_stale_seconds')?.get();
    return metric?.values[0]?.value ?? -1;
  };
  expect(await broken()).toBe(0);
  await stage.stopOperator();
  await stage.controlPlane.killApiServer();
  expect(await refused(it.services.stopRelay(operate, 'race'))).toMatchObject({
    code: 'kubernetes-unavailable',
    status: 503,
  });
  expect((await it.services.channel(watch, 'race')).value.id).toBe('race');
  expect(it.open.ready()).toBe(true);
  await eventually('the figure', 20, async () => ((await broken()) > 0 ? true : undefined));
  await stage.controlPlane.startApiServer();
  const stopped = eventually('a change', 60, () => it.services.stopRelay(operate, 'race').then(() => true));
  expect(await stopped).toBe(true);
  await eventually('the service is healthy', 60, async () => ((await broken()) === 0 ? true : undefined));
  expect((await it.services.relay(watch, 'race')).wanted).toBe(false);
}, 180_000);

/** Reads independently, as one of the APIs does. */
function listen(source: AsyncIterable<ServerEvent>): {
  readonly events: readonly ServerEvent[];
  readonly ended: Promise<void>;
  until(is: (event: ServerEvent) => boolean, times?: number): Promise<ServerEvent>;
} {
  const events: ServerEvent[] = [];
  const ended = (async () => {
    for await (const event of source) events.push(event);
  })();
  return {
    events,
    ended,
    until: (is, times = 1) =>
      eventually('an event', 30, async () => {
        const found = events.filter(is);
        if (found.length >= times) return found[0];
        throw new Error(JSON.stringify(events.map(({ type, id }) => `${type} ${id}`)));
      }),
  };
}

/** The privileges of a token of version 007 in an RTC channel, as numbers. */
function privileges(token: string): readonly number[] {
  const bytes = inflateSync(Buffer.from(token.slice(3), 'base64'));
  let at = 2 + bytes.readUInt16LE(0); // signature
  at += 2 + bytes.readUInt16LE(at); // app ID
  at += 12; // issued, expires, salt
  at += 2; // number of services
  at += 2; // type of the first one
  const count = bytes.readUInt16LE(at);
  return Array.from({ length: count }, (_, index) => bytes.readUInt16LE(at + 2 + 6 * index));
}
