import { beforeEach, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { History } from '../../../../src/recorder/recording/history.ts';
import type { ChannelMoment } from '../../../../src/store/store.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';
import { storeError } from '../examples.ts';

let clock: FakeClock;
let written: ChannelMoment[];
let away: boolean;
beforeEach(() => {
  clock = new FakeClock();
  written = [];
  away = false;
});

const onAir = (status: Partial<NonNullable<LiveChannel['status']>> = {}): LiveChannel =>
  aChannel({ status: { relayStatus: 'active', effectiveStreamMode: 'hybrid', ...status } });
const restarted = (count: number, at: string): LiveChannel =>
  onAir({ relay: { restarts: count, lastRestartTime: at, lastRestartReason: 'RelayUnresponsive' } });
const historyOf = (...channels: readonly LiveChannel[]): History =>
  new History({
    clock,
    store: {
      addMoments: async (moments) => {
        if (away) throw storeError('Unavailable');
        written.push(...moments);
      },
    },
    channels: { list: () => channels },
  });

test('a restart is written with its time and reason, once', async () => {
  const history = historyOf(onAir());
  const after = restarted(1, '2026-01-01T00:00:05Z');
  history.changed(after);
  history.changed(after);
  await history.run();
  expect(written).toEqual([
    {
      ...{ namespace: 'shop', channelId: 'show', kind: 'restart', text: 'RelayUnresponsive' },
      at: new Date('2026-01-01T00:00:05Z'),
    },
  ]);
});

test('a mode is written when it changes, with its reason', async () => {
  const history = historyOf(onAir());
  await clock.advance(60_000);
  history.changed(onAir({ effectiveStreamMode: 'hls-only', modeReason: 'The app asked for it.' }));
  await history.run();
  expect(written).toEqual([
    {
      ...{ namespace: 'shop', channelId: 'show', kind: 'mode', text: 'The app asked for it.' },
      at: new Date('2026-01-01T00:01:00Z'),
    },
  ]);
});

test('a new leader writes the last restart again, at the same time, and no mode that it did not see change', async () => {
  await historyOf(restarted(3, '2026-01-01T00:00:05Z')).run();
  expect(written.map(({ kind, at }) => [kind, at.toISOString()])).toEqual([
    ['restart', '2026-01-01T00:00:05.000Z'],
  ]);
});

test('while the database is away, nothing is lost', async () => {
  const history = historyOf(onAir());
  away = true;
  history.changed(restarted(1, '2026-01-01T00:00:05Z'));
  await expect(history.run()).rejects.toThrow();
  history.changed(restarted(2, '2026-01-01T00:00:09Z'));
  away = false;
  expect(await history.run()).toBe(false);
  expect(written.map(({ at }) => at.getUTCSeconds())).toEqual([5, 9]);
});
