import { expect, test } from '@jest/globals';
import type { RelayReport } from '../../../../../src/api/relay-contract.ts';
import { silentLogger } from '../../../../../src/base/logger.ts';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import { RelayHealthPoller } from '../../../../../src/controllers/relays/relay-health-poller.ts';
import type { RelayReports } from '../../../../../src/controllers/relays/relay-reports.ts';
import { LiveNumbersWriter } from '../../../../../src/recorder/recording/live-numbers-writer.ts';
import { runTask } from '../../../../../src/recorder/task.ts';
import { LiveNumbers } from '../../../../../src/server/cache/live-numbers.ts';
import { EventHub } from '../../../../../src/server/services/events/event-hub.ts';
import type { LiveRow, StoredLiveRow } from '../../../../../src/store/store.ts';
import { aChannel, aPod, aReport } from '../../../../support/channel/channel-examples.ts';
import { eventually } from '../../../../support/wait/eventually.ts';

const channel = aChannel({ metadata: { name: 'show' }, status: { relayStatus: 'active' } });
const ref = { namespace: 'shop', name: 'show' };

/** Every part between a relay and its seller, each of which begins at a time of its own; the database is a map. */
async function everyPart(starts: Readonly<Record<'poll' | 'write' | 'read', number>>) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const { signal } = stop;
  let now: RelayReport = aReport({ packetLossPercent: 0 });
  let last: { readonly at: Date; readonly report: RelayReport } | undefined;
  const reports = {
    poll: () => {
      last = { at: clock.now(), report: now };
      return Promise.resolve(now);
    },
    silence: () => ({ silent: false, ms: 0 }),
    watchClosely: () => undefined,
  } as unknown as RelayReports;
  const poller = new RelayHealthPoller({ clock, reports, onChange: () => undefined });
  const rows = new Map<string, StoredLiveRow>();
  const writer = new LiveNumbersWriter({
    clock,
    store: {
      setLiveNumbers: (written: readonly LiveRow[]) => {
        for (const row of written) rows.set(row.channelId, { ...row, ageMs: 0 });
        return Promise.resolve();
      },
    },
    channels: { list: () => [channel] },
    see: () => ({
      ...{ report: last?.report, reportedAt: last?.at, hlsViewers: 3, agoraViewers: undefined },
    }),
    onWritten: () => undefined,
  });
  const live = new LiveNumbers({
    store: {
      liveNumbers: () => {
        const age = (row: StoredLiveRow): number => clock.now().getTime() - row.at.getTime();
        return Promise.resolve([...rows.values()].map((row) => ({ ...row, ageMs: age(row) })));
      },
    },
    ...{ namespace: 'shop', clock, logger: silentLogger },
  });
  using hub = new EventHub({
    cache: {
      channel: () => channel,
      *channelsAfter() {
        yield channel;
      },
      subscribe: () => () => undefined,
    },
    numbers: { of: () => undefined, subscribe: () => () => undefined },
    ...{ live, clock, mostSubscribers: 1 },
  });
  let seenLoss: number | null | undefined;
  const running = [
    clock.sleep(starts.poll).then(() => {
      poller.follow(ref, [aPod()], false);
      return poller.run(signal);
    }),
    clock
      .sleep(starts.write)
      .then(() => runTask(writer, { clock, logger: silentLogger, random: () => 0 }, signal)),
    clock.sleep(starts.read).then(() => live.run(signal)),
    (async () => {
      for await (const event of hub.subscribe('show', undefined, signal, true))
        if (event.type === 'numbers') seenLoss = event.channels[0]?.media?.packetLossPercent;
    })(),
  ];
  await clock.advance(20_000);
  expect(seenLoss).toBe(0);
  now = aReport({ packetLossPercent: 12 });
  const reportedAt = clock.monotonic();
  await eventually(
    'the seller sees it',
    10,
    async () => {
      await clock.advance(50);
      return seenLoss === 12;
    },
    { everyMs: 0 },
  );
  const tookMs = clock.monotonic() - reportedAt;
  stop.abort();
  await clock.advance(0);
  await Promise.all(running);
  return tookMs;
}

test('what a relay reports reaches its seller within 3 s, however their polls fall', async () => {
  const phases = [0, 350, 700, 950];
  const took: number[] = [];
  for (const poll of phases)
    for (const write of phases) for (const read of phases) took.push(await everyPart({ poll, write, read }));
  // The poller's clock has steps of 50 ms.
  expect(Math.max(...took)).toBeLessThanOrEqual(3_100);
  expect(took.reduce((sum, each) => sum + each, 0) / took.length).toBeLessThan(2_000);
}, 60_000);
