import { describe, expect, test } from '@jest/globals';
import type { Reason } from '../../../../src/api/reasons.ts';
import type { RelayPodFacts } from '../../../../src/channel/state.ts';
import { countRestarts, type RestartCount } from '../../../../src/channel/status/restarts.ts';
import { aPod, later, now } from '../../../support/channel/channel-examples.ts';

const time = '2026-03-01T12:00:00Z';
const seen = { restarts: 2, observedPodUid: 'pod-1', observedContainerRestarts: 1 };
const crashed = { exitCode: 1, reason: 'Error', message: '{"reason":"EncoderCrashed","message":""}' };

describe('what counts as a restart', () => {
  test.each<
    [string, RestartCount | undefined, Partial<RelayPodFacts> | undefined, Reason, Partial<RestartCount>]
  >([
    ['the first pod is a start', undefined, {}, 'PodDeleted', { restarts: 0, observedPodUid: 'pod-1' }],
    ['nothing new', seen, { restartCount: 1 }, 'PodDeleted', seen],
    [
      'the container was started again, with the reason that it left',
      seen,
      { restartCount: 2, ended: crashed },
      'PodDeleted',
      { restarts: 3, lastRestartReason: 'EncoderCrashed', lastRestartTime: time },
    ],
    [
      'the container was started again three times while nobody looked',
      seen,
      { restartCount: 4, ended: crashed },
      'PodDeleted',
      { restarts: 5, observedContainerRestarts: 4 },
    ],
    [
      'another pod, with the reason of its predecessor’s end',
      seen,
      { uid: 'pod-2' },
      'Evicted',
      { restarts: 3, lastRestartReason: 'Evicted', observedPodUid: 'pod-2', observedContainerRestarts: 0 },
    ],
    [
      'another pod that was started again already: both',
      seen,
      { uid: 'pod-2', restartCount: 1, ended: crashed },
      'PodDeleted',
      { restarts: 4, lastRestartReason: 'EncoderCrashed' },
    ],
    [
      'another pod after a stop is a start',
      seen,
      { uid: 'pod-2' },
      'Suspended',
      { restarts: 2, observedPodUid: 'pod-2' },
    ],
    [
      'the pod of the other slot, after a move, is a start',
      seen,
      { uid: 'pod-2', slot: 1 },
      'Migrated',
      { restarts: 2, observedPodUid: 'pod-2', observedContainerRestarts: 0 },
    ],
    [
      'another pod for another spec',
      seen,
      { uid: 'pod-2' },
      'SpecChanged',
      { restarts: 3, lastRestartReason: 'SpecChanged' },
    ],
    ['no pod: nothing yet', seen, undefined, 'PodDeleted', seen],
  ])('%s', (_, before, pod, replacedBecause, expected) => {
    const context = { stopped: false, replacedBecause, now };
    const after = countRestarts(before, pod === undefined ? undefined : aPod(pod), context);
    expect(after).toMatchObject(expected);
    // Whoever looks again, later, or after a crash, counts nothing twice.
    const again = countRestarts(after, pod === undefined ? undefined : aPod(pod), {
      ...context,
      now: later(60),
    });
    expect(again).toEqual(after);
  });
});

test('after a stop the next pod is a start', () => {
  const stopped = countRestarts(seen, undefined, { stopped: true, replacedBecause: 'Suspended', now });
  expect(stopped).toEqual({ restarts: 2 });
  const context = { stopped: false, replacedBecause: 'PodDeleted', now } as const;
  expect(countRestarts(stopped, aPod({ uid: 'pod-2' }), context)).toMatchObject({ restarts: 2 });
});
