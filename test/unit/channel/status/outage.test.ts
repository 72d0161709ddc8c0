import { describe, expect, test } from '@jest/globals';
import type { LiveChannelStatus } from '../../../../src/api/live-channel.ts';
import type { Reason } from '../../../../src/api/reasons.ts';
import { found, missing, type StreamState, type Observed } from '../../../../src/channel/state.ts';
import { blamesPlatform, outageOf, platformProblem } from '../../../../src/channel/status/outage.ts';
import {
  aChannel,
  aStream,
  aPod,
  aReport,
  anObserved,
  aDesiredStream,
  bare,
  now,
  waitingForHost,
} from '../../../support/channel/channel-examples.ts';

const blamed = (
  stream: Partial<StreamState> | undefined,
  target: Observed['desired'] = found(aDesiredStream()),
): unknown => platformProblem(anObserved({ desired: target }), stream && aStream(stream))?.reason;
const failure = (part: 'stream' | 'relay', reason: Reason): Partial<StreamState> => ({
  ...bare,
  deferred: { failure: { part, reason, message: '' } },
});
const reporting = (reason: Reason): Partial<StreamState> => ({
  report: aReport({ state: 'failed', reason }),
});
const ended = (reason: Reason): Partial<StreamState> => ({
  report: undefined,
  pod: aPod({
    running: false,
    ended: { exitCode: 3, reason: 'Error', message: JSON.stringify({ reason, message: '' }) },
  }),
});
const refused = found(aDesiredStream({ refused: { reason: 'QuotaExceeded', message: '' } }));

describe('the platform causes the outage', () => {
  test.each<[string, Partial<StreamState> | undefined, Observed['desired'] | undefined, Reason]>([
    ['when it does not exist', undefined, missing('PlatformNotFound', ''), 'PlatformNotFound'],
    ['when it is full', undefined, refused, 'QuotaExceeded'],
    [
      'when it becomes unusable while a stream is on it',
      { platform: missing('CredentialsNotFound', '') },
      undefined,
      'CredentialsNotFound',
    ],
    ['when it does not answer', failure('stream', 'PlatformUnavailable'), undefined, 'PlatformUnavailable'],
    ['when its ingest cannot be reached', reporting('IngestUnreachable'), undefined, 'IngestUnreachable'],
    [
      'when its ingest refused the key, and the relay gave up',
      ended('IngestRejected'),
      undefined,
      'IngestRejected',
    ],
  ])('%s', (_, stream, target, reason) => {
    expect(blamed(stream, target)).toBe(reason);
  });
});

describe('the platform does not cause the outage', () => {
  test.each<[string, Partial<StreamState> | undefined, Observed['desired'] | undefined]>([
    ['when the channel is on air', {}, undefined],
    ['when there is no host', { report: waitingForHost }, undefined],
    ['when the browser crashes', ended('BrowserCrashed'), undefined],
    ['when the pod cannot be created', failure('relay', 'PodCreateFailed'), undefined],
    ['when nothing has been observed yet', { report: undefined, pod: aPod({ ready: false }) }, undefined],
    [
      'when the spec requires an option that it does not support',
      undefined,
      missing('InvalidConfiguration', ''),
    ],
    ['when only the migration target has a fault', {}, refused],
  ])('%s', (_, stream, target) => {
    expect(blamed(stream, target)).toBeUndefined();
  });
});

test('a restarted relay is judged by its current report, not by its last termination', () => {
  expect(
    blamed({ ...ended('IngestRejected'), pod: aPod({ ...ended('IngestRejected').pod, running: true }) }),
  ).toBe(undefined);
});

test('reasons that the user must fix do not cause a failover to another platform', () => {
  for (const reason of ['AgoraTokenRejected', 'CodecUnsupported', 'InvalidConfiguration', 'Nonsense', ''])
    expect(blamesPlatform(reason)).toBe(false);
});

describe('the start of an outage', () => {
  const status = (is: 'True' | 'False' | 'Unknown', reason: string): LiveChannelStatus => ({
    conditions: [
      {
        type: 'FallbackActive',
        status: is,
        reason,
        message: 'm',
        lastTransitionTime: '2026-03-01T12:00:00Z',
      },
    ],
  });
  const outage = (previous?: LiveChannelStatus): unknown =>
    outageOf(aChannel(previous && { status: previous }));

  test('is read from the condition FallbackActive', () => {
    const expected = { since: now, reason: 'IngestRejected', message: 'm' };
    expect(outage(status('Unknown', 'IngestRejected'))).toEqual(expected);
    expect(outage(status('True', 'FallbackAgora'))).toMatchObject({ since: now });
  });

  test('is undefined without a fallback in use, or on the fallback platform', () => {
    expect(outage()).toBeUndefined();
    expect(outage(status('False', 'NotInUse'))).toBeUndefined();
    expect(outage(status('True', 'FallbackPlatform'))).toBeUndefined();
  });
});
