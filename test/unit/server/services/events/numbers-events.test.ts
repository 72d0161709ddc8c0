import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { channelIdOf } from '../../../../../src/api/channel-id.ts';
import type { LiveChannel } from '../../../../../src/api/live-channel.ts';
import { silentLogger } from '../../../../../src/base/logger.ts';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import type { Change } from '../../../../../src/kube/reflector.ts';
import { LiveNumbers } from '../../../../../src/server/cache/live-numbers.ts';
import { serverEventSchema, type ServerEvent } from '../../../../../src/server/contract/events.ts';
import { EventHub } from '../../../../../src/server/services/events/event-hub.ts';
import type { StoredLiveRow } from '../../../../../src/store/store.ts';
import { aChannel } from '../../../../support/channel/channel-examples.ts';
import { relayNumbers } from '../../../../support/server/live-numbers-examples.ts';

let clock: FakeClock;
let channels: LiveChannel[];
let notifyOfChange: (change: Change<LiveChannel>) => void;
let rows: StoredLiveRow[];
let reads: number;
let hub: EventHub;
let stop: AbortController;
let running: Promise<void>;
const sent: string[] = [];
beforeEach(() => {
  clock = new FakeClock();
  channels = [
    named('on-air', 'active'),
    named('wanted', 'starting'),
    named('off', 'stopped', { suspend: true }),
  ];
  rows = [];
  reads = 0;
  sent.length = 0;
  const live = new LiveNumbers({
    store: {
      liveNumbers: async () => {
        reads += 1;
        return rows;
      },
    },
    ...{ namespace: 'shop', clock, logger: silentLogger },
  });
  hub = new EventHub({
    cache: {
      channel: (id) => channels.find(({ metadata }) => channelIdOf(metadata) === id),
      *channelsAfter() {
        yield* channels;
      },
      subscribe: (notify) => {
        notifyOfChange = notify;
        return () => undefined;
      },
    },
    numbers: { of: () => undefined, subscribe: () => () => undefined },
    live,
    clock,
    mostSubscribers: 10,
    onEvent: (type) => sent.push(type),
  });
  stop = new AbortController();
  running = live.run(stop.signal);
});
afterEach(async () => {
  hub[Symbol.dispose]();
  stop.abort();
  await running;
});

function named(
  name: string,
  relayStatus: 'active' | 'starting' | 'stopped',
  spec: { readonly suspend?: boolean } = {},
): LiveChannel {
  return aChannel({ metadata: { name, resourceVersion: '7' }, spec, status: { relayStatus } });
}
function measure(channelId: string): void {
  const report = relayNumbers({ at: clock.now().toISOString(), outBitrateKbps: 2_000, health: 'fair' });
  const found = { namespace: 'shop', channelId, at: clock.now(), ageMs: 0, agoraViewers: 0, hlsViewers: 12 };
  rows = [...rows.filter((row) => row.channelId !== channelId), { ...found, report }];
}
/** Subscribes; returns what the subscriber has received, and its end. */
function follow(id: string | undefined, withNumbers: boolean) {
  const end = new AbortController();
  const events: ServerEvent[] = [];
  const reading = (async () => {
    for await (const event of hub.subscribe(id, undefined, end.signal, withNumbers))
      events.push(serverEventSchema.parse(event));
  })();
  const numbers = () => events.flatMap((event) => (event.type === 'numbers' ? [event] : []));
  return {
    events,
    numbers,
    async end() {
      end.abort();
      await reading;
    },
  };
}

test('subscribers to all channels receive those on air or wanted in one event, without media', async () => {
  const all = follow(undefined, true);
  measure('on-air');
  await clock.advance(2_000);
  expect(all.numbers().at(-1)).toMatchObject({
    at: clock.now().toISOString(),
    channels: [
      { channelId: 'on-air', agoraViewers: 0, hlsViewers: 12, bitrateKbps: 2_000, health: 'fair' },
      { channelId: 'wanted', agoraViewers: null, hlsViewers: null, bitrateKbps: null, health: null },
    ],
  });
  expect(JSON.stringify(all.numbers())).not.toContain('media');
  await clock.advance(20_000);
  expect(all.numbers()).toHaveLength(11);
  await all.end();
});

