import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openStore } from '../../../src/store/postgres-store.ts';
import type { AgoraAudience, AgoraMemberEvent, Store } from '../../../src/store/store.ts';
import { migratedDatabase } from '../../fixtures/migrated-database.ts';
import { TestPostgres } from '../../fixtures/postgres.ts';

let server: TestPostgres;
let store: Store;
beforeAll(async () => {
  server = await TestPostgres.start();
  store = openStore({ url: await migratedDatabase(server) });
  await store.upkeep(noon);
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const noon = new Date('2026-11-23T12:00:00Z');
const at = (seconds: number): Date => new Date(noon.getTime() + seconds * 1_000);
let channels = 0;
const newChannel = () => ({ namespace: 'shop', project: 'agora', agoraChannel: `live_${channels++}` });
type Key = ReturnType<typeof newChannel>;

/** Something that happens in an Agora channel, at that second. */
type Happening =
  | { readonly second: number; readonly uid: number; readonly present: boolean; readonly host: boolean }
  | { readonly second: number; readonly destroyed: true };

async function note(key: Key, happening: Happening): Promise<void> {
  const when = at(happening.second);
  if ('destroyed' in happening) return store.agoraChannelDestroyed(key, when);
  const { uid, present, host } = happening;
  const event = { ...key, uid, present, host, at: when, clientSeq: when.getTime() };
  await store.addAgoraEvents([event], noon);
}

async function audienceOf(key: Key, since = at(-3_600)): Promise<Omit<AgoraAudience, keyof Key> | undefined> {
  const all = await store.agoraAudience(since);
  const found = all.find(({ agoraChannel }) => agoraChannel === key.agoraChannel);
  if (found === undefined) return undefined;
  const { namespace: _n, project: _p, agoraChannel: _c, ...rest } = found;
  return rest;
}

/** What a user does from joining to leaving. */
const life = fc
  .tuple(
    fc.integer({ min: 1, max: 4 }),
    fc.array(fc.constantFrom('host', 'audience', 'left'), { maxLength: 6 }),
  )
  .map(([uid, states]) => ({ uid, states }));
const relayUid = 4_049_477_966;

describe('the members of an Agora channel', () => {
  test('are the same in whatever order, and however often, their events arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(life, { selector: ({ uid }) => uid, maxLength: 4 }),
        fc.option(fc.integer({ min: 1, max: 30 })),
        fc.infiniteStream(fc.nat()),
        async (lives, destroyedAt, random) => {
          // Each event has a second of its own, so that the destruction is before or after it.
          const happenings: Happening[] = lives.flatMap(({ uid, states }, index) =>
            states.map((state, step) => ({
              ...{ second: step * 5 + index, uid, present: state !== 'left', host: state === 'host' },
            })),
          );
          if (destroyedAt !== null) happenings.push({ second: destroyedAt, destroyed: true });
          const last = new Map(
            happenings.flatMap((each) => ('uid' in each ? [[each.uid, each] as const] : [])),
          );
          const present = [...last.values()].filter(
            (each) => each.present && (destroyedAt === null || each.second >= destroyedAt),
          );
          const twice = [...happenings, ...happenings]
            .map((each) => ({ each, order: Number(random.next().value) }))
            .sort((a, b) => a.order - b.order);
          const key = newChannel();
          for (const { each } of twice) await note(key, each);
          const found = await audienceOf(key);
          expect([found?.viewers ?? 0, found?.hostUids.length ?? 0]).toEqual([
            present.filter(({ host }) => !host).length,
            present.filter(({ host }) => host).length,
          ]);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);

  test('do not include relays, which are listed', async () => {
    const key = newChannel();
    for (const uid of [1, 2, relayUid]) await note(key, { second: 0, uid, present: true, host: uid === 1 });
    expect(await audienceOf(key)).toEqual({
      viewers: 1,
      hostUids: [1],
      relayUids: [relayUid],
      projectHeardAt: noon,
    });
  });

  test('with the uid of a relay are relays in the Agora channel of that relay alone', async () => {
    const [key, other] = [newChannel(), newChannel()];
    for (const each of [key, other])
      for (const uid of [1, 77]) await note(each, { second: 0, uid, present: true, host: false });
    const found = await store.agoraAudience(at(-3_600), [{ ...key, uid: 77 }]);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...key, viewers: 1, relayUids: [77] }),
        expect.objectContaining({ ...other, viewers: 2, relayUids: [] }),
      ]),
    );
  });

  test('whose last event is too old have left', async () => {
    const key = newChannel();
    await note(key, { second: 0, uid: 1, present: true, host: false });
    expect((await audienceOf(key, at(0)))?.viewers).toBe(1);
    expect((await audienceOf(key, at(1)))?.viewers).toBe(0);
  });
});

test('each event is reported as the newest of its user, or as an old one', async () => {
  const key = newChannel();
  const event = (uid: number, clientSeq: number): AgoraMemberEvent => ({
    ...{ ...key, uid, clientSeq, at: noon, present: true, host: false },
  });
  expect(await store.addAgoraEvents([event(1, 5), event(2, 1), event(1, 4), event(1, 5)], noon)).toEqual([
    ...[true, true, false, true],
  ]);
  expect(await store.addAgoraEvents([event(1, 4), event(2, 2), event(1, 5)], noon)).toEqual([
    false,
    true,
    true,
  ]);
  expect(await store.addAgoraEvents([], noon)).toEqual([]);
});

test('replicas that write the same users at the same time do not block each other', async () => {
  const key = newChannel();
  const users = Array.from({ length: 300 }, (_, index) => index + 1);
  const write = (order: readonly number[], clientSeq: number): Promise<unknown> =>
    store.addAgoraEvents(
      order.map((uid) => ({ ...key, uid, clientSeq, at: noon, present: true, host: false })),
      noon,
    );
  await Promise.all(
    Array.from({ length: 20 }, (_, round) => write(round % 2 === 0 ? users : users.toReversed(), round)),
  );
  expect((await audienceOf(key))?.viewers).toBe(300);
});

test('upkeep forgets who left an hour ago, and everything after half a day', async () => {
  const key = newChannel();
  const add = (uid: number, present: boolean): Promise<unknown> =>
    store.addAgoraEvents([{ ...key, uid, present, clientSeq: 1, at: noon, host: false }], noon);
  await add(1, true);
  await add(2, false);
  await store.agoraChannelDestroyed(key, at(-60));
  const late = (uid: number): Promise<readonly boolean[]> =>
    store.addAgoraEvents([{ ...key, uid, present: true, clientSeq: 0, at: noon, host: false }], noon);
  await store.upkeep(at(3_599));
  expect(await late(2)).toEqual([false]);
  await store.upkeep(at(3_601));
  expect((await audienceOf(key))?.viewers).toBe(1);
  await store.upkeep(at(12 * 3_600 + 1));
  expect(await audienceOf(key)).toBeUndefined();
});
