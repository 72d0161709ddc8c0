import { beforeEach, describe, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { missing } from '../../../../src/channel/state.ts';
import { streamRecords, type StreamRecord } from '../../../../src/api/annotations/stream-records.ts';
import { StreamQuota } from '../../../../src/controllers/platforms/stream-quota.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import {
  aChannel,
  aRecord,
  anObserved,
  described,
  withoutId,
} from '../../../support/channel/channel-examples.ts';

let clock: FakeClock;
let channels: LiveChannel[];
let admissions: StreamQuota;
beforeEach(() => {
  clock = new FakeClock();
  admissions = restarted();
});
/** The admissions of an operator that was started just now. */
function restarted(): StreamQuota {
  return new StreamQuota(
    { list: () => channels, get: () => undefined },
    clock,
    (channel) => channel.spec.platformRef?.name ?? 'origin',
  );
}

interface Difference {
  readonly spec?: object;
  readonly born?: number;
  readonly records?: readonly StreamRecord[];
  readonly status?: LiveChannel['status'];
  readonly deleting?: boolean;
}
/** A channel that waits for a stream, younger the later its name is in the alphabet. */
function channel(name: string, { born, records = [], ...difference }: Difference = {}): LiveChannel {
  const second = String(born ?? name.charCodeAt(0) - 97).padStart(2, '0');
  const made = aChannel({
    ...difference,
    metadata: { name, uid: name, creationTimestamp: `2026-03-01T11:00:${second}Z` },
  });
  const streams = JSON.stringify({ channel: name, streams: records });
  return { ...made, metadata: { ...made.metadata, annotations: { 'livechannel.dev/streams': streams } } };
}
const live = (name: string): LiveChannel => channel(name, { records: [aRecord()] });
const begun = (name: string, difference: Difference = {}): LiveChannel =>
  channel(name, { ...difference, records: [withoutId(aRecord())] });

/** Whether the channel may go ahead, on a platform with room for so many. */
function admitted(name: string, maxStreams?: number, platform = 'origin'): boolean {
  const one = channels.find(({ metadata }) => metadata.name === name);
  if (one === undefined) throw new Error(`no channel ${name}`);
  return admissions.refusal(one, { platform, maxStreams }) === undefined;
}
const whoMay = (maxStreams?: number): string[] =>
  channels
    .filter((each) => streamRecords(each).every(({ id }) => id === undefined)) // who has a stream asks for none
    .map(({ metadata }) => metadata.name)
    .filter((name) => admitted(name, maxStreams));
const full = (uid: string): void => {
  admissions.noteFull('origin', uid, 'StreamingPlatform origin: 50 streams are the limit.');
};

test('without a limit, known or met, everybody goes ahead', () => {
  channels = ['a', 'b', 'c'].map((name) => channel(name));
  expect(whoMay()).toEqual(['a', 'b', 'c']);
});

describe('few places left', () => {
  test('go to the older ones', () => {
    channels = [channel('c'), live('x'), channel('a'), channel('b')];
    expect(whoMay(3)).toEqual(['a', 'b']);
  });

  test('go to those of higher priority first', () => {
    channels = [
      channel('a'),
      channel('b', { spec: { priority: 10 } }),
      channel('c', { spec: { priority: -1 } }),
    ];
    expect(whoMay(1)).toEqual(['b']);
    expect(whoMay(2)).toEqual(['a', 'b']);
  });

  test('are told apart also among channels of the same second', () => {
    channels = [channel('b', { born: 0 }), channel('a', { born: 0 })];
    expect(whoMay(1)).toEqual(['a']);
  });

  test('are not kept for channels that want none there', () => {
    channels = [
      channel('a', { spec: { streamMode: 'agora-only' } }),
      channel('b', { deleting: true }),
      channel('c', { spec: { platformRef: { name: 'other' } } }),
      live('d'),
      channel('e'),
    ];
    expect(admitted('e', 2)).toBe(true);
  });

  test('count every stream: also those that are made, drained or deleted', () => {
    const records = [
      aRecord({ role: 'draining' }),
      withoutId(aRecord({ role: 'incoming', name: 'lc-low-latency' })),
    ];
    channels = [channel('a'), channel('x', { records })];
    expect(admitted('a', 2)).toBe(false);
    expect(admitted('a', 3)).toBe(true);
  });

  test('are on one platform only', () => {
    channels = [live('x'), channel('a')];
    expect(admitted('a', 1)).toBe(false);
    expect(admitted('a', 1, 'other')).toBe(true);
  });

  test('once given are kept for a while, though no cache knows of it yet', async () => {
    channels = [channel('a'), channel('b')];
    expect(admitted('a', 1)).toBe(true);
    channels = [channel('b'), channel('0-older', { born: 0 }), channel('a')];
    expect(whoMay(1)).toEqual(['a']);
    await clock.advance(30_000);
    expect(whoMay(1)).toEqual(['0-older']);
  });

  test('are not counted twice, in the reservation and in the record', () => {
    channels = [channel('a'), channel('b')];
    expect(admitted('a', 2)).toBe(true);
    channels = [live('a'), channel('b')];
    expect(admitted('b', 2)).toBe(true);
  });

  test('the refusal says whose limit it is, and who comes first', () => {
    channels = [live('x'), channel('a')];
    const [, waiting] = channels;
    if (waiting === undefined) throw new Error('no channel');
    const refusal = admissions.refusal(waiting, { platform: 'origin', maxStreams: 1 });
    expect(refusal).toMatchObject({ reason: 'QuotaExceeded' });
    expect(refusal?.message).toMatch(
      /StreamingPlatform origin has reached its limit of 1 streams .*admitted by spec\.priority/,
    );
  });
});

