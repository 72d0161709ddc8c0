import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { ServiceHours } from '../../../../src/recorder/recording/service-hours.ts';
import type { Seen } from '../../../../src/recorder/recording/take-sample.ts';
import type { ServiceHour } from '../../../../src/store/store.ts';
import { aChannel, aReport } from '../../../support/channel/channel-examples.ts';
import { after } from '../examples.ts';

/** 2.5 Mbit/s, with four viewers. */
const seen: Seen = {
  report: aReport({ outBitrateKbps: 2_500 }),
  hlsViewers: 4,
  agoraViewers: undefined,
};
const onAir = aChannel({ status: { relayStatus: 'active' } });
const failing = aChannel({ status: { relayStatus: 'error' } });
const suspended = aChannel({ spec: { suspend: true } });
const waiting = aChannel({
  status: {
    relayStatus: 'starting',
    conditions: [
      {
        type: 'HostPresent',
        status: 'False',
        reason: 'WaitingForHost',
        message: '',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  },
});

/** Rows by channel id and hour, as the database has them. */
let rows: Map<string, ServiceHour>;
let now: Date;
let hours: ServiceHours;
const store = {
  setServiceHours: async (written: readonly ServiceHour[]): Promise<void> => {
    for (const row of written) rows.set(`${row.channelId} ${row.hour.toISOString()}`, row);
  },
  latestServiceHours: async (since: Date): Promise<readonly ServiceHour[]> =>
    [...rows.values()].filter(({ hour }) => hour >= since).toSorted((a, b) => +a.hour - +b.hour),
};
const newLeader = (): ServiceHours =>
  new ServiceHours({ clock: { now: () => now }, intervalMs: 10_000, store });
function sample(seconds: number, channel: LiveChannel, what: Seen = seen): void {
  now = after(seconds);
  hours.sampled({ channel, at: now, seen: what, sample: undefined });
}
/** Samples every ten seconds, in [from, to]. */
function samples(from: number, to: number, channel: LiveChannel, what?: Seen): void {
  for (let at = from; at <= to; at += 10) sample(at, channel, what);
}
const written = async (): Promise<readonly ServiceHour[]> => {
  await hours.run();
  return [...rows.values()];
};

beforeEach(() => {
  rows = new Map();
  now = after(0);
  hours = newLeader();
});

describe('uptime', () => {
  test('is the time on air, of the time in which the channel should have been', async () => {
    samples(0, 90, onAir);
    samples(100, 150, failing);
    samples(160, 200, onAir);
    expect(await written()).toEqual([
      expect.objectContaining({
        wantedSeconds: 200,
        onAirSeconds: 140,
        waitingSeconds: 0,
        missingSeconds: 0,
      }),
    ]);
  });

  test('counts a change when it is observed, not when the next sample is taken', async () => {
    samples(0, 10, onAir);
    now = after(12);
    hours.changed({ type: 'updated', object: failing, initial: false });
    now = after(13);
    hours.changed({ type: 'updated', object: onAir, initial: false });
    samples(20, 30, onAir);
    expect(await written()).toEqual([expect.objectContaining({ wantedSeconds: 30, onAirSeconds: 29 })]);
  });

  test('does not include time without a host, nor time in which the channel was off', async () => {
    samples(0, 90, waiting);
    samples(100, 190, onAir);
    samples(200, 300, suspended);
    expect(await written()).toEqual([
      expect.objectContaining({ wantedSeconds: 100, onAirSeconds: 100, waitingSeconds: 100 }),
    ]);
  });

  test('of a channel that was off all the time is not written', async () => {
    samples(0, 100, suspended);
    expect(await written()).toEqual([]);
  });

  test('is split at the full hour', async () => {
    samples(3_580, 3_620, onAir);
    const found = await written();
    expect(found.map(({ hour, onAirSeconds }) => [hour, onAirSeconds])).toEqual([
      [after(0), 20],
      [after(3_600), 20],
    ]);
  });

  test('ends when the channel is deleted, and goes on when it is created again', async () => {
    samples(0, 100, onAir);
    now = after(105);
    hours.changed({ type: 'deleted', object: onAir, initial: false });
    await written();
    samples(400, 500, onAir);
    expect(await written()).toEqual([expect.objectContaining({ wantedSeconds: 205, missingSeconds: 0 })]);
  });
});

describe('unobserved time', () => {
  test('is missing if the channel should have been on air before and after', async () => {
    samples(0, 100, onAir);
    samples(400, 500, onAir);
    expect(await written()).toEqual([expect.objectContaining({ onAirSeconds: 200, missingSeconds: 300 })]);
  });

  test('between two leaders is missing, and the hour is continued', async () => {
    samples(0, 100, onAir);
    await written();
    hours = newLeader();
    await hours.run();
    samples(130, 200, onAir);
    expect(await written()).toEqual([
      expect.objectContaining({ wantedSeconds: 170, onAirSeconds: 170, missingSeconds: 30 }),
    ]);
  });

  test('is the same where the new leader reads the database after its first samples', async () => {
    samples(0, 100, onAir);
    await written();
    hours = newLeader();
    samples(130, 200, onAir);
    expect(await written()).toEqual([
      expect.objectContaining({ wantedSeconds: 170, onAirSeconds: 170, missingSeconds: 30 }),
    ]);
  });

  test('across the full hour belongs to both hours', async () => {
    samples(3_400, 3_500, onAir);
    await written();
    hours = newLeader();
    samples(3_700, 3_800, onAir);
    expect(
      (await written()).map(({ onAirSeconds, missingSeconds }) => [onAirSeconds, missingSeconds]),
    ).toEqual([
      [100, 100],
      [100, 100],
    ]);
  });

  test('is not missing where the channel was off when the last leader saw it', async () => {
    samples(0, 100, onAir);
    sample(110, suspended);
    await written();
    hours = newLeader();
    samples(400, 500, onAir);
    expect(await written()).toEqual([expect.objectContaining({ onAirSeconds: 210, missingSeconds: 0 })]);
  });

  test('the hour adds up, however often leaders change and rows are written', async () => {
    const step = fc.record({ what: fc.constantFrom('sample', 'write', 'leader'), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 60 }), async (steps) => {
        rows = new Map();
        now = after(0);
        hours = newLeader();
        sample(0, onAir);
        let at = 0;
        for (const { what, fails } of steps) {
          if (what === 'write') await hours.run();
          if (what === 'leader') {
            await hours.run();
            hours = newLeader();
          }
          at += 10;
          sample(at, fails ? failing : onAir);
        }
        await hours.run();
        const [row] = rows.values();
        expect((row?.wantedSeconds ?? 0) + (row?.missingSeconds ?? 0)).toBe(at);
        expect(rows.size).toBe(1);
      }),
      { numRuns: 200 },
    );
  });
});

describe('traffic', () => {
  test('to viewers is their number times the bitrate where the platform measures nothing', async () => {
    samples(0, 100, onAir);
    // 2,500 kbit/s for 100 s are 31.25 MB.
    expect(await written()).toEqual([
      expect.objectContaining({ ingestBytes: 31_250_000, estimatedBytes: 125_000_000, measuredBytes: 0 }),
    ]);
  });

  test('is what the platform measured, also after its counter began again, and off air', async () => {
    sample(0, onAir, { ...seen, deliveredBytes: 5_000 });
    sample(10, onAir, { ...seen, deliveredBytes: 6_000 });
    sample(20, onAir, { ...seen, deliveredBytes: 400 });
    sample(30, suspended, { ...seen, deliveredBytes: 500 });
    sample(40, suspended, { ...seen, deliveredBytes: 700 });
    expect(await written()).toEqual([
      expect.objectContaining({ measuredBytes: 1_000 + 400 + 100 + 200, estimatedBytes: 0 }),
    ]);
  });
});
