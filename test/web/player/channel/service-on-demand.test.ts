/** @jest-environment node */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ChannelState } from '../../../../src/web/player/channel/channel-state.ts';
import { ServiceOnDemand } from '../../../../src/web/player/channel/service-on-demand.ts';
import { ServiceSource } from '../../../../src/web/player/channel/service-source.ts';
import { FakeClock } from '../fake-clock.ts';
import { FakeService, channelView, json, playbackView } from '../fake-service.ts';

let clock: FakeClock;
let service: FakeService;
/** Whether the code of the player can be fetched. */
let hasCode: boolean;
let requests: number;

beforeEach(() => {
  clock = new FakeClock();
  service = new FakeService();
  service.answers.set('', () => json(channelView()));
  service.answers.set('/playback', () => json(playbackView()));
  hasCode = true;
  requests = 0;
});

function open(): ServiceOnDemand {
  const { api, channelId, fetch } = service;
  const random = (): number => 0.5;
  return new ServiceOnDemand({
    ...{ clock, random },
    open: async () => {
      requests++;
      if (!hasCode) throw new TypeError('Failed to fetch dynamically imported module');
      return new ServiceSource({ api, channelId, fetch, clock, random, ticket: () => 'ticket' });
    },
  });
}

describe('a channel whose code is loaded on demand', () => {
  test('is unknown at first, and then what the service says', async () => {
    const source = open();
    const heard: ChannelState['service'][] = [];
    source.subscribe((state) => heard.push(state.service));
    expect(source.state()).toMatchObject({ service: 'unknown', url: undefined });
    await clock.advance(0);
    expect(source.state()).toMatchObject({ service: 'ok', url: 'https://cdn.example/a.m3u8', onAir: true });
    expect(heard.at(-1)).toBe('ok');
    source.destroy();
  });

  test('is a service that is away while the code cannot be loaded, and comes by itself', async () => {
    hasCode = false;
    const source = open();
    await clock.advance(0);
    expect(source.state().service).toBe('away');
    await clock.advance(10_000);
    expect(requests).toBeGreaterThan(2);
    hasCode = true;
    await clock.advance(20_000);
    expect(source.state()).toMatchObject({ service: 'ok', onAir: true });
    source.destroy();
  });

  test('is requested at once when the viewer or the network says so', async () => {
    hasCode = false;
    const source = open();
    await clock.advance(0);
    hasCode = true;
    source.refresh();
    await clock.advance(0);
    expect(source.state().service).toBe('ok');
    source.destroy();
  });

  test('leaves nothing behind, also if it ends before the code has arrived', async () => {
    const early = open();
    early.destroy();
    await clock.advance(0);
    expect(early.service).toBeUndefined();
    hasCode = false;
    const failed = open();
    await clock.advance(0);
    failed.destroy();
    await clock.advance(60_000);
    expect([service.requests.length > 2, clock.pending]).toEqual([false, 0]);
  });
});
