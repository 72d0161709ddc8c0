import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { startOfHour } from '../../../../src/base/utc-time.ts';
import { Ledger, type LedgerLine } from '../../../../src/recorder/recording/ledger.ts';
import type { CostEntry, CostQuery } from '../../../../src/store/store.ts';
import { after, start, storeError } from '../examples.ts';

const key = { namespace: 'shop', channelId: 'show' };
const hour = 3_600;

/** The database's table, with its primary key. */
class Costs {
  readonly rows = new Map<string, CostEntry>();
  away = false;
  writes = 0;

  async setCosts(entries: readonly CostEntry[]): Promise<void> {
    if (this.away) throw storeError('Unavailable');
    this.writes += 1;
    for (const entry of entries) {
      const { namespace, channelId, hour: its, show, platform, line } = entry;
      this.rows.set([namespace, channelId, +its, +show, platform, line].join(), entry);
    }
  }

  async costsOf({ namespace, channelId, from, to }: CostQuery): Promise<readonly CostEntry[]> {
    if (this.away) throw storeError('Unavailable');
    return [...this.rows.values()].filter(
      (each) =>
        each.namespace === namespace &&
        (channelId === undefined || each.channelId === channelId) &&
        each.hour >= from &&
        each.hour < to,
    );
  }

  async spentOf(query: CostQuery & { readonly show?: Date }): Promise<number> {
    return (await this.costsOf(query))
      .filter(({ show }) => query.show === undefined || show.getTime() === query.show.getTime())
      .reduce((sum, { microDollars }) => sum + microDollars, 0);
  }

  get total(): number {
    return [...this.rows.values()].reduce((sum, { microDollars }) => sum + microDollars, 0);
  }
}

const line = (at: Date, microDollars: number, its = 'delivery'): LedgerLine => ({
  hour: startOfHour(at),
  platform: 'ivs-eu',
  line: its,
  perHour: microDollars * 360,
  unitMs: 10_000,
  missingMs: 0,
  estimated: true,
  prices: 'built-in',
});

let clock: FakeClock;
let costs: Costs;
let ledger: Ledger;
beforeEach(() => {
  clock = new FakeClock(after(5 * hour));
  costs = new Costs();
  ledger = new Ledger(clock, costs);
});

/** A sample at the present time with this cost. */
function note(microDollars: number, relayStartedAt?: Date): void {
  const at = clock.now();
  ledger.note(key, at, relayStartedAt, [line(at, microDollars)]);
}
/** Every ten seconds for this time. */
async function goOn(seconds: number, each = 100, its = ledger): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 10) {
    const at = clock.now();
    its.note(key, at, after(5 * hour), [line(at, each)]);
    await clock.advance(10_000);
  }
}

test('an hour and line is one entry, with the sum of its costs', async () => {
  await goOn(60);
  await ledger.run();
  expect([...costs.rows.values()]).toMatchObject([
    {
      ...key,
      hour: after(5 * hour),
      show: after(5 * hour),
      line: 'delivery',
      microDollars: 600,
      quantity: 60,
    },
  ]);
});

test('an unchanged entry is not written again', async () => {
  await goOn(60);
  await ledger.run();
  await ledger.run();
  expect(costs.writes).toBe(1);
});

test('repeated writes of the present hour do not add up', async () => {
  for (let round = 0; round < 6; round += 1) {
    await goOn(60);
    await ledger.run();
  }
  expect(costs.total).toBe(3_600);
});

test('however an hour is divided, it costs the same to the micro-dollar', async () => {
  const hourOfViewers = { ...line(clock.now(), 0), perHour: 72_001, unitMs: 3_600_000 };
  const parts = fc.uniqueArray(fc.integer({ min: 1, max: 3_599_999 }), { maxLength: 50 });
  await fc.assert(
    fc.asyncProperty(parts, async (cuts) => {
      costs = new Costs();
      ledger = new Ledger(clock, costs);
      const ends = [...cuts.toSorted((a, b) => a - b), 3_600_000];
      for (const [at, end] of ends.entries())
        ledger.note(key, clock.now(), undefined, [{ ...hourOfViewers, unitMs: end - (ends[at - 1] ?? 0) }]);
      await ledger.run();
      expect(costs.total).toBe(72_001);
      expect([...costs.rows.values()]).toMatchObject([{ quantity: 3_600 }]);
      expect(ledger.spent(key, 'hour', clock.now())).toBe(72_001);
    }),
    { numRuns: 50 },
  );
});

describe('missing time', () => {
  const missing = (): number[] => [...costs.rows.values()].map(({ missingSeconds }) => missingSeconds);
  const pod = (at: Date, missingMs = 0): LedgerLine => ({ ...line(at, 1, 'pod'), missingMs });

  test('is in the entry of its hour and line', async () => {
    const at = clock.now();
    ledger.note(key, at, undefined, [pod(at), { ...pod(at, 45_000), unitMs: 0 }]);
    await ledger.run();
    expect(missing()).toEqual([45]);
  });

  test('begins with the show, or with the hour if that is later', async () => {
    await clock.advance(600_000);
    const at = clock.now();
    ledger.note(key, at, after(5 * hour + 500), [pod(at)]);
    ledger.note({ ...key, channelId: 'older' }, at, start, [pod(at)]);
    await ledger.run();
    expect(missing()).toEqual([100, 600]);
  });

  test('excludes what an earlier leader has counted', async () => {
    const began = clock.now();
    for (let passed = 0; passed < 120; passed += 10) {
      ledger.note(key, clock.now(), began, [pod(clock.now())]);
      await clock.advance(10_000);
    }
    await ledger.run();
    await clock.advance(30_000);
    const next = new Ledger(clock, costs);
    next.note(key, clock.now(), began, [pod(clock.now())]);
    await next.run();
    expect([...costs.rows.values()]).toMatchObject([{ quantity: 130, missingSeconds: 30 }]);
  });
});

