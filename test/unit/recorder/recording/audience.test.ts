import { expect, test } from '@jest/globals';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { Audience } from '../../../../src/recorder/recording/audience.ts';
import { after, start, storeError } from '../examples.ts';

const key = { namespace: 'shop', channelId: 'show' };

test('a report is valid for a minute, even if the database is unavailable meanwhile, and unknown after that', async () => {
  const clock = new FakeClock(start);
  let away = false;
  const since: Date[] = [];
  const audience = new Audience(
    clock,
    {
      audience: async (from) => {
        if (away) throw storeError('Unavailable');
        since.push(from);
        return [{ ...key, at: start, agoraViewers: 3 }];
      },
    },
    10_000,
  );
  expect(audience.of(key, start)).toBeUndefined();
  await audience.run();
  expect(since).toEqual([after(-60)]);
  away = true;
  await expect(audience.run()).rejects.toThrow();
  expect(audience.of(key, after(60))).toBe(3);
  expect(audience.of({ ...key, channelId: 'other' }, after(1))).toBeUndefined();
  expect(audience.of(key, after(61))).toBeUndefined();
});
