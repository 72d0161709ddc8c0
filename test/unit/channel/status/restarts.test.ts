import { describe, expect, test } from '@jest/globals';
import type { Reason } from '../../../../src/api/reasons.ts';
import type { RelayPodFacts } from '../../../../src/channel/state.ts';
import { countRestarts, type RestartCount } from '../../../../src/channel/status/restarts.ts';
import { aPod, later, now } from '../../../support/channel/channel-examples.ts';

const time = '2026-03-01T12:00:00Z';
const seen = { restarts: 2, observedPodUid: 'pod-1', observedContainerRestarts: 1 };
const crashed = { exitCode: 1, reason: 'Error', message: '{"reason":"EncoderCrashed","message":""}' };

describe('counting restarts', () => {
  test.each<
    [string, RestartCount | undefined, Partial<RelayPodFacts> | undefined, Reason, Partial<RestartCount>]
  >([
    ['does not count the first pod', undefined, {}, 'PodDeleted', { restarts: 0, observedPodUid: 'pod-1' }],
    ['does not count without a change', seen, { restartCount: 1 }, 'PodDeleted', seen],
    [
      'counts a container restart, with the reason of its termination',
      seen,
      { restartCount: 2, ended: crashed },
      'PodDeleted',
      { restarts: 3, lastRestartReason: 'EncoderCrashed', lastRestartTime: time },
    ],
    [
      'counts three container restarts since the last reconcile',
      seen,
      { restartCount: 4, ended: crashed },
      'PodDeleted',
      { restarts: 5, observedContainerRestarts: 4 },
    ],
    [
      'counts another pod, with the reason of the previous pod’s end',
      seen,
      { uid: 'pod-2' },
      'Evicted',
      { restarts: 3, lastRestartReason: 'Evicted', observedPodUid: 'pod-2', observedContainerRestarts: 0 },
    ],
    [
      'counts both another pod and its container restarts',
      seen,
      { uid: 'pod-2', restartCount: 1, ended: crashed },
      'PodDeleted',
      { restarts: 4, lastRestartReason: 'EncoderCrashed' },
    ],
    [
      'does not count another pod after a stop',
      seen,
      { uid: 'pod-2' },
      'Suspended',
      { restarts: 2, observedPodUid: 'pod-2' },
    ],
    [
      'does not count the pod of the other slot after a migration',
      seen,
      { uid: 'pod-2', slot: 1 },
      'Migrated',
      { restarts: 2, observedPodUid: 'pod-2', observedContainerRestarts: 0 },
    ],
    [
      'counts another pod for another spec',
      seen,
      { uid: 'pod-2' },
      'SpecChanged',
      { restarts: 3, lastRestartReason: 'SpecChanged' },
    ],
    ['does not count while there is no pod', seen, undefined, 'PodDeleted', seen],
  ])('%s', (_, before, pod, replacedBecause, expected) => {
    const context = { stopped: false, replacedBecause, now };
    const after = countRestarts(before, pod === undefined ? undefined : aPod(pod), context);
    expect(after).toMatchObject(expected);
    // Another evaluation, later or after a crash, counts nothing twice.
    const again = countRestarts(after, pod === undefined ? undefined : aPod(pod), {
      ...context,
      now: later(60),
    });
    expect(again).toEqual(after);
  });
});

test('the next pod after a stop does not count', () => {
  const stopped = countRestarts(seen, undefined, { stopped: true, replacedBecause: 'Suspended', now });
  expect(stopped).toEqual({ restarts: 2 });
  const context = { stopped: false, replacedBecause: 'PodDeleted', now } as const;
  expect(countRestarts(stopped, aPod({ uid: 'pod-2' }), context)).toMatchObject({ restarts: 2 });
});
