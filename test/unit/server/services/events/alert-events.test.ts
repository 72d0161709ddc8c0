import { beforeEach, expect, test } from '@jest/globals';
import { silentLogger } from '../../../../../src/base/logger.ts';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import { AlertFeed } from '../../../../../src/server/cache/alert-feed.ts';
import { serverEventSchema, type ServerEvent } from '../../../../../src/server/contract/events.ts';
import { EventHub } from '../../../../../src/server/services/events/event-hub.ts';
import type { Alert, AlertChange } from '../../../../../src/store/store.ts';
import { aCachedChannel } from '../../../../support/server/cached-channel.ts';

const clock = new FakeClock();
const anAlert = (id: string, difference: Partial<Alert> = {}): Alert => ({
  ...{
    id,
    namespace: 'shop',
    channelId: 'a',
    platform: 'origin',
    raisedAt: clock.now(),
    resolvedAt: undefined,
  },
  ...{ kind: 'ChannelOffAir', severity: 'critical', message: 'off air', occasion: id },
  ...difference,
});

let open: Alert[];
let changes: AlertChange[];
let available: boolean;
let feed: AlertFeed;
let hub: EventHub;
beforeEach(() => {
  open = [];
  changes = [];
  available = true;
  feed = new AlertFeed({
    store: {
      alerts: async () => open,
      alertChanges: async (_, after, most) => {
        if (!available) throw new Error('the database is away');
        const newest = changes.at(-1)?.change ?? 0;
        if (after === undefined) return { changes: [], newest };
        const found = changes.filter(({ change }) => change > after).slice(0, most);
        return { changes: found, newest: found.at(-1)?.change ?? after };
      },
    },
    namespace: 'shop',
    clock,
    logger: silentLogger,
  });
  hub = new EventHub({
    cache: {
      channel: (id) => (id === 'a' ? aCachedChannel('a') : undefined),
      *channelsAfter() {
        yield aCachedChannel('a');
      },
      subscribe: () => () => {},
    },
    numbers: { of: () => undefined, subscribe: () => () => {} },
    alerts: feed,
    clock,
    mostSubscribers: 10,
  });
});

/** What subscribers to all channels and to one channel receive. */
async function follow(during: () => Promise<void>, lastEventId?: string) {
  const stop = new AbortController();
  const reading = [undefined, 'a'].map(async (id) => {
    const events: ServerEvent[] = [];
    for await (const event of hub.subscribe(id, lastEventId, stop.signal))
      events.push(serverEventSchema.parse(event));
    return events;
  });
  const polling = feed.run(stop.signal);
  await clock.advance(0);
  await during();
  await clock.advance(5_000);
  stop.abort();
  await polling;
  const [all = [], one = []] = await Promise.all(reading);
  return { all, one };
}

test('an alert reaches those who may see all channels, and not a buyer of the channel', async () => {
  const { all, one } = await follow(async () => {
    changes.push({ alert: anAlert('1'), change: 1 });
    await clock.advance(5_000);
    changes.push({ alert: anAlert('1', { resolvedAt: clock.now() }), change: 2 });
  });
  expect(all.map(({ type }) => type)).toEqual(['snapshot', 'alert', 'alert']);
  expect(all[1]).toMatchObject({ alert: { id: '1', channelId: 'a', platform: 'origin', resolvedAt: null } });
  expect(all[2]).toMatchObject({ alert: { id: '1', resolvedAt: expect.any(String) } });
  expect(one.map(({ type }) => type)).toEqual(['snapshot']);
});

test('a new subscriber receives the open alerts after the snapshots, and those that were resolved recently', async () => {
  open = [
    anAlert('2', { namespace: undefined, channelId: undefined, kind: 'PlatformNotReady' }),
    anAlert('1'),
  ];
  await follow(async () => {
    changes.push({ alert: anAlert('1', { resolvedAt: clock.now() }), change: 1 });
  });
  const { all } = await follow(async () => undefined);
  expect(all.slice(0, 3)).toMatchObject([
    { type: 'snapshot' },
    { alert: { id: '2', channelId: null, platform: 'origin' } },
    { alert: { id: '1', resolvedAt: expect.any(String) } },
  ]);
});

test('alerts have an id that a subscriber can resume from, without losing the snapshots', async () => {
  open = [anAlert('1')];
  await follow(async () => undefined);
  const { all } = await follow(async () => undefined);
  expect(all.map(({ id }) => id)).toEqual([all[0]?.id, all[0]?.id]);
});

test('alerts of an outage of the database follow when it is back', async () => {
  const { all } = await follow(async () => {
    available = false;
    changes.push({ alert: anAlert('1'), change: 1 });
    await clock.advance(10_000);
    available = true;
  });
  expect(all.map(({ type }) => type)).toEqual(['snapshot', 'alert']);
});

test('a resolved alert is forgotten after half an hour', async () => {
  await follow(async () => {
    changes.push({ alert: anAlert('1', { resolvedAt: clock.now() }), change: 1 });
    await clock.advance(5_000);
    expect(feed.current()).toHaveLength(1);
    await clock.advance(1_800_000);
  });
  expect(feed.current()).toEqual([]);
});
