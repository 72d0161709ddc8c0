import { expect, test } from '@jest/globals';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { PresenceWriter } from '../../../../src/server/agora-notifications/presence-writer.ts';

const event = (uid: number) => ({
  ...{ namespace: 'shop', project: 'agora', agoraChannel: '42', uid, clientSeq: 1 },
  ...{ at: new Date('2026-03-01T12:00:00Z'), present: true, host: false },
});

test('events that the database is too slow for are rejected, to be sent again, and the others are written', async () => {
  const statement = Promise.withResolvers<undefined>();
  const written: number[] = [];
  const store = {
    addAgoraEvents: async (events: readonly { uid: number }[]) => {
      await statement.promise;
      written.push(...events.map(({ uid }) => uid));
      return events.map(() => true);
    },
  };
  const writer = new PresenceWriter(store, new FakeClock());
  // The first one is in the statement, and the others wait.
  const accepted = Array.from({ length: 20_001 }, (_, uid) => writer.write(event(uid)));
  await expect(writer.write(event(99_999))).rejects.toMatchObject({
    code: 'store-unavailable',
    detail: 'The database is too slow: 20000 notifications of Agora wait to be stored.',
    headers: { 'retry-after': '5' },
  });
  statement.resolve(undefined);
  expect(await Promise.all(accepted)).toEqual(accepted.map(() => true));
  expect(written).toEqual(accepted.map((_, uid) => uid));
});
