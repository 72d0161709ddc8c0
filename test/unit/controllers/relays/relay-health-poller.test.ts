import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { RelayReport } from '../../../../src/api/relay-contract.ts';
import { RelayHealthPoller } from '../../../../src/controllers/relays/relay-health-poller.ts';
import type { RelayReports } from '../../../../src/controllers/relays/relay-reports.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { aPod, aReport, standingBy } from '../../../support/channel/channel-examples.ts';

const channel = { namespace: 'shop', name: 'show' };
const pod = aPod();

let clock: FakeClock;
let asked: number;
let news: number;
let answer: RelayReport | undefined;
let silence: { silent: boolean; ms: number };
let close: Map<string, boolean>;
let watch: RelayHealthPoller;
let stop: AbortController;
let run: Promise<void>;
beforeEach(() => {
  clock = new FakeClock();
  asked = 0;
  news = 0;
  answer = aReport();
  silence = { silent: false, ms: 0 };
  close = new Map();
  const reports = {
    poll: () => {
      asked += 1;
      return Promise.resolve(answer);
    },
    silence: () => silence,
    watchClosely: (uid: string, closely: boolean) => close.set(uid, closely),
  } as unknown as RelayReports;
  watch = new RelayHealthPoller({ clock, reports, onChange: () => (news += 1) });
  stop = new AbortController();
  run = watch.run(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await run;
});

async function turn(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) await clock.advance(50);
}

test('a relay with another one beside it is asked three times a second, a single one every four seconds', async () => {
  watch.follow(channel, [pod], true);
  await turn(3_500);
  expect(asked).toBeGreaterThanOrEqual(9);
  expect(asked).toBeLessThanOrEqual(11);
  asked = 0;
  watch.follow(channel, [pod], false);
  await turn(12_000);
  expect(asked).toBeGreaterThanOrEqual(3);
  expect(asked).toBeLessThanOrEqual(4);
  expect(close.get(pod.uid)).toBe(false);
});

test('what a relay says is news when it is something else, and figures are none', async () => {
  watch.follow(channel, [pod], true);
  await turn(1_000);
  const first = news;
  answer = aReport({ inBitrateKbps: 1 });
  await turn(1_000);
  expect(news).toBe(first);
  answer = standingBy;
  await turn(1_000);
  expect(news).toBe(first + 1);
});

test('one that falls silent is news once; that it missed one question is none', async () => {
  watch.follow(channel, [pod], true);
  await turn(1_000);
  const first = news;
  [answer, silence] = [undefined, { silent: false, ms: 350 }];
  await turn(1_000);
  expect(news).toBe(first);
  silence = { silent: true, ms: 700 };
  await turn(2_000);
  expect(news).toBe(first + 1);
});

test('a single one that does not answer is looked after again and again: its node may be lost', async () => {
  watch.follow(channel, [pod], false);
  await turn(1_000);
  [answer, silence] = [undefined, { silent: false, ms: 2_000 }];
  const first = news;
  await turn(8_000);
  expect(news - first).toBeGreaterThanOrEqual(3);
});

test('nobody is asked who is not followed any more', async () => {
  watch.follow(channel, [pod], true);
  await turn(500);
  watch.follow(channel, [], false);
  asked = 0;
  await turn(5_000);
  expect(asked).toBe(0);
  expect(close.get(pod.uid)).toBe(false);
});
