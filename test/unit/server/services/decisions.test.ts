import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { channelIdOf } from '../../../../src/api/channel-id.ts';
import { liveChannelSpecSchema } from '../../../../src/api/live-channel.ts';
import { annotations } from '../../../../src/api/names.ts';
import { ApiError, ConnectionError, TimeoutError } from '../../../../src/kube/errors.ts';
import { channelViewSchema } from '../../../../src/server/contract/channel-view.ts';
import { problems, problemType, ApiProblem, isProblem } from '../../../../src/server/problems.ts';
import { scopes, type Caller } from '../../../../src/server/service.ts';
import {
  draftOf,
  idempotencyIn,
  idempotencyOf,
  idempotencyText,
  patchOf,
} from '../../../../src/server/services/channel-draft.ts';
import { etagOf, matches } from '../../../../src/server/services/etag.ts';
import { asProblem } from '../../../../src/server/services/kube-problems.ts';
import { neededScope, requireScope, type Operation } from '../../../../src/server/services/permissions.ts';
import { channelView, relayView } from '../../../../src/channel/views/channel-view.ts';
import { apiSettingsSchema } from '../../../../src/server/settings.ts';
import { StoreError } from '../../../../src/store/errors.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return isProblem(error) ? error.code : String(error);
  }
  return 'ok';
};

describe('scopes', () => {
  const operations = Object.keys(neededScope) as Operation[];
  test.each(operations)('%s requires its scope, or one that includes it', (operation) => {
    const needed = neededScope[operation];
    for (const scope of scopes) {
      const enough = scopes.indexOf(scope) >= scopes.indexOf(needed);
      expect(codeOf(() => requireScope({ subject: 'api-key:1', scope }, needed))).toBe(
        enough ? 'ok' : 'not-allowed',
      );
    }
  });

  test('without credentials authentication is required, with credentials the missing scope is named', () => {
    const check = (caller: Caller): string => codeOf(() => requireScope(caller, 'playback'));
    expect(check({ subject: 'anonymous', scope: undefined })).toBe('not-authenticated');
    expect(check({ subject: 'oidc:a#b', scope: undefined })).toBe('not-allowed');
    expect(check({ subject: 'anonymous', scope: 'playback' })).toBe('ok');
  });
});

describe('problems', () => {
  test('are serialized as in RFC 9457, without their cause', () => {
    const problem = new ApiProblem('stream-not-ready', 'ivs-eu is full.', {
      retryAfterSeconds: 1.2,
      cause: new Error('secret'),
    });
    expect(problem.headers).toEqual({ 'retry-after': '2' });
    expect(JSON.parse(JSON.stringify(problem))).toEqual({
      type: problemType('stream-not-ready'),
      code: 'stream-not-ready',
      status: 503,
      title: problems['stream-not-ready'].title,
      detail: 'ivs-eu is full.',
    });
  });

  const causes = [{ field: 'spec.agora', message: 'is wrong' }];
  test.each([
    [new ApiError('patch', { status: 422, reason: 'Invalid', causes }), 'refused-by-cluster'],
    [new ApiError('create', { status: 403, message: 'exceeded quota' }), 'refused-by-cluster'],
    [new ApiError('patch', { status: 409, reason: 'Conflict' }), 'conflict'],
    [new ApiError('patch', { status: 429, retryAfterMs: 7_000 }), 'kubernetes-unavailable'],
    [new ApiError('patch', { status: 500 }), 'kubernetes-unavailable'],
    [new ApiError('patch', { status: 401 }), 'internal'],
    [new ConnectionError('refused'), 'kubernetes-unavailable'],
    [new TimeoutError('10 s'), 'timeout'],
    [new StoreError('Unavailable', 'away'), 'store-unavailable'],
    [new StoreError('Invalid', 'no such thing'), 'internal'],
    [new DOMException('gone', 'AbortError'), 'timeout'],
    [new TypeError('a fault'), 'internal'],
    ['a string', 'internal'],
  ])('%s is converted', (error, code) => {
    const problem = asProblem(error, 'change a channel');
    expect(problem.code).toBe(code);
    if (code === 'internal') expect(problem.detail).not.toMatch(/fault|such thing/);
  });

  test('a Problem is unchanged', () => {
    const problem = new ApiProblem('hls-only', 'x');
    expect(asProblem(problem, 'anything')).toBe(problem);
  });
});

