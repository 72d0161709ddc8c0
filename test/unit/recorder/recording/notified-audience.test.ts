import { describe, expect, test } from '@jest/globals';
import { relayUid } from '../../../../src/api/agora-uids.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { NotifiedAudience } from '../../../../src/recorder/recording/notified-audience.ts';
import type { AgoraAudience } from '../../../../src/store/store.ts';
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
  const read = new NotifiedAudience(new FakeClock(start), { agoraAudience: async () => found }, 10_000);
  await read.run();
  return read;
}

describe('viewers on Agora are known from notifications', () => {
  test('while the relay is on air and among the members', async () => {
    expect((await read({})).of(onAir, start)).toBe(3);
    expect((await read({ viewers: 0, hostUids: [] })).of(onAir, start)).toBe(0);
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
    const read = new NotifiedAudience(
      new FakeClock(start),
      { agoraAudience: () => numbers.shift()?.() ?? Promise.resolve([]) },
      10_000,
    );
    expect(read.of(onAir, start)).toBeUndefined();
    await read.run();
    await expect(read.run()).rejects.toThrow();
    expect(read.of(onAir, after(60))).toBe(3);
    expect(read.of(onAir, after(61))).toBeUndefined();
  });
});
