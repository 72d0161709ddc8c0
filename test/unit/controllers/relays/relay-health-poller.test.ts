import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { RelayReport } from '../../../../src/api/relay-contract.ts';
import {
  RelayHealthPoller,
  slowPollIntervalMs,
} from '../../../../src/controllers/relays/relay-health-poller.ts';
import type { RelayReports } from '../../../../src/controllers/relays/relay-reports.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { aPod, aReport, standingBy } from '../../../support/channel/channel-examples.ts';

const channel = { namespace: 'shop', name: 'show' };
const pod = aPod();

let clock: FakeClock;
let polls: number;
let changes: number;
let answer: RelayReport | undefined;
let silence: { silent: boolean; ms: number };
let close: Map<string, boolean>;
let watch: RelayHealthPoller;
let stop: AbortController;
let run: Promise<void>;
beforeEach(() => {
  clock = new FakeClock();
  polls = 0;
  changes = 0;
  answer = aReport();
  silence = { silent: false, ms: 0 };
  close = new Map();
  const reports = {
    poll: () => {
      polls += 1;
      return Promise.resolve(answer);
    },
    silence: () => silence,
    watchClosely: (uid: string, closely: boolean) => close.set(uid, closely),
  } as unknown as RelayReports;
  watch = new RelayHealthPoller({ clock, reports, onChange: () => (changes += 1) });
  stop = new AbortController();
  run = watch.run(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await run;
});

async function advance(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) await clock.advance(50);
}

test('a relay with a standby is polled three times a second, a single one once', async () => {
  watch.follow(channel, [pod], true);
  await advance(3_500);
  expect(polls).toBeGreaterThanOrEqual(9);
  expect(polls).toBeLessThanOrEqual(11);
  polls = 0;
  watch.follow(channel, [pod], false);
  await advance(12_000);
  expect(polls).toBeGreaterThanOrEqual(11);
  expect(polls).toBeLessThanOrEqual(13);
  expect(close.get(pod.uid)).toBe(false);
});

test.each([
  [1, 1_000],
  [250, 1_000],
  [500, 2_000],
  [1_000, 4_000],
  [5_000, 4_000],
])('each of %i single relays is polled every %i ms', (relays, intervalMs) => {
  expect(slowPollIntervalMs(relays)).toBe(intervalMs);
});

test('single relays are polled less often the more there are, and a standby does not count', async () => {
  const follow = (count: number, fast: boolean): void => {
    for (let index = 0; index < count; index++) {
      const single = { ...pod, uid: `${fast ? 'fast' : 'single'}-${index}` };
      watch.follow({ namespace: 'shop', name: single.uid }, [single], fast);
    }
  };
  const pollsIn = async (ms: number): Promise<number> => {
    polls = 0;
    await advance(ms);
    return polls;
  };
  follow(500, false);
  await advance(2_000);
  expect(await pollsIn(20_000)).toBeLessThanOrEqual(5_500);
  for (let index = 10; index < 500; index++)
    watch.follow({ namespace: 'shop', name: `single-${index}` }, [], false);
  await advance(2_000);
  expect(await pollsIn(20_000)).toBeGreaterThanOrEqual(190);
  follow(10, true);
  await advance(2_000);
  const all = await pollsIn(7_000);
  expect(all).toBeGreaterThanOrEqual(10 * 6 + 10 * 17);
});

test('a changed report triggers a reconcile, changed figures do not', async () => {
  watch.follow(channel, [pod], true);
  await advance(1_000);
  const first = changes;
  answer = aReport({ inBitrateKbps: 1 });
  await advance(1_000);
  expect(changes).toBe(first);
  answer = standingBy;
  await advance(1_000);
  expect(changes).toBe(first + 1);
});

test('a relay that becomes silent triggers one reconcile, one missed poll triggers none', async () => {
  watch.follow(channel, [pod], true);
  await advance(1_000);
  const first = changes;
  [answer, silence] = [undefined, { silent: false, ms: 350 }];
  await advance(1_000);
  expect(changes).toBe(first);
  silence = { silent: true, ms: 700 };
  await advance(2_000);
  expect(changes).toBe(first + 1);
});

test('a silent relay without a standby triggers reconciles repeatedly, because its node may be lost', async () => {
  watch.follow(channel, [pod], false);
  await advance(1_000);
  [answer, silence] = [undefined, { silent: false, ms: 2_000 }];
  const first = changes;
  await advance(8_000);
  expect(changes - first).toBeGreaterThanOrEqual(3);
});

test('a relay that is no longer followed is not polled', async () => {
  watch.follow(channel, [pod], true);
  await advance(500);
  watch.follow(channel, [], false);
  polls = 0;
  await advance(5_000);
  expect(polls).toBe(0);
  expect(close.get(pod.uid)).toBe(false);
});