describe('ETags', () => {
  test('ignore the status, and change with the spec or another object of the same name', () => {
    const etag = etagOf(aCachedChannel('show'));
    expect(etag).toMatch(/^"[^"]+"$/);
    expect(
      etagOf(aCachedChannel('show', { metadata: { resourceVersion: '999' }, status: { health: 'poor' } })),
    ).toBe(etag);
    expect(etagOf(aCachedChannel('show', { metadata: { generation: 2 } }))).not.toBe(etag);
    expect(etagOf(aCachedChannel('show', { metadata: { uid: 'another' } }))).not.toBe(etag);
    const labelled = (labels: object): string => etagOf(aCachedChannel('show', { metadata: { labels } }));
    expect(labelled({ tier: 'beta' })).not.toBe(etag);
    expect(labelled({ tier: 'beta', a: '' })).toBe(labelled({ a: '', tier: 'beta' }));
    expect(labelled({ 'app.kubernetes.io/part-of': 'shop' })).toBe(etag);
  });

  test.each([
    [undefined, true],
    ['*', true],
    [etagOf(aCachedChannel('show')), true],
    [`"a", ${etagOf(aCachedChannel('show'))}`, true],
    [`W/${etagOf(aCachedChannel('show'))}`, false], // A weak ETag never matches (RFC 9110, 13.1.1).
    ['"a"', false],
    ['', false],
  ])('If-Match: %s', (ifMatch, is) => {
    expect(matches(ifMatch, aCachedChannel('show'))).toBe(is);
  });
});