describe('a new leader', () => {
  test('continues with the entries of the present hour', async () => {
    await goOn(120);
    await ledger.run();
    const next = new Ledger(clock, costs);
    await goOn(60, 100, next);
    await next.run();
    expect(costs.total).toBe(1_800);
    expect(next.spent(key, 'hour', clock.now())).toBe(1_800);
  });

  test('continues with the present show, even if it began hours ago', async () => {
    const begin = clock.now();
    await goOn(4 * hour);
    await ledger.run();
    const next = new Ledger(clock, costs);
    await goOn(60, 100, next);
    await next.run();
    expect(next.showOf(key)).toEqual(begin);
    expect(new Set([...costs.rows.values()].map(({ show }) => show.getTime()))).toEqual(
      new Set([begin.getTime()]),
    );
    expect(next.spent(key, 'show', clock.now())).toBeUndefined(); // Requested, and read.
    await next.run();
    expect(next.spent(key, 'show', clock.now())).toBe((4 * 360 + 6) * 100);
  });

  test('writes nothing, and returns no sums, before it has read the existing entries', async () => {
    await goOn(60);
    await ledger.run();
    const next = new Ledger(clock, costs);
    costs.away = true;
    await goOn(60, 100, next);
    await expect(next.run()).rejects.toThrow();
    expect(next.spent(key, 'hour', clock.now())).toBeUndefined();
    costs.away = false;
    expect(costs.total).toBe(600);
    await next.run();
    expect(costs.total).toBe(1_200);
  });
});

test('while the database is unavailable costs are still counted, also past the full hour', async () => {
  await goOn(60);
  await ledger.run();
  costs.away = true;
  await clock.advance(hour * 1_000 - 120_000);
  await goOn(180);
  await expect(ledger.run()).rejects.toThrow();
  expect(ledger.spent(key, 'hour', clock.now())).toBe(1_200); // The next hour.
  costs.away = false;
  await ledger.run();
  expect(costs.total).toBe(2_400);
});

describe('a show', () => {
  test('continues during a break of some minutes', async () => {
    const show = ledger.note(key, clock.now(), undefined, []);
    await clock.advance(500_000);
    expect(ledger.note(key, clock.now(), clock.now(), [])).toEqual(show);
  });

  test('ends with a longer break, and the next one begins when media arrives', async () => {
    note(100);
    await clock.advance(700_000);
    const began = new Date(clock.now().getTime() - 5_000);
    note(30, began);
    await ledger.run();
    expect(ledger.showOf(key)).toEqual(began);
    expect(ledger.spent(key, 'show', clock.now())).toBe(30);
    expect(ledger.spent(key, 'hour', clock.now())).toBe(130);
  });
});

describe('a month', () => {
  test('contains all channels of the namespace, with earlier costs', async () => {
    const { perHour: _p, unitMs: _u, missingMs: _m, ...its } = line(start, 0);
    const figures = { microDollars: 5_000, quantity: 10, missingSeconds: 0 };
    const entry = { ...its, ...figures, ...key, channelId: 'other', show: start };
    await costs.setCosts([entry, { ...entry, namespace: 'elsewhere' }]);
    note(100);
    await ledger.run();
    expect(ledger.spent(key, 'month', clock.now())).toBeUndefined();
    await ledger.run();
    expect(ledger.spent(key, 'month', clock.now())).toBe(5_100);
    note(11);
    expect(ledger.spent({ ...key, channelId: 'third' }, 'month', clock.now())).toBe(5_111);
  });

  test('begins with its first hour, UTC', async () => {
    clock = new FakeClock(new Date('2026-01-31T23:59:50Z'));
    ledger = new Ledger(clock, costs);
    note(100);
    await ledger.run();
    await clock.advance(10_000);
    note(7);
    expect(ledger.spent(key, 'month', clock.now())).toBe(7);
  });
});

test('a correction of a past hour is in the sums of its month and its show', async () => {
  note(100, clock.now());
  await ledger.run();
  ledger.spent(key, 'month', clock.now());
  await ledger.run();
  expect(ledger.spent(key, 'month', clock.now())).toBe(100);
  expect(ledger.spent(key, 'show', clock.now())).toBe(100);
  const { hour: its, show } = [...costs.rows.values()][0] ?? { hour: start, show: start };
  ledger.correct({ ...key, hour: its, show }, 23);
  ledger.correct({ ...key, hour: its, show: start }, 1_000);
  ledger.correct({ ...key, hour: new Date('2025-12-31T23:00:00Z'), show: start }, 5);
  expect(ledger.spent(key, 'show', clock.now())).toBe(123);
  expect(ledger.spent(key, 'month', clock.now())).toBe(1_123);
});

test('past hours are dropped from memory once written, and still count', async () => {
  await goOn(60);
  await ledger.run();
  for (let round = 0; round < 4; round += 1) {
    for (let ten = 0; ten < 360; ten += 60) await goOn(600, 1);
    await ledger.run();
    await ledger.run();
  }
  expect(ledger.spent(key, 'show', clock.now())).toBe(costs.total);
});
