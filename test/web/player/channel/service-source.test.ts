/** @jest-environment node */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ServiceSource,
  type ServiceSourceOptions,
} from '../../../../src/web/player/channel/service-source.ts';
import { aQoeReport } from '../../../support/server/qoe-reports.ts';
import type { PlayerReport } from '../../../../src/web/player/qoe/report-quality.ts';
import { FakeClock } from '../fake-clock.ts';
import { channelView, FakeService, json, playbackView } from '../fake-service.ts';

let clock: FakeClock;
let service: FakeService;
let source: ServiceSource | undefined;

beforeEach(() => {
  clock = new FakeClock();
  service = new FakeService();
  service.answers.set('', () => json(channelView()));
  service.answers.set('/playback', () => json(playbackView()));
});
afterEach(() => {
  source?.destroy();
});

function open(options: Partial<ServiceSourceOptions> = {}): ServiceSource {
  source = new ServiceSource({
    api: `${service.api}/`,
    channelId: service.channelId,
    ticket: async () => 'ticket-1',
    fetch: service.fetch,
    clock,
    random: () => 0.5,
    ...options,
  });
  return source;
}

/** Streams and timers of the platform settle outside of the fake clock. */
async function settle(milliseconds = 0): Promise<void> {
  await clock.advance(milliseconds);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await clock.advance(0);
}

test('a channel on air has its address, its mode and its expected delay', async () => {
  const opened = open();
  expect(opened.state().service).toBe('unknown');
  await settle();
  expect(opened.state()).toEqual({
    service: 'ok',
    url: 'https://cdn.example/a.m3u8',
    stream: 'https://cdn.example/a.m3u8',
    onAir: true,
    wanted: true,
    failing: false,
    begun: true,
    mode: 'hybrid',
    modeAt: undefined,
    refused: undefined,
    expectedLatencySeconds: 6,
  });
  expect(service.requests.map(({ ticket }) => ticket)).toEqual(['ticket-1', 'ticket-1', 'ticket-1']);
});

test('a public channel needs no ticket: its relay and its address are polled', async () => {
  service.answers.set('/relay', () =>
    json({ isActive: true, wanted: true, status: 'active', startedAt: null, channelExists: true }),
  );
  const opened = open({ ticket: undefined });
  await settle();
  expect(service.takePaths()).toEqual(['/relay', '/playback']);
  expect(opened.state()).toMatchObject({ onAir: true, url: 'https://cdn.example/a.m3u8' });
  await settle(10_000);
  expect(service.takePaths()).toEqual(['/relay']);
});

describe('with events', () => {
  beforeEach(() => service.openEvents());

  test('nothing is polled, and each change arrives at once', async () => {
    const opened = open();
    await settle();
    service.send('1', 'snapshot', { channel: channelView() });
    await settle();
    service.takePaths();
    await settle(30_000);
    expect(service.takePaths()).toEqual([]);
    service.send('2', 'status', { channel: channelView({}, { isActive: false, status: 'error' }) });
    await settle();
    expect(opened.state()).toMatchObject({ onAir: false, failing: true });
  });

  test('a migration brings another address', async () => {
    const opened = open();
    await settle();
    service.answers.set('/playback', () => json(playbackView({ hlsUrl: 'https://other.example/b.m3u8' })));
    service.answers.set('', () => json(channelView({ playbackUrl: 'https://other.example/b.m3u8' })));
    service.send('1', 'status', { channel: channelView({ playbackUrl: 'https://other.example/b.m3u8' }) });
    await settle(2_500);
    expect(opened.state()).toMatchObject({
      url: 'https://other.example/b.m3u8',
      stream: 'https://other.example/b.m3u8',
    });
  });

  test('an announced mode holds although the channel still has the old one', async () => {
    const opened = open();
    await settle();
    service.send('1', 'mode', { mode: 'agora-only', at: '2026-01-01T00:00:30Z', message: '' });
    service.send('2', 'status', { channel: channelView() });
    await settle();
    expect(opened.state()).toMatchObject({ mode: 'agora-only', modeAt: Date.parse('2026-01-01T00:00:30Z') });
    // The decision was taken back.
    await settle(31_000);
    service.send('3', 'status', { channel: channelView() });
    await settle();
    expect(opened.state()).toMatchObject({ mode: 'hybrid', modeAt: undefined });
  });

  test('a stream that ends goes on after its last event, with another ticket if that has expired', async () => {
    const tickets = ['ticket-1', 'ticket-2'];
    open({ ticket: async () => tickets.shift() ?? 'none' });
    await settle();
    service.send('41', 'snapshot', { channel: channelView() });
    service.send('42', 'ticket-expired', {});
    await settle();
    service.endEvents();
    service.requests.splice(0);
    await settle(3_000);
    const [again] = service.requests.filter(({ path }) => path === '/events');
    expect(again).toMatchObject({ lastEventId: '42', ticket: 'ticket-2' });
  });

  test('a stream without heartbeats is given up, and polls fill the gap', async () => {
    open();
    await settle();
    service.send('1', 'snapshot', { channel: channelView() });
    await settle();
    service.answers.delete('/events');
    service.takePaths();
    await settle(41_000);
    await settle(12_000);
    expect(service.takePaths()).toEqual(expect.arrayContaining(['', '/events']));
  });

  test('the end of a channel is final until it exists again', async () => {
    const opened = open();
    await settle();
    service.send('1', 'ended', {});
    await settle();
    expect(opened.state()).toMatchObject({ begun: true, onAir: false, wanted: false, url: undefined });
  });
});

