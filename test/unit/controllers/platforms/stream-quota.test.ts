import { beforeEach, describe, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { missing } from '../../../../src/channel/state.ts';
import { streamRecords, type StreamRecord } from '../../../../src/api/stream-records.ts';
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
/** The quota of an operator that has just started. */
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
/** A channel that waits for a stream. Names later in the alphabet are younger. */
function channel(name: string, { born, records = [], ...difference }: Difference = {}): LiveChannel {
  const second = String(born ?? name.charCodeAt(0) - 97).padStart(2, '0');
  return aChannel({
    ...difference,
    records,
    metadata: { name, uid: name, creationTimestamp: `2026-03-01T11:00:${second}Z` },
  });
}
const live = (name: string): LiveChannel => channel(name, { records: [aRecord()] });
const begun = (name: string, difference: Difference = {}): LiveChannel =>
  channel(name, { ...difference, records: [withoutId(aRecord())] });

/** Whether the channel is admitted, on a platform with this limit of streams. */
function admitted(name: string, maxStreams?: number, platform = 'origin'): boolean {
  const one = channels.find(({ metadata }) => metadata.name === name);
  if (one === undefined) throw new Error(`no channel ${name}`);
  return admissions.refusal(one, { platform, maxStreams }) === undefined;
}
const admittedNames = (maxStreams?: number): string[] =>
  channels
    .filter((each) => streamRecords(each).every(({ id }) => id === undefined)) // A channel that has a stream requests no quota.
    .map(({ metadata }) => metadata.name)
    .filter((name) => admitted(name, maxStreams));
const full = (uid: string): void => {
  admissions.noteFull('origin', uid, 'StreamingPlatform origin: 50 streams are the limit.');
};

test('without a known or reached limit, every channel is admitted', () => {
  channels = ['a', 'b', 'c'].map((name) => channel(name));
  expect(admittedNames()).toEqual(['a', 'b', 'c']);
});

describe('limited quota', () => {
  test('goes to the oldest channels', () => {
    channels = [channel('c'), live('x'), channel('a'), channel('b')];
    expect(admittedNames(3)).toEqual(['a', 'b']);
  });

  test('goes to channels of higher priority first', () => {
    channels = [
      channel('a'),
      channel('b', { spec: { priority: 10 } }),
      channel('c', { spec: { priority: -1 } }),
    ];
    expect(admittedNames(1)).toEqual(['b']);
    expect(admittedNames(2)).toEqual(['a', 'b']);
  });

  test('has a stable order among channels of the same second', () => {
    channels = [channel('b', { born: 0 }), channel('a', { born: 0 })];
    expect(admittedNames(1)).toEqual(['a']);
  });

  test('is not reserved for channels that need none on that platform', () => {
    channels = [
      channel('a', { spec: { streamMode: 'agora-only' } }),
      channel('b', { deleting: true }),
      channel('c', { spec: { platformRef: { name: 'other' } } }),
      live('d'),
      channel('e'),
    ];
    expect(admitted('e', 2)).toBe(true);
  });

  test('counts every stream, including those being created, drained or deleted', () => {
    const records = [
      aRecord({ role: 'draining' }),
      withoutId(aRecord({ role: 'incoming', name: 'lc-low-latency' })),
    ];
    channels = [channel('a'), channel('x', { records })];
    expect(admitted('a', 2)).toBe(false);
    expect(admitted('a', 3)).toBe(true);
  });

  test('applies to one platform only', () => {
    channels = [live('x'), channel('a')];
    expect(admitted('a', 1)).toBe(false);
    expect(admitted('a', 1, 'other')).toBe(true);
  });

  test('is reserved for a while, even if the cache does not show the stream yet', async () => {
    channels = [channel('a'), channel('b')];
    expect(admitted('a', 1)).toBe(true);
    channels = [channel('b'), channel('0-older', { born: 0 }), channel('a')];
    expect(admittedNames(1)).toEqual(['a']);
    await clock.advance(30_000);
    expect(admittedNames(1)).toEqual(['0-older']);
  });

  test('counts a reservation and its record once', () => {
    channels = [channel('a'), channel('b')];
    expect(admitted('a', 2)).toBe(true);
    channels = [live('a'), channel('b')];
    expect(admitted('b', 2)).toBe(true);
  });

  test('is explained in the refusal, with the limit and the order of admission', () => {
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

describe('no channel is blocked permanently', () => {
  test('by a channel whose own record takes the place that it is refused', () => {
    channels = [channel('a', { spec: { priority: 10 } }), begun('b'), live('x')];
    admissions = restarted(); // b was admitted by the previous process.
    expect(admittedNames(2)).toHaveLength(1);
  });

  test('by a channel that cannot use a place', () => {
    const problem = missing('CredentialsNotFound', 'Secret shop/agora does not exist.');
    const { status } = described(anObserved({ streams: [], credentials: problem })).channel;
    channels = [channel('a', status === undefined ? {} : { status }), channel('b')];
    expect(admitted('b', 1)).toBe(true);
    full('b');
    expect(admitted('b')).toBe(false);
  });
});

describe('a full account', () => {
  beforeEach(() => {
    channels = [channel('a'), channel('b', { spec: { priority: 10 } }), begun('c')];
    full('b');
  });
  /** Which channels send a request in the next seconds, checked every second. Each request is refused again. */
  async function retries(seconds: number): Promise<string[]> {
    const retried: string[] = [];
    for (let second = 0; second < seconds; second += 1) {
      await clock.advance(1_000);
      for (const name of admittedNames()) {
        retried.push(`${name} at ${String(clock.monotonic() / 1_000)}`);
        full(name);
      }
    }
    return retried;
  }

  test('is retried by one channel at a time, the first in the queue, at growing intervals', async () => {
    expect(await retries(600)).toEqual([15, 45, 105, 225, 345, 465, 585].map((at) => `b at ${String(at)}`));
  });

  test('counts concurrent refusals once', async () => {
    for (const name of ['a', 'b', 'c']) full(name);
    expect(await retries(44)).toEqual(['b at 15']);
  });

  test('is retried by one channel alone until it has an answer', async () => {
    await clock.advance(15_000);
    expect(admittedNames()).toEqual(['b']);
    expect(admitted('a')).toBe(false);
    expect(admitted('b')).toBe(true); // It continues with what it was admitted for.
  });

  test('is retried at once when a stream was deleted', async () => {
    expect(admittedNames()).toEqual([]);
    admissions.noteFreed('origin');
    expect(admittedNames()).toEqual(['b']);
  });

  test('admits all channels again once a stream was created', () => {
    admissions.noteAvailable('origin');
    expect(admittedNames()).toEqual(['a', 'b', 'c']);
  });

  test('has no effect on other platforms', () => {
    expect(admitted('a', undefined, 'other')).toBe(true);
  });

  test('has a refusal with the platform’s message', () => {
    const [first] = channels;
    if (first === undefined) throw new Error('no channel');
    const refusal = admissions.refusal(first, { platform: 'origin', maxStreams: undefined });
    expect(refusal?.message).toMatch(/^StreamingPlatform origin: 50 streams are the limit\. .*Queued: /);
  });

  test('a stream deleted on a platform that is not full changes nothing', () => {
    admissions.noteFreed('other');
    expect(admitted('a', undefined, 'other')).toBe(true);
  });
});
