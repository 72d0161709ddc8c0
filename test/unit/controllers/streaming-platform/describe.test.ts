import { describe, expect, test } from '@jest/globals';
import type { StreamingPlatformStatus } from '../../../../src/api/streaming-platform.ts';
import { describePlatform } from '../../../../src/controllers/streaming-platform/describe.ts';
import { later, now } from '../../../support/channel/channel-examples.ts';
import { aStream, aStreamingPlatform } from '../../../support/platforms/platform-examples.ts';

const out = { reason: 'PlatformUnavailable', message: 'It does not answer.' } as const;
const [one, two] = [aStream('s-1'), aStream('s-2')];
const condition = (status: StreamingPlatformStatus, type: string): unknown =>
  status.conditions?.find((each) => each.type === type);

describe('a platform', () => {
  test('that answers is ready, and says how many streams it has', () => {
    const checked = { streams: [one, two], orphans: [] };
    const status = describePlatform(aStreamingPlatform('origin'), checked, [], now);
    expect(status).toMatchObject({ observedGeneration: 1, streams: 2, orphanedStreams: 0 });
    expect(condition(status, 'Ready')).toMatchObject({ status: 'True', reason: 'CredentialsVerified' });
    expect(condition(status, 'OrphanedStreams')).toMatchObject({
      status: 'False',
      reason: 'NoOrphanedStreams',
    });
  });

  test('that does not is not, says why, and keeps what was counted last', () => {
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

  test('that refuses a call is not ready, though its streams are known', () => {
    const checked = { problem: { ...out, reason: 'PermissionDenied' as const }, streams: [one], orphans: [] };
    const status = describePlatform(aStreamingPlatform('origin'), checked, [], now);
    expect(status.streams).toBe(1);
    expect(condition(status, 'Ready')).toMatchObject({ status: 'False', reason: 'PermissionDenied' });
  });

  test('with orphans names them, and what can be done', () => {
    const orphans = Array.from({ length: 12 }, (_, at) => aStream(`s-${String(at + 10)}`));
    const status = describePlatform(aStreamingPlatform('origin'), { streams: orphans, orphans }, [], now);
    expect(condition(status, 'OrphanedStreams')).toMatchObject({
      status: 'True',
      message: expect.stringMatching(/s-10, .*s-19 and 2 more\. Set spec\.orphanPolicy to Delete/) as unknown,
    });
    expect(condition(status, 'Ready')).toMatchObject({ status: 'True' });
  });

  test('that is being deleted names who keeps it, and what is wrong beside that', () => {
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

  test('of which nothing is new is described as before', () => {
    const checked = { streams: [one, two], orphans: [two] };
    const before = describePlatform(aStreamingPlatform('origin'), checked, [], now);
    const again = { streams: [two, one], orphans: [two] };
    const status = describePlatform(aStreamingPlatform('origin', { status: before }), again, [], later(600));
    expect(status).toEqual(before);
  });
});
