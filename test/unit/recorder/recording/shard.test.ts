import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { shardByUid, shardOf } from '../../../../src/recorder/recording/shard.ts';

test('every channel has exactly one time slot, independently of other channels', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.uuid()), fc.integer({ min: 1, max: 60 }), (uids, turns) => {
      const rounds = shardByUid(uids, (uid) => uid, turns);
      expect(rounds).toHaveLength(turns);
      expect([...rounds.flat()].sort()).toEqual([...uids].sort());
      for (const uid of uids) expect(rounds[shardOf(uid, turns)]).toContain(uid);
    }),
  );
});

test('five thousand channels are distributed: no time slot has twice its share', () => {
  const uids = Array.from(
    { length: 5_000 },
    (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  );
  const most = Math.max(...shardByUid(uids, (uid) => uid, 50).map(({ length }) => length));
  expect(most).toBeLessThan(200);
});
