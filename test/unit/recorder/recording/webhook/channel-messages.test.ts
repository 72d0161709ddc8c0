import { describe, expect, test } from '@jest/globals';
import { annotations } from '../../../../../src/api/names.ts';
import { serverEventSchema } from '../../../../../src/api/server-events.ts';
import { webhookSchema, webhookType } from '../../../../../src/api/webhooks.ts';
import type { LiveChannel } from '../../../../../src/api/live-channel.ts';
import {
  announcedState,
  endedMessage,
  messagesSince,
  parseAnnounced,
} from '../../../../../src/recorder/recording/webhook/channel-messages.ts';
import { aModeChoice, at, now } from '../../../../support/channel/channel-examples.ts';
import { channelWith, condition, named } from '../../alerting/examples.ts';

const unknown = {
  agoraViewers: undefined,
  hlsViewers: undefined,
  bitrateKbps: undefined,
  relayHealth: undefined,
};
const live = channelWith([condition('Ready', 'True', 'Live')], {
  metadata: { resourceVersion: '41', creationTimestamp: '2026-01-01T00:00:00Z' },
  status: { hlsPlaybackUrl: 'https://play.example/index.m3u8' },
});
const withStatus = (difference: object): LiveChannel => ({
  ...live,
  status: { ...live.status, ...difference },
});
const since = (before: LiveChannel | undefined, after: LiveChannel) =>
  messagesSince(
    before === undefined ? undefined : parseAnnounced(JSON.stringify(announcedState(before))),
    after,
    unknown,
    now,
  );
const types = (before: LiveChannel | undefined, after: LiveChannel): string[] =>
  since(before, after).map(({ type }) => type);

describe('a status is announced', () => {
  test.each<[string, LiveChannel]>([
    ['relay status', withStatus({ relayStatus: 'error' })],
    ['reason of Ready', withStatus({ conditions: [condition('Ready', 'False', 'IngestRejected')] })],
    ['playback URL', withStatus({ hlsPlaybackUrl: 'https://play.example/other.m3u8' })],
  ])('when the %s changes', (_, changed) => {
    expect(types(live, changed)).toEqual(['status']);
    expect(types(changed, changed)).toEqual([]);
  });

  test('for a channel of which nothing was announced', () => {
    expect(types(undefined, live)).toEqual(['status']);
  });

  test('not when only a message, the restarts or the health change', () => {
    const same = withStatus({
      conditions: [condition('Ready', 'True', 'Live', 'other words')],
      relay: { restarts: 3 },
      health: 'fair',
    });
    expect(types(live, same)).toEqual([]);
  });

  test('with the event that subscribers receive, and the numbers of that time', () => {
    const numbers = { ...unknown, hlsViewers: 12, bitrateKbps: 2_500 };
    const [message] = messagesSince(undefined, live, numbers, now);
    expect(serverEventSchema.parse(message)).toMatchObject({
      type: 'status',
      id: '41-1',
      channel: {
        id: 'show',
        namespace: 'shop',
        relay: { status: 'active', viewerCount: 12, bitrateKbps: 2_500 },
      },
    });
    expect(message).toMatchObject({ namespace: 'shop' });
  });
});

describe('a mode is announced', () => {
  const auto = (seconds: number): LiveChannel => ({
    ...live,
    spec: { ...live.spec, streamMode: 'auto' },
    metadata: {
      ...live.metadata,
      annotations: {
        ...live.metadata.annotations,
        [annotations.mode]: JSON.stringify(aModeChoice({ at: at(seconds) })),
      },
    },
  });

  test('when Agora alone is decided, once, with the time from which HLS may not work', () => {
    expect(since(live, auto(30))).toMatchObject([{ type: 'mode', mode: 'agora-only', at: at(30) }]);
    const onAgora = {
      ...auto(30),
      status: { ...live.status, effectiveStreamMode: 'agora-only' },
    } as LiveChannel;
    expect(types(auto(30), onAgora)).toEqual(['status']);
  });

  test('before the status that has it, when it takes effect without a decision', () => {
    const hlsOnly = withStatus({ effectiveStreamMode: 'hls-only' });
    expect(types(live, hlsOnly)).toEqual(['mode', 'status']);
  });
});

test('a channel that was deleted and created again has ended before its first status', () => {
  expect(types(live, named(live, 'show', 'another-uid'))).toEqual(['ended', 'status']);
});

test('every message is valid against the published schema', () => {
  const all = [
    ...since(live, withStatus({ effectiveStreamMode: 'hls-only' })),
    endedMessage({ namespace: 'shop', channelId: 'show' }, 42),
  ];
  expect(all).toHaveLength(3);
  for (const data of all) {
    const body = { type: webhookType(data.type), timestamp: now.toISOString(), data };
    expect(webhookSchema.parse(body)).toEqual(body);
  }
});

test('what another version announced is announced again', () => {
  expect(parseAnnounced('{"uid":1}')).toBeUndefined();
  expect(parseAnnounced('no JSON')).toBeUndefined();
});
