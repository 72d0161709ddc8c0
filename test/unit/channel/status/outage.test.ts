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

describe('what keeps a channel off air is its platform’s fault', () => {
  test.each<[string, Partial<StreamState> | undefined, Observed['desired'] | undefined, Reason]>([
    ['which is not there', undefined, missing('PlatformNotFound', ''), 'PlatformNotFound'],
    ['which is full', undefined, refused, 'QuotaExceeded'],
    [
      'which went while a stream is on it',
      { platform: missing('CredentialsNotFound', '') },
      undefined,
      'CredentialsNotFound',
    ],
    ['which does not answer', failure('stream', 'PlatformUnavailable'), undefined, 'PlatformUnavailable'],
    ['whose ingest cannot be reached', reporting('IngestUnreachable'), undefined, 'IngestUnreachable'],
    [
      'whose ingest refused the key, and the relay gave up',
      ended('IngestRejected'),
      undefined,
      'IngestRejected',
    ],
  ])('%s', (_, stream, target, reason) => {
    expect(blamed(stream, target)).toBe(reason);
  });
});

describe('or is not', () => {
  test.each<[string, Partial<StreamState> | undefined, Observed['desired'] | undefined]>([
    ['when it is on air', {}, undefined],
    ['when no host is there', { report: waitingForHost }, undefined],
    ['when the browser crashes', ended('BrowserCrashed'), undefined],
    ['when the pod cannot be made', failure('relay', 'PodCreateFailed'), undefined],
    ['when nothing is known yet', { report: undefined, pod: aPod({ ready: false }) }, undefined],
    ['when the spec asks for what it does not have', undefined, missing('InvalidConfiguration', '')],
    ['when the next platform is at fault: this one serves', {}, refused],
  ])('%s', (_, stream, target) => {
    expect(blamed(stream, target)).toBeUndefined();
  });
});

test('a relay that runs again is judged by what it says now, not by its last end', () => {
  expect(
    blamed({ ...ended('IngestRejected'), pod: aPod({ ...ended('IngestRejected').pod, running: true }) }),
  ).toBe(undefined);
});

test('the user’s own slips send nobody to another platform', () => {
  for (const reason of ['AgoraTokenRejected', 'CodecUnsupported', 'InvalidConfiguration', 'Nonsense', ''])
    expect(blamesPlatform(reason)).toBe(false);
});

describe('since when', () => {
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
  const outage = (said?: LiveChannelStatus): unknown => outageOf(aChannel(said && { status: said }));

  test('the condition FallbackActive remembers', () => {
    const expected = { since: now, reason: 'IngestRejected', message: 'm' };
    expect(outage(status('Unknown', 'IngestRejected'))).toEqual(expected);
    expect(outage(status('True', 'FallbackAgora'))).toMatchObject({ since: now });
  });

  test('nothing is out while nothing stands in, or another platform does', () => {
    expect(outage()).toBeUndefined();
    expect(outage(status('False', 'NotInUse'))).toBeUndefined();
    expect(outage(status('True', 'FallbackPlatform'))).toBeUndefined();
  });
});