describe('a ticket', () => {
  test('that has expired is renewed, and the request repeated', async () => {
    const tickets = ['old', 'new'];
    service.answers.set('', () =>
      service.requests.at(-1)?.ticket === 'old' ? json({ code: 'ticket-expired' }, 401) : json(channelView()),
    );
    const opened = open({ ticket: async () => tickets.shift() ?? 'none' });
    await settle();
    expect(opened.state()).toMatchObject({ service: 'ok', refused: undefined, onAir: true });
  });

  test.each([
    [401, 'ticket-expired', 'ticket-expired'],
    [401, 'not-authenticated', 'not-authenticated'],
    [403, 'not-allowed', 'not-allowed'],
    [404, 'channel-not-found', 'not-found'],
  ])('that is answered with %d %s refuses the viewer', async (status, code, refused) => {
    service.answers.set('', () => json({ code }, status));
    const opened = open();
    await settle();
    expect(opened.state().refused).toBe(refused);
    // Allowed again, such as after the channel was created.
    service.answers.set('', () => json(channelView()));
    await settle(15_000);
    expect(opened.state()).toMatchObject({ refused: undefined, onAir: true });
  });

  test('that the app cannot get leaves the service away, and is requested again', async () => {
    let fails = true;
    const opened = open({ ticket: async () => (fails ? Promise.reject(new Error('app')) : 'ticket-1') });
    await settle();
    expect(opened.state().service).toBe('away');
    fails = false;
    await settle(15_000);
    expect(opened.state().service).toBe('ok');
  });
});

describe('a service that fails', () => {
  test('leaves the address in place', async () => {
    const opened = open();
    await settle();
    service.answers.set('', () => json({ code: 'internal' }, 500));
    for (let count = 0; count < 3; count++) await settle(13_000);
    expect(opened.state()).toMatchObject({ service: 'away', url: 'https://cdn.example/a.m3u8' });
  });

  test.each([
    ['a page of a gateway', () => new Response('<html>')],
    ['the shape of another service', () => json({ relay: 5 })],
    ['an endless answer', () => json({ text: 'x'.repeat(300_000) })],
  ])('with %s is away', async (_what, answer) => {
    service.answers.set('', answer);
    const opened = open();
    await settle();
    expect(opened.state()).toMatchObject({ service: 'away', url: undefined });
  });

  test('and names a delay is left alone for that time', async () => {
    service.answers.set('', () => json({ code: 'too-many-requests' }, 429, { 'retry-after': '60' }));
    open();
    await settle();
    service.takePaths();
    await settle(50_000);
    expect(service.takePaths()).not.toContain('');
    await settle(15_000);
    expect(service.takePaths()).toContain('');
  });
});

test('a channel on Agora only says so, and has its address as soon as that changes', async () => {
  service.answers.set('', () => json(channelView({ effectiveStreamMode: null, playbackUrl: null })));
  service.answers.set('/playback', () => json({ code: 'agora-only' }, 409));
  const opened = open();
  await settle();
  expect(opened.state()).toMatchObject({ mode: 'agora-only', url: undefined });
  service.answers.set('', () => json(channelView()));
  service.answers.set('/playback', () => json(playbackView()));
  await settle(15_000);
  expect(opened.state()).toMatchObject({ mode: 'hybrid', url: 'https://cdn.example/a.m3u8' });
});

