import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { RelayNumbers } from '../../../../src/api/live-numbers.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { LiveNumbers } from '../../../../src/server/cache/live-numbers.ts';
import type { StoredLiveRow } from '../../../../src/store/store.ts';
import { relayNumbers } from '../../../support/server/live-numbers-examples.ts';

let clock: FakeClock;
let rows: readonly StoredLiveRow[];
let reads: number;
let read: () => Promise<readonly StoredLiveRow[]>;
let numbers: LiveNumbers;
let stop: AbortController;
let running: Promise<void>;
beforeEach(() => {
  clock = new FakeClock();
  rows = [];
  reads = 0;
  read = () => Promise.resolve(rows);
  numbers = new LiveNumbers({
    store: {
      liveNumbers: () => {
        reads += 1;
        return read();
      },
    },
    ...{ namespace: 'shop', clock, logger: silentLogger },
  });
  stop = new AbortController();
  running = numbers.run(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await running;
});

const row = (difference: Partial<StoredLiveRow> = {}): StoredLiveRow => ({
  ...{ namespace: 'shop', channelId: 'show', at: clock.now(), ageMs: 0, agoraViewers: 3, hlsViewers: 0 },
  report: reported(),
  ...difference,
});
const reported = (difference: Partial<RelayNumbers> = {}): RelayNumbers =>
  relayNumbers({ at: clock.now().toISOString(), ...difference });

test('the database is read every second while there are subscribers, and not at all otherwise', async () => {
  await clock.advance(60_000);
  expect(reads).toBe(0);
  let notified = 0;
  const unsubscribe = numbers.subscribe(() => (notified += 1));
  await clock.advance(20_000);
  expect(reads).toBe(20);
  expect(notified).toBe(20);
  unsubscribe();
  await clock.advance(60_000);
  expect(reads).toBe(20);
});

test('a query has recent numbers at once, which are then read for half a minute', async () => {
  await clock.advance(5_000);
  rows = [row()];
  await numbers.refresh();
  expect(numbers.of('show')).toMatchObject({ agoraViewers: 3, hlsViewers: 0, relay: { picture: 'live' } });
  await numbers.refresh();
  expect(reads).toBe(1);
  await clock.advance(120_000);
  expect(reads).toBeGreaterThanOrEqual(28);
  expect(reads).toBeLessThanOrEqual(32);
});

test('a query waits no longer than a second for a database that does not answer', async () => {
  const hanging = Promise.withResolvers<readonly StoredLiveRow[]>();
  read = () => hanging.promise;
  let isOver = false;
  const query = numbers.refresh().then(() => (isOver = true));
  await clock.advance(900);
  expect(isOver).toBe(false);
  await clock.advance(200);
  expect(isOver).toBe(true);
  await query;
  expect(numbers.of('show')).toBeUndefined();
  // The same read is still under way: a slow database has one from each replica.
  void numbers.refresh();
  await clock.advance(5_000);
  expect(reads).toBe(1);
  hanging.resolve([]);
});

test('a number that is older than 10 s is unknown, by its age in the database and since the read', async () => {
  rows = [row({ ageMs: 6_000 })];
  await numbers.refresh();
  read = () => Promise.reject(new Error('away'));
  await clock.advance(3_900);
  expect(numbers.of('show')).toBeDefined();
  await clock.advance(200);
  expect(numbers.of('show')).toBeUndefined();
});

test('a report that is older is unknown, while the viewers are known', async () => {
  const at = clock.now();
  const old = reported({ at: new Date(at.getTime() - 7_000).toISOString() });
  rows = [row({ at, ageMs: 2_000, report: old }), row({ channelId: 'older', at, ageMs: 3_500, report: old })];
  await numbers.refresh();
  expect(numbers.of('show')).toMatchObject({ agoraViewers: 3, relay: { health: 'good' } });
  expect(numbers.of('older')).toMatchObject({ agoraViewers: 3, relay: undefined });
});

test('the clocks of operator and service need not agree', async () => {
  const ahead = new Date(clock.now().getTime() + 3_600_000);
  rows = [row({ at: ahead, report: reported({ at: ahead.toISOString() }) })];
  await numbers.refresh();
  expect(numbers.of('show')).toMatchObject({ relay: { health: 'good' } });
});

test('a row that this version cannot read is left out, and the others are used', async () => {
  rows = [
    row({ channelId: 'other-version', report: { picture: 'hologram' } }),
    row({ channelId: 'text', report: 'nonsense' }),
    row({ channelId: 'negative', hlsViewers: -1 }),
    row({ channelId: 'no-relay', report: undefined }),
    row(),
  ];
  await numbers.refresh();
  for (const id of ['other-version', 'text', 'negative']) expect(numbers.of(id)).toBeUndefined();
  expect(numbers.of('no-relay')).toMatchObject({ agoraViewers: 3, relay: undefined });
  expect(numbers.of('show')).toMatchObject({ relay: { health: 'good' } });
});

test('the age of the numbers is unknown without subscribers and queries', async () => {
  expect(numbers.ageSeconds()).toBeUndefined();
  await numbers.refresh();
  read = () => Promise.reject(new Error('away'));
  await clock.advance(20_000);
  expect(numbers.ageSeconds()).toBe(20);
  await clock.advance(60_000);
  expect(numbers.ageSeconds()).toBeUndefined();
});