describe('views', () => {
  test('a view matches the contract, also for a channel that has not been reconciled', () => {
    const { status: _, ...unseen } = aCachedChannel('show');
    for (const channel of [unseen, aCachedChannel('show', { status: { conditions: [condition] } })])
      expect(channelViewSchema.parse(channelView(channel, undefined))).toEqual(
        channelView(channel, undefined),
      );
    const labels = { tier: 'beta', 'app.kubernetes.io/part-of': 'shop' };
    expect(channelView(aCachedChannel('show', { metadata: { labels } }), undefined).labels).toEqual({
      tier: 'beta',
    });
    expect(relayView(unseen, undefined)).toMatchObject({ status: 'starting', wanted: true });
    expect(relayView({ ...unseen, spec: { ...unseen.spec, suspend: true } }, undefined)).toMatchObject({
      status: 'stopped',
      wanted: false,
    });
  });
  const condition = {
    type: 'Ready',
    status: 'True',
    reason: 'Live',
    message: 'on air',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
});

describe('drafts', () => {
  const settings = apiSettingsSchema.parse({});
  test('every id results in a resource that maps back to it, with a valid spec', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 120, unit: 'grapheme' }), (id) => {
        fc.pre(Buffer.byteLength(id) <= 512 && Buffer.from(id).toString() === id);
        const draft = draftOf({ id, onAir: true }, 'shop', settings, 'a/b');
        expect(channelIdOf(draft.metadata)).toBe(id);
        expect(liveChannelSpecSchema.parse(JSON.parse(JSON.stringify(draft.spec))).suspend).toBe(false);
      }),
    );
  });

  test('defaults of the settings are overridden by the request', () => {
    const own = apiSettingsSchema.parse({
      LIVECHANNEL_API_DEFAULTS: JSON.stringify({
        platform: 'ivs-eu',
        streamMode: 'auto',
        playback: { latency: 'low', recording: 'automatic' },
        idle: { noViewersSeconds: 600 },
        budget: { usd: '25', per: 'show', actionAt100Percent: 'stop' },
        agoraChannelName: 'live_{channelId}',
      }),
      LIVECHANNEL_API_AGORA_ACCESS_POINTS: '{"hosts":["127.0.0.1"],"domain":"test"}',
    });
    expect(draftOf({ id: 'a', onAir: false }, 'shop', own, undefined)).toEqual({
      metadata: { name: 'a', namespace: 'shop', annotations: {} },
      spec: {
        suspend: true,
        streamMode: 'auto',
        platformRef: { name: 'ivs-eu' },
        playback: { latency: 'low', recording: 'automatic' },
        relay: { idle: { noHostSeconds: 1_800, noViewersSeconds: 600 } },
        fallback: { mode: 'agora-only' },
        budget: { usd: '25', per: 'show', actionAt100Percent: 'stop' },
        agora: {
          channelName: 'live_a',
          credentialsRef: { name: 'agora' },
          accessPoints: expect.objectContaining({ domain: 'test' }),
        },
      },
    });
    const channelRequest = {
      id: 'a',
      onAir: false,
      platform: 'mux',
      streamMode: 'hls-only',
      playback: { access: 'signed', latency: 'standard' },
      fallback: { mode: 'none' },
      idle: { noHostSeconds: 0 },
      budget: null,
      agoraChannelName: 'mine',
    } as const;
    const { spec } = draftOf(channelRequest, 'shop', own, undefined);
    expect(spec).toMatchObject({
      streamMode: 'hls-only',
      platformRef: { name: 'mux' },
      playback: { access: 'signed', latency: 'standard', recording: 'automatic' },
      relay: { idle: { noHostSeconds: 0, noViewersSeconds: 600 } },
      fallback: { mode: 'none' },
      agora: { channelName: 'mine' },
    });
    expect(spec).not.toHaveProperty('budget');
  });

  test('a budget of the request replaces the default as a whole, and null a default platform', () => {
    const own = apiSettingsSchema.parse({
      LIVECHANNEL_API_DEFAULTS:
        '{"platform":"ivs-eu","budget":{"usd":"25","per":"show","actionAt100Percent":"stop"}}',
    });
    const request = { id: 'a', onAir: true, platform: null, budget: { usd: '5', per: 'hour' } } as const;
    const { spec } = draftOf(request, 'shop', own, undefined);
    expect(spec).toMatchObject({ budget: { usd: '5', per: 'hour' } });
    expect(JSON.stringify(spec)).not.toMatch(/ivs-eu|stop"/);
  });

  test('the defaults for labels take precedence over those of all, and the request over both', () => {
    const own = apiSettingsSchema.parse({
      LIVECHANNEL_API_DEFAULTS: '{"streamMode":"agora-only","idle":{"noViewersSeconds":600}}',
      LIVECHANNEL_API_DEFAULTS_BY_LABEL: JSON.stringify([
        {
          labels: { tier: 'beta' },
          defaults: { streamMode: 'hybrid', idle: { noHostSeconds: 60 }, agoraChannelName: 'b_{channelId}' },
        },
        { labels: { tier: 'beta', region: 'eu' }, defaults: { platform: 'ivs-eu', streamMode: 'hls-only' } },
      ]),
    });
    const spec = (labels?: Record<string, string>, more: object = {}): object =>
      draftOf(
        { id: 'a', onAir: true, ...(labels === undefined ? {} : { labels }), ...more },
        'shop',
        own,
        undefined,
      ).spec;
    expect(spec()).toMatchObject({ streamMode: 'agora-only' });
    expect(spec({ tier: 'gold' })).toMatchObject({ streamMode: 'agora-only' });
    expect(spec({ tier: 'beta', seller: 'alice' })).toMatchObject({
      streamMode: 'hybrid',
      relay: { idle: { noHostSeconds: 60, noViewersSeconds: 600 } },
      fallback: { mode: 'agora-only' },
      agora: { channelName: 'b_a' },
    });
    expect(spec({ tier: 'beta', region: 'eu' })).toMatchObject({
      streamMode: 'hls-only',
      platformRef: { name: 'ivs-eu' },
      agora: { channelName: 'b_a' },
    });
    expect(spec({ tier: 'beta' }, { streamMode: 'auto' })).toMatchObject({ streamMode: 'auto' });
  });

  test.each([
    ['{}', 'not defaults by label as JSON'],
    ['[{"labels":{"tier":"beta"}}]', '[0].defaults'],
    ['[{"labels":{"a/b":"c"},"defaults":{}}]', '[0].labels'],
    ['[{"labels":{},"defaults":{"onAir":true}}]', 'onAir'],
  ])('defaults by label %s are rejected at the start', (text, message) => {
    const { error } = apiSettingsSchema.safeParse({ LIVECHANNEL_API_DEFAULTS_BY_LABEL: text });
    expect(error === undefined ? 'none' : z.prettifyError(error)).toContain(message);
  });

  test('an id that does not fit into the default name of Agora channels is rejected', () => {
    const own = apiSettingsSchema.parse({
      LIVECHANNEL_API_DEFAULTS: '{"agoraChannelName":"live_{channelId}"}',
    });
    const draft = (id: string, agoraChannelName?: string): string =>
      codeOf(() =>
        draftOf(
          { id, onAir: true, ...(agoraChannelName === undefined ? {} : { agoraChannelName }) },
          'shop',
          own,
          undefined,
        ),
      );
    expect(draft('4711')).toBe('ok');
    expect(draft('$&')).toBe('ok');
    expect(draft('Schöne Show')).toBe('invalid-request');
    expect(draft('x'.repeat(60))).toBe('invalid-request');
    expect(draft('Schöne Show', 'show')).toBe('ok');
  });

  test('a channel that starts when its host joins waits for that, unless it is to be on air at once', () => {
    const draft = (request: object): object =>
      draftOf({ id: 'a', onAir: false, ...request }, 'shop', settings, undefined);
    expect(draft({ startOn: 'host' })).toMatchObject({
      metadata: { annotations: {} },
      spec: { suspend: false, relay: { startOn: 'host' } },
    });
    expect(draft({ startOn: 'host', onAir: true })).toMatchObject({
      metadata: { annotations: { [annotations.resume]: 'created' } },
      spec: { suspend: false },
    });
    expect(draft({ startOn: 'request' })).toMatchObject({ spec: { suspend: true } });
    const byDefault = apiSettingsSchema.parse({ LIVECHANNEL_API_DEFAULTS: '{"startOn":"host"}' });
    expect(draftOf({ id: 'a', onAir: false }, 'shop', byDefault, undefined)).toMatchObject({
      spec: { suspend: false, relay: { startOn: 'host' } },
    });
  });

  test('a change contains only the changed fields', () => {
    const patch = (change: object): unknown => JSON.parse(JSON.stringify(patchOf(change)));
    expect(patch({})).toEqual({ spec: {} });
    expect(patch({ standby: false })).toEqual({ spec: { relay: { replicas: 1 } } });
    expect(patch({ maxResolution: '480p', playback: { latency: 'low' } })).toEqual({
      spec: { relay: { maxResolution: '480p' }, playback: { latency: 'low' } },
    });
    expect(patch({ idle: { noHostSeconds: 60 }, fallback: { afterSeconds: 5 } })).toEqual({
      spec: { relay: { idle: { noHostSeconds: 60 } }, fallback: { afterSeconds: 5 } },
    });
    expect(patch({ budget: null })).toEqual({ spec: { budget: null } });
    expect(patch({ budget: { usd: '1', per: 'hour' } })).toEqual({
      spec: { budget: { usd: '1', per: 'hour', actionAt80Percent: null, actionAt100Percent: null } },
    });
  });

  test('null removes what is optional', () => {
    const removed = {
      platform: null,
      fallbackPlatform: null,
      hostUid: null,
      maxVideoBitrateKbps: null,
      slate: null,
      budget: null,
    };
    expect(patchOf({ ...removed, standby: true })).toEqual({
      spec: {
        platformRef: null,
        fallbackPlatformRef: null,
        agora: { hostUid: null },
        relay: { maxVideoBitrateKbps: null, slate: null, replicas: 2 },
        budget: null,
      },
    });
  });

  test('the hash of a request does not depend on the order of its fields, but on the caller', () => {
    const of = (subject: string, request: object): string =>
      idempotencyText(idempotencyOf(subject, 'key', { id: 'a', onAir: false, ...request }));
    const [one, other] = [
      of('me', { maxResolution: '480p', standby: true }),
      of('me', { standby: true, maxResolution: '480p' }),
    ];
    expect(one).toBe(other);
    expect(of('me', { standby: false }).split('/')[1]).not.toBe(one.split('/')[1]);
    expect(of('you', { maxResolution: '480p', standby: true }).split('/')[0]).not.toBe(one.split('/')[0]);
    expect(idempotencyIn({ [annotations.idempotency]: one })).toEqual({
      key: one.split('/')[0],
      request: one.split('/')[1],
    });
    for (const text of [undefined, 'nothing', 'a/b/c'])
      expect(idempotencyIn(text === undefined ? {} : { [annotations.idempotency]: text })).toBeUndefined();
  });
});
