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

describe('the owner of a stream', () => {
  test('is the channel that records it', () => {
    const result = run([asked([stream('stream-1')])], [channel('auction', [record()])]);
    expect(only(result)).toMatchObject({ belonging: 'owned', channel: 'shop/auction' });
    expect(exitCodeOf(result)).toBe(0);
  });

  test('is the channel that records its name, while the id is not recorded yet', () => {
    const { id: _, ...pending } = record();
    const result = run([asked([stream('stream-1')])], [channel('auction', [pending])]);
    expect(only(result)?.belonging).toBe('owned');
  });

  test('is the channel also when the record is incoming or draining', () => {
    const records = [record(), record({ role: 'incoming', platform: 'ivs', name: 'lc-2', id: 'stream-2' })];
    const result = run([asked([stream('stream-2', { name: 'lc-2' })])], [channel('auction', records)]);
    expect(only(result)?.belonging).toBe('owned');
  });

  test('is gone when the channel was deleted, even if another channel has its name now', () => {
    const gone = stream('stream-1', { owner: { channelUid: 'uid-of-before' } });
    const result = run([asked([gone])], [channel('auction', [record({ id: 'stream-9' })])]);
    expect(only(result)).toMatchObject({ belonging: 'orphan', channel: 'shop/auction' });
    expect(exitCodeOf(result)).toBe(1);
  });

  test.each([
    ['another id', [record({ id: 'stream-9' })]],
    ['another platform', [record({ platform: 'mux' })]],
    ['no stream', []],
  ])('does not record the stream: %s', (_what, records) => {
    const result = run([asked([stream('stream-1')])], [channel('auction', records)]);
    expect(only(result)?.belonging).toBe('stray');
    expect(result.totals).toMatchObject({ streams: 1, orphans: 0, strays: 1 });
    expect(exitCodeOf(result)).toBe(1);
  });

  test('is unknown for streams of other clusters, which are not listed', () => {
    expect(only(run([asked([{ ...stream('stream-1'), owner: undefined }])], []))).toBeUndefined();
  });
});

describe('two platforms of one account', () => {
  const streams = [stream('stream-1'), stream('stream-2', { owner: { platform: 'ivs-too' } })];
  const channels = [channel('auction', [record(), record({ platform: 'ivs-too', id: 'stream-2' })])];
  const idsOf = ({ platforms }: Audit): string[][] =>
    platforms.map((platform) => platform.streams.map(({ id }) => id));

  test('list each stream once, under the platform that created it', () => {
    const result = run([asked(streams), asked(streams, { name: 'ivs-too' })], channels);
    expect(idsOf(result)).toEqual([['stream-1'], ['stream-2']]);
    expect(result.totals).toMatchObject({ streams: 2, orphans: 0, strays: 0 });
  });

  test('list only the streams of the audited one', () => {
    expect(idsOf(run([asked(streams)], channels, ['ivs', 'ivs-too']))).toEqual([['stream-1']]);
  });

  test('list a stream of a deleted platform once', () => {
    const left = [stream('stream-3', { owner: { platform: 'deleted' } })];
    expect(idsOf(run([asked(left), asked(left, { name: 'ivs-too' })], []))).toEqual([['stream-3'], []]);
  });

  test('list a stream whose platform resource now uses another account', () => {
    const left = [stream('stream-3', { owner: { platform: 'ivs-too' } })];
    expect(idsOf(run([asked(left), asked([], { name: 'ivs-too' })], []))).toEqual([['stream-3'], []]);
  });
});

describe('viewers and costs', () => {
  test('a live stream has viewers and costs at the resolution of its channel', () => {
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

  test('an orphaned stream is priced at the highest resolution', () => {
    const live = stream('stream-1', { live: true, viewers: 1 });
    expect(only(run([asked([live])], []))?.microDollarsAnHour).toBe(2_000_000 + 144_000);
  });

  test('analytics show that a stream is live when the list does not', () => {
    const unknown = stream('stream-1', { live: undefined });
    expect(only(run([asked([unknown], { viewers: { 'stream-1': 3 } })], []))).toMatchObject({
      live: true,
      viewers: 3,
    });
  });

  test('a stream of unknown state is priced as live, and its cost is incomplete', () => {
    const result = run([asked([stream('stream-1', { live: undefined })])], []);
    expect(only(result)).toMatchObject({
      live: undefined,
      microDollarsAnHour: 2_000_000,
      costIsComplete: false,
    });
    expect(result.totals).toMatchObject({ live: 0, microDollarsAnHour: 2_000_000, costIsComplete: false });
  });

  test('a stream that is off air costs nothing', () => {
    const result = run([asked([stream('stream-1', { viewers: 7 })])], []);
    expect(only(result)).toMatchObject({ viewers: undefined, microDollarsAnHour: 0, costIsComplete: true });
  });

  test('a stream without a known price has no cost, and the total is incomplete', () => {
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
