/** @jest-environment node */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  SellerSession,
  type SellerSessionOptions,
} from '../../../../src/web/seller/channel/seller-session.ts';
import { FakeClock } from '../../player/fake-clock.ts';
import { FakeService, json } from '../../player/fake-service.ts';
import { deliveryView, metricsView, numbersEvent, qoeView, sellerChannel } from '../fake-answers.ts';

let clock: FakeClock;
let service: FakeService;
let session: SellerSession | undefined;

beforeEach(() => {
  clock = new FakeClock();
  service = new FakeService();
  service.answers.set('', () => json(sellerChannel()));
  service.answers.set('/qoe', () => json(qoeView()));
  service.answers.set('/metrics', () => json(metricsView));
  service.answers.set('/delivery-options', () => json(deliveryView));
  service.openEvents();
});
afterEach(() => {
  session?.destroy();
});

const ticketWith = (claims: object): string => `head.${btoa(JSON.stringify(claims))}.signature`;

function open(options: Partial<SellerSessionOptions> = {}): SellerSession {
  session = new SellerSession({
    api: service.api,
    channelId: service.channelId,
    ticket: async () => ticketWith({ role: 'seller', grants: ['stop'] }),
    fetch: service.fetch,
    clock,
    random: () => 0.5,
    ...options,
  });
  return session;
}

/** Streams settle outside of the fake clock. */
async function settle(milliseconds = 0): Promise<void> {
  await clock.advance(milliseconds);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await clock.advance(0);
}

/** A show on air of which a report has just arrived. */
async function onAir(options: Partial<SellerSessionOptions> = {}): Promise<SellerSession> {
  const opened = open(options);
  await settle();
  service.send('1', 'snapshot', { channel: sellerChannel() });
  service.send('2', 'numbers', numbersEvent());
  await settle();
  return opened;
}

test('a show on air has everything that its seller sees', async () => {
  const opened = open();
  expect(opened.snapshot()).toMatchObject({ service: 'connecting', health: { level: 'unknown' } });
  await settle();
  service.send('1', 'snapshot', { channel: sellerChannel() });
  service.send('2', 'numbers', numbersEvent());
  await settle();
  expect(opened.snapshot()).toEqual({
    service: 'ok',
    health: { level: 'good', buyersReport: true },
    channel: expect.objectContaining({ status: 'active', mode: 'hybrid', platform: 'ivs' }),
    announced: undefined,
    viewers: { hls: 412, agora: 12 },
    numbersAge: 0,
    media: expect.objectContaining({ inKbps: 2_500, frameRate: 30, keyframeSeconds: 2, soundLateMs: 20 }),
    buyers: { connected: 46, watching: 41, sessions: 44, stalledShare: 0.002, latencySeconds: 5 },
    buyersAge: 0,
    delay: { seconds: 6, measured: true },
    history: [
      { at: Date.parse('2026-01-01T00:58:00Z'), hls: undefined, agora: 10, kbps: 2_400, health: 'good' },
    ],
    delivery: expect.objectContaining({ chosen: 'hls-only', breakEvenViewers: 3 }),
    canStart: false,
    canStop: true,
    change: undefined,
  });
});

describe('what is unknown', () => {
  test('figures that are older than 10 s are unknown, and not 0', async () => {
    const opened = await onAir();
    await settle(8_000);
    expect(opened.snapshot()).toMatchObject({
      numbersAge: 8,
      viewers: { hls: 412 },
      health: { level: 'good' },
    });
    await settle(3_000);
    expect(opened.snapshot()).toMatchObject({
      ...{ numbersAge: undefined, media: undefined, viewers: { hls: undefined, agora: undefined } },
      health: { level: 'unknown', reason: 'no-report' },
    });
  });

  test('a number that the service does not know, or that is none, stays unknown', async () => {
    const opened = await onAir();
    for (const hlsViewers of [null, -1, 'many', 1e300]) {
      service.send('3', 'numbers', numbersEvent({ hlsViewers }));
      await settle();
      expect(opened.snapshot().viewers).toEqual({ hls: undefined, agora: 12 });
    }
  });

  test('a report that was old when it was sent is as old here, whatever the time of this device', async () => {
    const opened = await onAir();
    service.send('3', 'numbers', numbersEvent({}, { at: '2025-12-31T23:59:00.000Z' }));
    await settle();
    expect(opened.snapshot()).toMatchObject({ viewers: { hls: 412 }, media: undefined });
  });

  test('how many players there are before one has reported', async () => {
    service.answers.set('/qoe', () =>
      json(qoeView({ connected: null, watching: null, sessions: 0, stalledRatio: null, minutes: [] })),
    );
    const opened = await onAir();
    expect(opened.snapshot()).toMatchObject({
      buyers: { connected: undefined, watching: undefined, sessions: 0, stalledShare: undefined },
      health: { level: 'good', buyersReport: false },
    });
  });

  test('answers that are not those of the service are not shown', async () => {
    for (const path of ['', '/qoe', '/metrics', '/delivery-options'])
      service.answers.set(path, () => json({ points: 7, options: 'none', relay: [] }));
    const opened = open();
    await settle();
    expect(opened.snapshot()).toMatchObject({
      ...{ channel: undefined, history: undefined, delivery: undefined, buyers: undefined },
      health: { level: 'unknown' },
    });
  });
});