test('a signed address is renewed at 80% of its life, and stays the same stream', async () => {
  let count = 0;
  service.answers.set('/playback', () =>
    json(
      playbackView({
        hlsUrl: `https://cdn.example/a.m3u8?token=${String(++count)}`,
        expiresAt: new Date(clock.now().getTime() + 100_000).toISOString(),
      }),
    ),
  );
  const opened = open();
  await settle();
  const { stream } = opened.state();
  await settle(79_000);
  expect(count).toBe(1);
  await settle(2_000);
  expect(opened.state()).toMatchObject({ url: 'https://cdn.example/a.m3u8?token=2', stream });
});

test('problems of playback ask the service at a bounded pace', async () => {
  const opened = open();
  await settle();
  service.takePaths();
  for (let count = 0; count < 100; count++) {
    opened.refresh();
    await clock.advance(100);
  }
  expect(service.takePaths().filter((path) => path === '').length).toBeLessThanOrEqual(6);
});

test('the clock of the service is known where its answers may be read', async () => {
  const date = new Date(clock.now().getTime() + 60_000).toUTCString();
  service.answers.set('', () => json(channelView(), 200, { date }));
  const opened = open();
  expect(opened.clockSkewMs()).toBeUndefined();
  await settle();
  expect(opened.clockSkewMs()).toBe(60_500);
});

test('a report of a problem is sent with its kind, and with what the player measures', async () => {
  service.answers.set('/feedback', () => new Response(null, { status: 204 }));
  const opened = open();
  await settle();
  const { v: _, sid: __, seq: ___, ...qoe } = aQoeReport();
  opened.report('lag', undefined);
  opened.report('sound', qoe);
  await settle();
  const sent = service.requests.filter(({ path }) => path === '/feedback');
  expect(sent).toMatchObject([{ method: 'POST', body: '{"kind":"lag"}' }, { method: 'POST' }]);
  expect(JSON.parse(sent[1]?.body ?? '')).toEqual({ kind: 'sound', qoe });
});

const report: PlayerReport = {
  ...{ v: 1, sid: '0123456789abcdef', seq: 3, rate: 1, dur: 30, playing: 29, stalled: 1, stalls: 1 },
  ...{ switches: 0, dropped: 0, frames: 725, state: 'playing', visible: true },
};

test('a report of quality has the ticket in its header, and its answer is the share of players', async () => {
  const opened = open();
  await settle();
  for (const [body, share] of [
    [{ sampleRate: 0.25 }, 0.25],
    [{ sampleRate: -1 }, undefined],
    [{ sampleRate: 'all' }, undefined],
    [null, undefined],
  ] as const) {
    service.answers.set('/qoe', () => json(body));
    const answer = opened.sendQuality(report, false);
    await settle();
    expect(await answer).toBe(share);
  }
  const request = service.requests.find(({ path }) => path === '/qoe');
  expect(request).toMatchObject({ method: 'POST', ticket: 'ticket-1' });
  expect(JSON.parse(request?.body ?? '')).toEqual(report);
});

test('the last report is a beacon with the ticket in its body', async () => {
  const beacons: [string, Blob][] = [];
  Object.defineProperty(navigator, 'sendBeacon', {
    configurable: true,
    value: (url: string, body: Blob) => beacons.push([url, body]),
  });
  const opened = open();
  await settle();
  expect(await opened.sendQuality(report, true)).toBeUndefined();
  const [url, body] = beacons[0] ?? [];
  expect(url).toBe('https://api.example/v1/channels/show%201/qoe');
  expect(body?.type).toBe('text/plain');
  expect(JSON.parse((await body?.text()) ?? '')).toEqual({ ...report, ticket: 'ticket-1' });
  expect(beacons).toHaveLength(1);
});

test('a source that is destroyed requests nothing more', async () => {
  service.openEvents();
  const opened = open();
  await settle();
  opened.destroy();
  service.takePaths();
  await settle(60_000);
  expect(service.takePaths()).toEqual([]);
  expect(clock.pending).toBe(0);
});
