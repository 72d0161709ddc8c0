import { describe, expect, test } from '@jest/globals';
import { relayUid } from '../../../../src/api/agora-uids.ts';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { NotifiedAudience } from '../../../../src/recorder/recording/notified-audience.ts';
import type { AgoraAudience, Store } from '../../../../src/store/store.ts';
import { aCachedChannel } from '../../../support/server/cached-channel.ts';
import { after, start, storeError } from '../examples.ts';

const agora = { agora: { channelName: 'live_42', credentialsRef: { name: 'agora' } } };
const onAir = aCachedChannel('42', { spec: agora });
const offAir = aCachedChannel('42', { spec: agora, status: { relayStatus: 'stopped' } });
const relay = relayUid('uid-of-42', 1);
const audience: AgoraAudience = {
  namespace: 'shop',
  project: 'agora',
  agoraChannel: 'live_42',
  viewers: 3,
  hostUids: [1_000],
  relayUids: [relay],
  projectHeardAt: start,
};

async function read(...difference: readonly Partial<AgoraAudience>[]): Promise<NotifiedAudience> {
  const found = difference.map((each) => ({ ...audience, ...each }));
  const read = audienceFrom(async () => found);
  await read.run();
  return read;
}

function audienceFrom(
  agoraAudience: Store['agoraAudience'],
  channels: readonly LiveChannel[] = [],
): NotifiedAudience {
  return new NotifiedAudience({
    ...{ clock: new FakeClock(start), store: { agoraAudience }, everyMs: 10_000 },
    channels: () => channels,
  });
}

describe('viewers on Agora are known from notifications', () => {
  test('while the relay is on air and among the members', async () => {
    expect((await read({})).of(onAir, start)).toBe(3);
    expect((await read({ viewers: 0, hostUids: [] })).of(onAir, start)).toBe(0);
  });

  test('while the relay is among the members with the uid of a token that the app passed', async () => {
    const withUid = (agoraUid: number): LiveChannel =>
      aCachedChannel('42', { spec: agora, status: { relay: { agoraUid } } });
    expect((await read({ relayUids: [77] })).of(withUid(77), start)).toBe(3);
    expect((await read({ relayUids: [77] })).of(withUid(78), start)).toBeUndefined();
    // The database tells relays from viewers by the range of uids, and by these.
    const asked: unknown[] = [];
    const query: Store['agoraAudience'] = async (_, relays) => {
      asked.push(relays);
      return [];
    };
    await audienceFrom(query, [withUid(77), withUid(relay), onAir]).run();
    expect(asked).toEqual([[{ namespace: 'shop', project: 'agora', agoraChannel: 'live_42', uid: 77 }]]);
  });

  test('while the relay is off air, as long as there is any member', async () => {
    expect((await read({ relayUids: [] })).of(offAir, start)).toBe(3);
    expect((await read({ relayUids: [], viewers: 0 })).of(offAir, start)).toBe(0);
    expect((await read({ relayUids: [], viewers: 0, hostUids: [] })).of(offAir, start)).toBeUndefined();
  });
});

describe('viewers on Agora are unknown', () => {
  test('when the relay is on air and its own join was not reported', async () => {
    expect((await read({ relayUids: [] })).of(onAir, start)).toBeUndefined();
    expect((await read({ relayUids: [4_000_000_000] })).of(onAir, start)).toBeUndefined();
  });

  test('when there was no notification of the project for an hour', async () => {
    expect((await read({ projectHeardAt: after(-3_600) })).of(onAir, start)).toBe(3);
    expect((await read({ projectHeardAt: after(-3_601) })).of(onAir, start)).toBeUndefined();
  });

  test.each([{ namespace: 'other' }, { project: 'other' }, { agoraChannel: '42' }])(
    'of another channel: %j',
    async (difference) => {
      expect((await read(difference)).of(onAir, start)).toBeUndefined();
    },
  );

  test('when the database has been unavailable for a minute', async () => {
    const numbers = [async () => [audience], () => Promise.reject(storeError('Unavailable'))];
    const read = audienceFrom(() => numbers.shift()?.() ?? Promise.resolve([]));
    expect(read.of(onAir, start)).toBeUndefined();
    await read.run();
    await expect(read.run()).rejects.toThrow();
    expect(read.of(onAir, after(60))).toBe(3);
    expect(read.of(onAir, after(61))).toBeUndefined();
  });
});
