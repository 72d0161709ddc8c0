import { beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { AppMetrics, completeUntil } from '../../../../src/recorder/recording/app-metrics.ts';
import type { FilledMetrics, FillMetrics, RefusedRow } from '../../../../src/store/store.ts';
import { storeError } from '../examples.ts';

const noon = new Date('2026-11-23T12:00:00Z');
const at = (seconds: number): Date => new Date(noon.getTime() + seconds * 1_000);

describe('the minutes of which every sample is in the database', () => {
  test.each([
    ['end some seconds before now', at(129), undefined, at(60)],
    ['include one that ended ten seconds ago', at(130), undefined, at(120)],
    ['end before a sample that waits for the database', at(600), at(125), at(120)],
    ['are not those of samples that are newer', at(600), at(595), at(540)],
  ])('%s', (_, now, oldest, expected) => {
    expect(completeUntil(now, oldest)).toEqual(expected);
  });
});

describe('filling the table of the app', () => {
  let clock: FakeClock;
  let calls: FillMetrics[];
  let answer: () => FilledMetrics;
  let refused: RefusedRow[];
  let logged: string[];
  let task: AppMetrics;
  const usable: FilledMetrics = { table: 'usable', written: 1, refused: [], until: noon, more: false };
  beforeEach(() => {
    clock = new FakeClock();
    calls = [];
    refused = [];
    logged = [];
    answer = () => usable;
    const log = (level: string) => (fields: object, message?: string) => {
      logged.push(`${level} ${message ?? ''} ${JSON.stringify(fields)}`);
    };
    task = new AppMetrics({
      clock,
      logger: { info: log('info'), warn: log('warn') },
      store: {
        fillMetrics: async (request) => {
          calls.push(request);
          return answer();
        },
      },
      rows: 'minute',
      oldestWaiting: () => undefined,
      onFilled: () => undefined,
      onRefused: (rows) => {
        refused.push(...rows);
      },
    });
  });

  test('is one call a minute', async () => {
    for (let second = 0; second < 180; second += 5) {
      await task.run();
      await clock.advance(5_000);
    }
    expect(calls.length).toBeGreaterThanOrEqual(3);
    expect(calls.length).toBeLessThanOrEqual(4);
  });

  test('continues at once while there is a backlog, and after an error', async () => {
    answer = () => ({ ...usable, more: true });
    expect(await task.run()).toBe(true);
    answer = () => {
      throw storeError('Unavailable');
    };
    await expect(task.run()).rejects.toThrow();
    answer = () => usable;
    expect(await task.run()).toBe(false);
    expect(calls).toHaveLength(3);
    expect(await task.run()).toBe(false);
    expect(calls).toHaveLength(3);
  });

  test('logs once why the table is not filled, and when it is', async () => {
    answer = () => ({ ...usable, table: 'unusable', problem: 'column id is missing', written: 0 });
    for (const next of [1, 2, 3]) {
      if (next === 3) answer = () => ({ ...usable, refused: [{ channelId: '1', message: 'no' }] });
      await task.run();
      await clock.advance(60_000);
    }
    expect(logged).toEqual([
      expect.stringMatching(/^warn .*column id is missing/),
      expect.stringMatching(/^info filling/),
    ]);
    expect(refused).toEqual([{ channelId: '1', message: 'no' }]);
  });
});
