import { describe, expect, test } from '@jest/globals';
import { parseNotification } from '../../../../src/server/agora-notifications/notification.ts';

/** Bodies as in Agora's reference of channel event types. */
const body = (eventType: number, payload: object, rest: object = {}): string =>
  JSON.stringify({
    sid: 'C866467GVJJ54687',
    noticeId: '2000001428:4330:107',
    productId: 1,
    eventType,
    notifyMs: 1_611_566_412_672,
    payload: { channelName: 'live_42', ts: 1_560_396_843, ...payload },
    ...rest,
  });
const user = { uid: 12_121_212, platform: 1, clientSeq: 1_625_051_030_746, account: 'test' };

describe('events of members', () => {
  test.each([
    [103, true, 'host'],
    [104, false, 'host'],
    [105, true, 'audience'],
    [106, false, 'audience'],
    [107, true, 'user'],
    [108, false, 'user'],
    [111, true, 'host'],
    [112, true, 'audience'],
  ])('%d: present %s, as %s', (eventType, present, role) => {
    expect(parseNotification(body(eventType, { ...user, reason: 1, duration: 600 }))).toEqual({
      about: 'member',
      noticeId: '2000001428:4330:107',
      agoraChannel: 'live_42',
      at: new Date('2019-06-13T03:34:03Z'),
      sentAt: new Date('2021-01-25T09:20:12.672Z'),
      uid: 12_121_212,
      clientSeq: 1_625_051_030_746,
      present,
      role,
    });
  });

  test('102: the channel was destroyed', () => {
    expect(parseNotification(body(102, { lastUid: 12_121_212 }))).toMatchObject({
      about: 'destroy',
      agoraChannel: 'live_42',
    });
  });
});

test.each([
  ['the test of Agora Console', body(103, { ...user, channelName: 'test_webhook' })],
  ['a channel that was created', body(101, {})],
  ['an event type of the future', body(4_711, { anything: true })],
  ['another product', body(103, user, { productId: 3 })],
  [
    'another product with another payload',
    JSON.stringify({ productId: 3, eventType: 31, payload: { cname: 'x' } }),
  ],
  ['a cloud recorder', body(105, { ...user, platform: 6, clientType: 10 })],
  ['an on-premise recorder', body(105, { ...user, platform: 6, clientType: 3 })],
])('%s is ignored', (_, text) => {
  expect(parseNotification(text)).toEqual({ about: 'nothing' });
});

test.each([
  ['not JSON', '{'],
  ['not an object', '"103"'],
  ['no event', '{}'],
  ['a user without an order', body(103, { uid: 7 })],
  ['a user without an id', body(103, { clientSeq: 7 })],
  ['an id out of range', body(103, { ...user, uid: 2 ** 32 })],
  ['an order that is not an exact number', body(103, { ...user, clientSeq: 2 ** 60 })],
  ['a channel name that is too long', body(103, { ...user, channelName: 'x'.repeat(65) })],
  ['a time out of range', body(103, { ...user, ts: 1e12 })],
])('%s is no notification', (_, text) => {
  expect(parseNotification(text)).toBeUndefined();
});
