import { describe, expect, test } from '@jest/globals';
import type { StreamingPlatformStatus } from '../../../../src/api/streaming-platform.ts';
import { describePlatform } from '../../../../src/controllers/streaming-platform/describe.ts';
import { later, now } from '../../../support/channel/channel-examples.ts';
import { aStream, aStreamingPlatform } from '../../../support/platforms/platform-examples.ts';

const out = { reason: 'PlatformUnavailable', message: 'It does not answer.' } as const;
const [one, two] = [aStream('s-1'), aStream('s-2')];
const condition = (status: StreamingPlatformStatus, type: string): unknown =>
  status.conditions?.find((each) => each.type === type);

describe('the status of a platform', () => {
  test('is Ready when it answers, with the number of streams', () => {
    const checked = { streams: [one, two], orphans: [] };
    const status = describePlatform(aStreamingPlatform('origin'), checked, [], now);
    expect(status).toMatchObject({ observedGeneration: 1, streams: 2, orphanedStreams: 0 });
    expect(condition(status, 'Ready')).toMatchObject({ status: 'True', reason: 'CredentialsVerified' });
    expect(condition(status, 'OrphanedStreams')).toMatchObject({
      status: 'False',
      reason: 'NoOrphanedStreams',
    });
  });

  test('has the limit of streams, also while the platform does not answer', () => {
    const checked = { streams: [one], orphans: [], capacity: { maxStreams: 20 } };
    const before = describePlatform(aStreamingPlatform('origin'), checked, [], now);
    expect(before.maxStreams).toBe(20);
    const after = (later: Partial<typeof checked> & { problem?: typeof out }) =>
      describePlatform(aStreamingPlatform('origin', { status: before }), later, [], now).maxStreams;
    expect(after({ problem: out })).toBe(20);
    const unlimited = { streams: [one], orphans: [], capacity: { maxStreams: undefined } };
    const status = describePlatform(aStreamingPlatform('origin', { status: before }), unlimited, [], now);
    expect(status).not.toHaveProperty('maxStreams');
  });

  test('is not Ready when it does not answer, with the reason and the last known number of streams', () => {
    const before = describePlatform(
      aStreamingPlatform('origin'),
      { streams: [one], orphans: [one] },
      [],
      now,
    );
    const status = describePlatform(
      aStreamingPlatform('origin', { status: before }),
      { problem: out },
      [],
      later(60),
    );
    expect(status).toMatchObject({ streams: 1, orphanedStreams: 1 });
    expect(condition(status, 'Ready')).toMatchObject({
      status: 'False',
      ...out,
      lastTransitionTime: '2026-03-01T12:01:00Z',
    });
    expect(condition(status, 'OrphanedStreams')).toMatchObject({
      lastTransitionTime: '2026-03-01T12:00:00Z',
    });
  });

  test('is not Ready when it refuses a call, even if its streams are known', () => {
    const checked = { problem: { ...out, reason: 'PermissionDenied' as const }, streams: [one], orphans: [] };
    const status = describePlatform(aStreamingPlatform('origin'), checked, [], now);
    expect(status.streams).toBe(1);
    expect(condition(status, 'Ready')).toMatchObject({ status: 'False', reason: 'PermissionDenied' });
  });

  test('lists orphaned streams and the remedy', () => {
    const orphans = Array.from({ length: 12 }, (_, at) => aStream(`s-${String(at + 10)}`));
    const status = describePlatform(aStreamingPlatform('origin'), { streams: orphans, orphans }, [], now);
    expect(condition(status, 'OrphanedStreams')).toMatchObject({
      status: 'True',
      message: expect.stringMatching(/s-10, .*s-19 and 2 more\. Set spec\.orphanPolicy to Delete/) as unknown,
    });
    expect(condition(status, 'Ready')).toMatchObject({ status: 'True' });
  });

  test('lists the users of a platform that is being deleted, and its other problem', () => {
    const users = ['shop/a', 'shop/b'];
    const kept = describePlatform(aStreamingPlatform('origin'), { streams: [], orphans: [] }, users, now);
    expect(condition(kept, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'InUse',
      message: 'Deletion is blocked while LiveChannels still use this platform: shop/a, shop/b.',
    });
    const broken = describePlatform(aStreamingPlatform('origin'), { problem: out }, users, now);
    expect(condition(broken, 'Ready')).toMatchObject({
      reason: 'InUse',
      message: expect.stringContaining('shop/a, shop/b. It does not answer.') as unknown,
    });
  });

  test('is unchanged without news', () => {
    const checked = { streams: [one, two], orphans: [two] };
    const before = describePlatform(aStreamingPlatform('origin'), checked, [], now);
    const again = { streams: [two, one], orphans: [two] };
    const status = describePlatform(aStreamingPlatform('origin', { status: before }), again, [], later(600));
    expect(status).toEqual(before);
  });
});
