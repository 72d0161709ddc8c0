import { beforeEach, describe, expect, test } from '@jest/globals';
import { relayNumbersSchema } from '../../../../src/api/live-numbers.ts';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { LiveNumbersWriter } from '../../../../src/recorder/recording/live-numbers-writer.ts';
import { liveRowOf } from '../../../../src/recorder/recording/live-row.ts';
import type { Seen } from '../../../../src/recorder/recording/take-sample.ts';
import { runTask } from '../../../../src/recorder/task.ts';
import type { LiveRow } from '../../../../src/store/store.ts';
import { aChannel, aReport } from '../../../support/channel/channel-examples.ts';
import { after, storeError } from '../examples.ts';

const onAir = (name: string): LiveChannel =>
  aChannel({ metadata: { name }, status: { relayStatus: 'active' } });
const nothing: Seen = { report: undefined, hlsViewers: undefined, agoraViewers: undefined };

describe('the row of a channel', () => {
  test('has what its relay reported, in the form that the service reads', () => {
    const congestion = {
      step: 'transcode',
      message: 'The ingest accepts 800 kbit/s.',
      acceptedKbps: 800,
    } as const;
    const report = aReport({
      ...{ videoOutput: 'held', outBitrateKbps: 799.6, frameRate: 24.96, health: 'fair', lagMs: 40 },
      congestion: { ...congestion, stepsDown: 1, stepsUp: 0 },
    });
    const channel = aChannel({ status: { relayStatus: 'active', relay: { restarts: 2 } } });
    const seen = { report, reportedAt: after(1), hlsViewers: 12, agoraViewers: 0 };
    const row = liveRowOf(channel, seen, after(3));
    expect(row).toMatchObject({ at: after(3), hlsViewers: 12, agoraViewers: 0 });
    expect(relayNumbersSchema.parse(row?.report)).toMatchObject({
      ...{ at: after(1).toISOString(), picture: 'held', outBitrateKbps: 800, frameRate: 25, health: 'fair' },
      ...{ lagMs: 40, congestion: 'transcode', congestionMessage: congestion.message, restarts: 2 },
    });
  });

  test('has no report that is older than 10 s, and nothing in place of what is unknown', () => {
    const old = { ...nothing, report: aReport(), reportedAt: after(0) };
    expect(liveRowOf(onAir('a'), old, after(10))?.report).toBeDefined();
    const row = liveRowOf(onAir('a'), old, after(10.1));
    expect(row).toMatchObject({ report: undefined, hlsViewers: undefined, agoraViewers: undefined });
  });

  test('exists while the channel is on air, or should be', () => {
    const row = (channel: LiveChannel) => liveRowOf(channel, nothing, after(0));
    expect(row(aChannel({ status: { relayStatus: 'starting' } }))).toBeDefined();
    expect(row(aChannel({ spec: { suspend: true }, status: { relayStatus: 'active' } }))).toBeDefined();
    expect(row(aChannel({ spec: { suspend: true }, status: { relayStatus: 'stopped' } }))).toBeUndefined();
    const deleting = { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } };
    expect(row(aChannel({ ...deleting, status: { relayStatus: 'active' } }))).toBeUndefined();
  });
});

describe('the writer', () => {
  let clock: FakeClock;
  let channels: LiveChannel[];
  let viewers: Record<string, number>;
  let writes: (readonly LiveRow[])[];
  let write: () => Promise<void>;
  let writer: LiveNumbersWriter;
  beforeEach(() => {
    clock = new FakeClock();
    channels = [onAir('a'), onAir('b')];
    viewers = { a: 1, b: 1 };
    writes = [];
    write = () => Promise.resolve();
    writer = new LiveNumbersWriter({
      clock,
      store: {
        setLiveNumbers: (rows) => {
          writes.push(rows);
          return write();
        },
      },
      channels: { list: () => channels },
      see: ({ metadata }) => ({ ...nothing, hlsViewers: viewers[metadata.name] }),
      onWritten: () => undefined,
    });
  });
  /** The viewers of each row of the writes since the last call. */
  const written = () =>
    writes
      .splice(0)
      .map((rows) => Object.fromEntries(rows.map(({ channelId, hlsViewers }) => [channelId, hlsViewers])));

  test('writes what changed at once, and the rest before it is out of date', async () => {
    await writer.run();
    expect(written()).toEqual([{ a: 1, b: 1 }]);
    viewers['b'] = 2;
    await clock.advance(2_000);
    await writer.run();
    expect(written()).toEqual([{ b: 2 }]);
    await clock.advance(2_000);
    await writer.run();
    expect(written()).toEqual([{ a: 1 }]);
    await clock.advance(2_000);
    await writer.run();
    expect(written()).toEqual([{ b: 2 }]);
  });

  test('says once that a number is no longer known', async () => {
    await writer.run();
    delete viewers['a'];
    for (let round = 0; round < 4; round++) {
      await clock.advance(2_000);
      await writer.run();
    }
    expect(written().map((rows) => 'a' in rows)).toEqual([true, true, false, false]);
  });

  test('stops writing channels that are gone, and keeps deleting the rows that they left', async () => {
    await writer.run();
    channels = [];
    written();
    for (let round = 0; round < 5; round++) {
      await clock.advance(2_000);
      await writer.run();
    }
    expect(written()).toEqual([{}, {}]);
  });

  test('has one write at a time; the next one has the newest numbers, and none of those in between', async () => {
    const slow = Promise.withResolvers<undefined>();
    write = () => slow.promise.then(() => undefined);
    const stop = new AbortController();
    const running = runTask(writer, { clock, logger: silentLogger, random: () => 0 }, stop.signal);
    for (const count of [2, 3, 4]) {
      await clock.advance(2_000);
      viewers = { a: count, b: count };
    }
    expect(written()).toEqual([{ a: 1, b: 1 }]);
    write = () => Promise.resolve();
    slow.resolve(undefined);
    await clock.advance(2_000);
    expect(written()).toEqual([{ a: 4, b: 4 }]);
    stop.abort();
    await running;
  });

  test('writes everything again after a failure', async () => {
    write = () => Promise.reject(storeError('Unavailable'));
    await expect(writer.run()).rejects.toThrow('Unavailable');
    write = () => Promise.resolve();
    await writer.run();
    expect(written()).toEqual([
      { a: 1, b: 1 },
      { a: 1, b: 1 },
    ]);
  });

  test('bounds a write, and serves those first that waited longest', async () => {
    channels = Array.from({ length: 7_000 }, (_, index) => onAir(`show-${String(index)}`));
    viewers = Object.fromEntries(channels.map(({ metadata }) => [metadata.name, 1]));
    await writer.run();
    await clock.advance(2_000);
    await writer.run();
    const [first = [], second = []] = writes;
    expect(first).toHaveLength(5_000);
    expect(new Set([...first, ...second].map(({ channelId }) => channelId)).size).toBe(7_000);
  });
});