describe('the service', () => {
  test('a refused ticket is said', async () => {
    service.answers.set('', () => json({ code: 'not-allowed' }, 403));
    service.answers.delete('/events');
    const opened = open();
    await settle();
    expect(opened.snapshot().health).toEqual({ level: 'unknown', reason: 'refused' });
  });

  test('an outage is said, and over when the service answers again', async () => {
    const opened = await onAir();
    service.answers.delete('');
    service.answers.delete('/events');
    service.endEvents();
    await settle();
    await settle(12_000);
    expect(opened.snapshot().health).toEqual({ level: 'unknown', reason: 'no-connection' });
    service.answers.set('', () => json(sellerChannel({}, { status: 'stopped', wanted: false })));
    await settle(6_000);
    expect(opened.snapshot().health).toEqual({ level: 'off', reason: 'stopped' });
  });

  test('while events arrive, the channel is not polled', async () => {
    await onAir();
    service.takePaths();
    await settle(20_000);
    expect(service.takePaths()).not.toContain('');
  });

  test('an expired ticket is renewed, with what the new one grants', async () => {
    const tickets = [
      { role: 'seller', grants: [] },
      { role: 'seller', grants: ['start', 'stop'] },
    ];
    const opened = await onAir({ ticket: async () => ticketWith(tickets.shift() ?? {}) });
    expect(opened.snapshot()).toMatchObject({ canStart: false, canStop: false });
    service.send('3', 'ticket-expired', {});
    await settle();
    service.endEvents();
    await settle(3_000);
    expect(opened.snapshot()).toMatchObject({ canStart: true, canStop: true });
  });

  test('the end of the channel is the end of the show', async () => {
    const opened = await onAir();
    service.send('3', 'ended', {});
    await settle();
    expect(opened.snapshot().health).toEqual({ level: 'off', reason: 'ended' });
  });

  test('an announced mode is known until it holds', async () => {
    const opened = await onAir();
    service.send('3', 'mode', { mode: 'agora-only', at: '2026-01-01T00:00:30Z', message: '' });
    await settle();
    const at = Date.parse('2026-01-01T00:00:30Z');
    expect(opened.snapshot().announced).toEqual({ mode: 'agora-only', at });
    service.send('4', 'status', { channel: sellerChannel({ effectiveStreamMode: 'agora-only' }) });
    await settle();
    expect(opened.snapshot()).toMatchObject({ announced: undefined, health: { level: 'off' } });
  });
});

describe('what the seller does', () => {
  test.each([
    ['setMode', 'mode', 'PATCH', '', { streamMode: 'agora-only' }],
    ['start', 'start', 'PUT', '/relay', undefined],
    ['stop', 'stop', 'DELETE', '/relay', undefined],
  ] as const)('%s', async (command, kind, method, path, body) => {
    const opened = await onAir();
    service.requests.splice(0);
    let answer: ((response: Response) => void) | undefined;
    service.answers.set(path, () => new Promise((resolve) => (answer = resolve)));
    if (command === 'setMode') opened.setMode('agora-only');
    else opened[command]();
    await settle();
    expect(opened.snapshot().change).toEqual({ kind, state: 'pending' });
    // Pressed twice, it is sent once.
    opened.stop();
    const sent = service.requests.filter((request) => request.method !== 'GET');
    expect(sent.map((request) => [request.method, request.path, request.body])).toEqual([
      [method, path, body && JSON.stringify(body)],
    ]);
    answer?.(json(sellerChannel()));
    await settle();
    expect(opened.snapshot().change).toBeUndefined();
  });

  test('a change that the service refuses is said', async () => {
    const opened = await onAir();
    service.answers.set('/relay', () => json({ code: 'not-allowed' }, 403));
    opened.stop();
    await settle();
    expect(opened.snapshot().change).toEqual({ kind: 'stop', state: 'failed' });
  });

  test("the app's own figures count, and grow old", async () => {
    const opened = await onAir();
    opened.setAgora({ uplinkQuality: 5, at: clock.now().getTime() });
    expect(opened.snapshot().health).toMatchObject({ level: 'poor', causes: [{ key: 'uplink' }] });
    opened.setAgora({ uplinkQuality: 99, sendLossPercent: Number.NaN, at: clock.now().getTime() });
    await settle(9_000);
    service.send('3', 'numbers', numbersEvent());
    await settle(2_000);
    expect(opened.snapshot().health).toMatchObject({ level: 'good' });
  });
});

test('subscribers are called for what changes, and nothing is left when it is closed', async () => {
  const opened = await onAir();
  let calls = 0;
  const stop = opened.subscribe(() => calls++);
  await settle(1_000);
  expect(calls).toBe(1);
  stop();
  await settle(1_000);
  expect(calls).toBe(1);
  opened.destroy();
  await settle();
  expect(clock.pending).toBe(0);
});
