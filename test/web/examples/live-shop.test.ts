import { describe, expect, test } from '@jest/globals';
import { buyerPath, routeOf, sellerPath } from '../../../examples/live-shop/web/routes.ts';
import {
  hasAgora,
  hasPlayer,
  showsAgora,
  watchingAfter,
  type Watching,
  type WatchingEvent,
} from '../../../examples/live-shop/web/watching.ts';
import { watchUpload } from '../../../examples/live-shop/web/watch-upload.ts';

describe('where a buyer watches', () => {
  const after = (...events: readonly WatchingEvent[]): Watching =>
    events.reduce<Watching>(watchingAfter, 'hls');

  test.each<[readonly WatchingEvent[], Watching]>([
    [[], 'hls'],
    [['use-agora'], 'to-agora'],
    [['use-agora', 'hls-plays'], 'to-agora'],
    [['use-agora', 'agora-plays'], 'agora'],
    [['use-agora', 'agora-plays', 'use-hls'], 'to-hls'],
    [['use-agora', 'agora-plays', 'use-hls', 'hls-plays'], 'hls'],
    [['use-agora', 'agora-plays', 'use-hls', 'use-agora'], 'agora'],
    [['use-hls', 'agora-plays', 'hls-plays'], 'hls'],
  ])('after %j it is %s', (events, expected) => {
    expect(after(...events)).toBe(expected);
  });

  test.each<[Watching, { player: boolean; agora: boolean; seen: 'HLS' | 'Agora' }]>([
    ['hls', { player: true, agora: false, seen: 'HLS' }],
    ['to-agora', { player: true, agora: true, seen: 'HLS' }],
    ['agora', { player: false, agora: true, seen: 'Agora' }],
    ['to-hls', { player: true, agora: true, seen: 'Agora' }],
  ])('in %s what was there first plays on', (watching, expected) => {
    const seen = showsAgora(watching) ? 'Agora' : 'HLS';
    expect({ player: hasPlayer(watching), agora: hasAgora(watching), seen }).toEqual(expected);
  });
});

test('the upload is what Agora says of it, and what was lost since the last reading', () => {
  const stats = [
    { sendPackets: 100, sendPacketsLost: 10 },
    { sendPackets: 300, sendPacketsLost: 20 },
    { sendPackets: 300, sendPacketsLost: 20 },
  ];
  let listener: (quality: { uplinkNetworkQuality: number }) => void = () => undefined;
  const client = {
    on: (event: string, given: typeof listener) => {
      if (event === 'network-quality') listener = given;
    },
    getLocalVideoStats: () => stats.shift() ?? { sendPackets: 0, sendPacketsLost: 0 },
  };
  const figures: object[] = [];
  watchUpload(client, (given) => figures.push(given));
  for (const uplinkNetworkQuality of [1, 3, 6]) listener({ uplinkNetworkQuality });
  const at: unknown = expect.any(Number);
  expect(figures).toEqual([
    { uplinkQuality: 1, sendLossPercent: 10, at },
    { uplinkQuality: 3, sendLossPercent: 5, at },
    { uplinkQuality: 6, sendLossPercent: undefined, at },
  ]);
});

test('each page has an address, and others are the list of shows', () => {
  expect(routeOf(buyerPath('4711'))).toEqual({ page: 'buyer', channelId: '4711' });
  expect(routeOf(sellerPath('show-1'))).toEqual({ page: 'seller', channelId: 'show-1' });
  for (const path of ['/', '/show/', '/show/a/b', '/other']) expect(routeOf(path)).toEqual({ page: 'shows' });
});