test('a seller receives a new report of the relay with the next read, and otherwise the numbers every 2 s', async () => {
  measure('on-air');
  const seller = follow('on-air', true);
  const other = follow('wanted', true);
  await clock.advance(0);
  const before = seller.numbers().length;
  for (let second = 0; second < 10; second++) {
    measure('on-air');
    await clock.advance(1_000);
  }
  expect(seller.numbers().length - before).toBe(10);
  expect(other.numbers().length).toBeLessThanOrEqual(6);
  await clock.advance(10_000);
  expect(seller.numbers().length - before).toBeLessThanOrEqual(16);
  await Promise.all([seller.end(), other.end()]);
});

test('a seller receives the channel with what its relay reports', async () => {
  measure('on-air');
  const seller = follow('on-air', true);
  await clock.advance(10_000);
  expect(seller.numbers().length).toBeGreaterThanOrEqual(5);
  expect(seller.numbers()[0]?.channels).toMatchObject([
    { channelId: 'on-air', hlsViewers: 12, media: { picture: 'live', outBitrateKbps: 2_000, restarts: 0 } },
  ]);
  // The recorder is gone: everything is unknown, and nothing is 0.
  const late = { agoraViewers: null, hlsViewers: null, bitrateKbps: null, health: null, media: null };
  rows = [];
  await clock.advance(2_000);
  expect(seller.numbers().at(-1)?.channels).toMatchObject([late]);
  await seller.end();
});

test('a buyer receives none, and the database is not read for buyers', async () => {
  const buyer = follow('on-air', false);
  await clock.advance(10_000);
  expect(buyer.events.map(({ type }) => type)).toEqual(['snapshot']);
  expect(reads).toBe(0);
  await buyer.end();
});

test('the database is no longer read when the last subscriber has left', async () => {
  const [all, seller] = [follow(undefined, true), follow('on-air', true)];
  await clock.advance(4_000);
  await all.end();
  const before = reads;
  await clock.advance(4_000);
  expect(reads).toBe(before + 4);
  await seller.end();
  await clock.advance(20_000);
  expect(reads).toBe(before + 4);
});

test('an event for all channels is sent once, however many receive it, and one for each channel', async () => {
  const followers = [
    follow(undefined, true),
    follow(undefined, true),
    follow('on-air', true),
    follow('wanted', true),
  ];
  await clock.advance(0);
  sent.length = 0;
  await clock.advance(2_000);
  expect(sent.filter((type) => type === 'numbers')).toHaveLength(3);
  await Promise.all(followers.map((each) => each.end()));
});

test('a subscriber that does not read receives the newest numbers only, after everything else', async () => {
  const end = new AbortController();
  const events = hub.subscribe('on-air', undefined, end.signal, true)[Symbol.asyncIterator]();
  expect((await events.next()).value).toMatchObject({ type: 'snapshot' });
  for (let count = 0; count < 1_000; count++) {
    measure('on-air');
    await clock.advance(1_000);
  }
  const [before] = channels;
  const object = named('on-air', 'stopped');
  if (before === undefined) throw new Error('there is no channel');
  notifyOfChange({ type: 'updated', object, previous: before, initial: false });
  const next = [(await events.next()).value, (await events.next()).value] as ServerEvent[];
  expect(next).toMatchObject([
    { type: 'status' },
    { type: 'numbers', at: clock.now().toISOString(), channels: [{ hlsViewers: 12 }] },
  ]);
  await events.return?.();
});

test('numbers are not repeated for a subscriber that resumes', async () => {
  const first = follow('on-air', true);
  measure('on-air');
  await clock.advance(4_000);
  const last = first.events.at(-1);
  await first.end();
  expect(last?.type).toBe('numbers');
  const [before] = channels;
  if (before === undefined) throw new Error('there is no channel');
  const object = aChannel({
    metadata: { name: 'on-air', resourceVersion: '8' },
    status: { relayStatus: 'stopped' },
  });
  notifyOfChange({ type: 'updated', object, previous: before, initial: false });
  const end = new AbortController();
  const events = hub.subscribe('on-air', last?.id, end.signal, true)[Symbol.asyncIterator]();
  const resumed = (await events.next()).value as ServerEvent;
  expect(['status', 'snapshot']).toContain(resumed.type);
  await events.return?.();
});