describe('nobody is kept out for ever', () => {
  test('by a channel whose record takes the place that it is itself refused', () => {
    channels = [channel('a', { spec: { priority: 10 } }), begun('b'), live('x')];
    admissions = restarted(); // b's place was given to it by the one before
    expect(whoMay(2)).toHaveLength(1);
  });

  test('by one that cannot use a place', () => {
    const problem = missing('CredentialsNotFound', 'Secret shop/agora does not exist.');
    const { status } = described(anObserved({ streams: [], credentials: problem })).channel;
    channels = [channel('a', status === undefined ? {} : { status }), channel('b')];
    expect(admitted('b', 1)).toBe(true);
    full('b');
    expect(admitted('b')).toBe(false);
  });
});

describe('an account that is full', () => {
  beforeEach(() => {
    channels = [channel('a'), channel('b', { spec: { priority: 10 } }), begun('c')];
    full('b');
  });
  /** Who may ask in the next seconds, looked at every second; one that asks is refused again. */
  async function askers(seconds: number): Promise<string[]> {
    const asked: string[] = [];
    for (let second = 0; second < seconds; second += 1) {
      await clock.advance(1_000);
      for (const name of whoMay()) {
        asked.push(`${name} at ${String(clock.monotonic() / 1_000)}`);
        full(name);
      }
    }
    return asked;
  }

  test('is asked by one at a time, the first in the line, and less and less often', async () => {
    expect(await askers(600)).toEqual([15, 45, 105, 225, 345, 465, 585].map((at) => `b at ${String(at)}`));
  });

  test('was refused once, however many calls were under way at that moment', async () => {
    for (const name of ['a', 'b', 'c']) full(name);
    expect(await askers(44)).toEqual(['b at 15']);
  });

  test('is asked by one alone until that one knows', async () => {
    await clock.advance(15_000);
    expect(whoMay()).toEqual(['b']);
    expect(admitted('a')).toBe(false);
    expect(admitted('b')).toBe(true); // goes on with what it was let in for
  });

  test('is asked at once when a stream went', async () => {
    expect(whoMay()).toEqual([]);
    admissions.noteFreed('origin');
    expect(whoMay()).toEqual(['b']);
  });

  test('is open again for all when one was made', () => {
    admissions.noteAvailable('origin');
    expect(whoMay()).toEqual(['a', 'b', 'c']);
  });

  test('is of no concern to another platform', () => {
    expect(admitted('a', undefined, 'other')).toBe(true);
  });

  test('says what the platform said', () => {
    const [first] = channels;
    if (first === undefined) throw new Error('no channel');
    const refusal = admissions.refusal(first, { platform: 'origin', maxStreams: undefined });
    expect(refusal?.message).toMatch(/^StreamingPlatform origin: 50 streams are the limit\. .*Queued: /);
  });

  test('nothing that frees a place on a platform that is not full matters', () => {
    admissions.noteFreed('other');
    expect(admitted('a', undefined, 'other')).toBe(true);
  });
});
