import { describe, expect, test } from '@jest/globals';
import { audit, exitCodeOf, type Audit } from '../../../src/audit/audit.ts';
import { asked, channel, record, silent, stream } from '../../support/platforms/listed-streams.ts';

const since = new Date('2026-11-01T20:00:00Z');
const only = (result: Audit) => result.platforms[0]?.streams[0];
const run = (
  platforms: Parameters<typeof audit>[0],
  channels: Parameters<typeof audit>[1],
  known = platforms.map(({ name }) => name),
): Audit => audit(platforms, channels, new Set(known));

describe('a stream', () => {
  test('that its channel records is the channel’s', () => {
    const result = run([asked([stream('stream-1')])], [channel('auction', [record()])]);
    expect(only(result)).toMatchObject({ belonging: 'owned', channel: 'shop/auction' });
    expect(exitCodeOf(result)).toBe(0);
  });

  test('whose id is not noted yet is known by its name', () => {
    const { id: _, ...pending } = record();
    const result = run([asked([stream('stream-1')])], [channel('auction', [pending])]);
    expect(only(result)?.belonging).toBe('owned');
  });

  test('that the channel moves to, or away from, is the channel’s too', () => {
    const records = [record(), record({ role: 'incoming', platform: 'ivs', name: 'lc-2', id: 'stream-2' })];
    const result = run([asked([stream('stream-2', { name: 'lc-2' })])], [channel('auction', records)]);
    expect(only(result)?.belonging).toBe('owned');
  });

  test('of a channel that is gone is an orphan, also where another one has its name now', () => {
    const gone = stream('stream-1', { owner: { channelUid: 'uid-of-before' } });
    const result = run([asked([gone])], [channel('auction', [record({ id: 'stream-9' })])]);
    expect(only(result)).toMatchObject({ belonging: 'orphan', channel: 'shop/auction' });
    expect(exitCodeOf(result)).toBe(1);
  });

  test.each([
    ['another id', [record({ id: 'stream-9' })]],
    ['another platform', [record({ platform: 'mux' })]],
    ['no stream', []],
  ])('whose channel records %s is a stray', (_what, records) => {
    const result = run([asked([stream('stream-1')])], [channel('auction', records)]);
    expect(only(result)?.belonging).toBe('stray');
    expect(result.totals).toMatchObject({ streams: 1, orphans: 0, strays: 1 });
    expect(exitCodeOf(result)).toBe(1);
  });

  test('that nobody of this cluster made is not told of', () => {
    expect(only(run([asked([{ ...stream('stream-1'), owner: undefined }])], []))).toBeUndefined();
  });
});

describe('two platforms with one account', () => {
  const streams = [stream('stream-1'), stream('stream-2', { owner: { platform: 'ivs-too' } })];
  const channels = [channel('auction', [record(), record({ platform: 'ivs-too', id: 'stream-2' })])];
  const idsOf = ({ platforms }: Audit): string[][] =>
    platforms.map((platform) => platform.streams.map(({ id }) => id));

  test('tell of each stream once, under the one that made it', () => {
    const result = run([asked(streams), asked(streams, { name: 'ivs-too' })], channels);
    expect(idsOf(result)).toEqual([['stream-1'], ['stream-2']]);
    expect(result.totals).toMatchObject({ streams: 2, orphans: 0, strays: 0 });
  });

  test('one alone tells of its own', () => {
    expect(idsOf(run([asked(streams)], channels, ['ivs', 'ivs-too']))).toEqual([['stream-1']]);
  });

  test('what was made through one that is gone is told of once', () => {
    const left = [stream('stream-3', { owner: { platform: 'deleted' } })];
    expect(idsOf(run([asked(left), asked(left, { name: 'ivs-too' })], []))).toEqual([['stream-3'], []]);
  });

  test('what was made through one that leads elsewhere by now is told of', () => {
    const left = [stream('stream-3', { owner: { platform: 'ivs-too' } })];
    expect(idsOf(run([asked(left), asked([], { name: 'ivs-too' })], []))).toEqual([['stream-3'], []]);
  });
});

describe('figures', () => {
  test('a live stream has its viewers and its cost by the resolution of its channel', () => {
    const live = stream('stream-1', { live: true, liveSince: since });
    const small = channel('auction', [record()], { spec: { relay: { maxResolution: '720p' } } });
    const result = run([asked([live], { viewers: { 'stream-1': 100 } })], [small]);
    expect(only(result)).toMatchObject({
      live: true,
      liveSince: since,
      viewers: 100,
      microDollarsAnHour: 2_000_000 + 100 * 72_000,
      costIsComplete: true,
    });
    expect(result.totals).toEqual({
      streams: 1,
      live: 1,
      orphans: 0,
      strays: 0,
      viewers: 100,
      microDollarsAnHour: 9_200_000,
      costIsComplete: true,
    });
  });

  test('an orphan is reckoned at the highest resolution', () => {
    const live = stream('stream-1', { live: true, viewers: 1 });
    expect(only(run([asked([live])], []))?.microDollarsAnHour).toBe(2_000_000 + 144_000);
  });

  test('analytics tell that a stream is live where the list does not', () => {
    const unknown = stream('stream-1', { live: undefined });
    expect(only(run([asked([unknown], { viewers: { 'stream-1': 3 } })], []))).toMatchObject({
      live: true,
      viewers: 3,
    });
  });

  test('where nobody tells, it is reckoned as live, and the cost is not complete', () => {
    const result = run([asked([stream('stream-1', { live: undefined })])], []);
    expect(only(result)).toMatchObject({
      live: undefined,
      microDollarsAnHour: 2_000_000,
      costIsComplete: false,
    });
    expect(result.totals).toMatchObject({ live: 0, microDollarsAnHour: 2_000_000, costIsComplete: false });
  });

  test('off air it costs nothing', () => {
    const result = run([asked([stream('stream-1', { viewers: 7 })])], []);
    expect(only(result)).toMatchObject({ viewers: undefined, microDollarsAnHour: 0, costIsComplete: true });
  });

  test('what nobody knows the price of is not known, and the total says so', () => {
    const live = stream('stream-1', { live: true, owner: { platform: 'any' } });
    const result = run([asked([live], { name: 'any', spec: { provider: 'rtmp' } })], []);
    expect(only(result)?.microDollarsAnHour).toBeUndefined();
    expect(result.totals.costIsComplete).toBe(false);
  });
});

test('a platform that could not be queried is reported with the reason, and the exit code is 2', () => {
  const result = run([silent('other'), asked([stream('stream-1')])], []);
  expect(result.platforms[0]).toMatchObject({
    name: 'other',
    streams: [],
    problem: { reason: 'CredentialsRejected' },
  });
  expect(result.totals).toMatchObject({ orphans: 1, costIsComplete: false });
  expect(exitCodeOf(result)).toBe(2);
});
