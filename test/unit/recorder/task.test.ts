import { expect, test } from '@jest/globals';
import type { Logger } from '../../../src/base/logger.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { runTask } from '../../../src/recorder/task.ts';
import { storeError } from './examples.ts';

test('a failure is logged once and retried at growing intervals, and its end is logged', async () => {
  const clock = new FakeClock();
  const logged: string[] = [];
  const log = (_: object, message: string): void => void logged.push(message);
  const logger: Logger = { debug: () => undefined, info: log, warn: log, error: log, child: () => logger };
  const stop = new AbortController();
  let works = false;
  const tries: number[] = [];
  const done = runTask(
    {
      name: 'test',
      everyMs: 10_000,
      run: async () => {
        tries.push(clock.monotonic() / 1_000);
        if (!works) throw storeError('Unavailable');
        return false;
      },
    },
    { clock, logger, random: () => 0 },
    stop.signal,
  );
  await clock.advance(15_000);
  expect(tries).toEqual([0, 1, 3, 7, 15]);
  works = true;
  await clock.advance(21_000);
  expect(tries).toEqual([0, 1, 3, 7, 15, 25, 35]);
  expect(logged).toEqual(['recorder task failed; it will be retried', 'recorder task recovered']);
  stop.abort();
  await done;
});
