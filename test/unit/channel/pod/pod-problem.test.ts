import { describe, expect, test } from '@jest/globals';
import { relayExitCodes } from '../../../../src/api/relay-contract.ts';
import type { RelayPodFacts } from '../../../../src/channel/state.ts';
import { podFacts } from '../../../../src/channel/pod/pod-facts.ts';
import { ending, endedFatally, isTransient, podProblem } from '../../../../src/channel/pod/pod-problem.ts';
import { aPod } from '../../../support/channel/channel-examples.ts';

const starting = { phase: 'Pending', running: false, ready: false } as const;
const ended = (exitCode: number, reason: string, message: string): Partial<RelayPodFacts> => ({
  running: false,
  ready: false,
  ended: { exitCode, reason, message },
});
const waiting = (reason: string, message = ''): Partial<RelayPodFacts> => ({
  ...starting,
  waiting: { reason, message },
});

describe('a pod in which nothing is wrong', () => {
  test.each<[string, Partial<RelayPodFacts>]>([
    ['runs', {}],
    ['was made just now', starting],
    ['gets its container made', waiting('ContainerCreating')],
    ['runs again after a crash', { ended: { exitCode: 1, reason: 'Error', message: '' }, restartCount: 1 }],
  ])('%s', (_, difference) => {
    expect(podProblem(aPod(difference))).toBeUndefined();
  });
});

describe('what is wrong with a pod', () => {
  test.each<[string, Partial<RelayPodFacts>, string, RegExp]>([
    [
      'image not found',
      waiting('ErrImagePull', 'not found: relay:1'),
      'ImagePullFailed',
      /ErrImagePull: not found: relay:1/,
    ],
    [
      'image not found, later',
      waiting('ImagePullBackOff', 'Back-off'),
      'ImagePullFailed',
      /ImagePullBackOff: Back-off/,
    ],
    [
      'image never pulled',
      waiting('ErrImageNeverPull'),
      'ImagePullFailed',
      /cannot be pulled. ErrImageNeverPull$/,
    ],
    ['image name not valid', waiting('InvalidImageName'), 'ImagePullFailed', /InvalidImageName/],
    [
      'Secret not there',
      waiting('CreateContainerConfigError', 'secret "show-relay" not found'),
      'ContainerCreateFailed',
      /secret "show-relay" not found/,
    ],
    [
      'program not there',
      waiting('RunContainerError', 'no such file'),
      'ContainerCreateFailed',
      /no such file/,
    ],
    [
      'no node',
      { ...starting, unschedulable: '0/3 nodes are available' },
      'PodPending',
      /0\/3 nodes are available/,
    ],
    [
      'the relay said why it ended',
      ended(1, 'Error', '{"reason":"BrowserCrashed","message":"renderer gone"}'),
      'BrowserCrashed',
      /^renderer gone$/,
    ],
    [
      'the relay said why it ended, and the kubelet waits before it starts it again',
      {
        ...waiting('CrashLoopBackOff', 'back-off 5m0s'),
        phase: 'Running',
        ended: {
          exitCode: 3,
          reason: 'Error',
          message: '{"reason":"IngestRejected","message":"key refused"}',
        },
      },
      'IngestRejected',
      /^key refused$/,
    ],
    [
      'the last line of several is the relay’s word',
      ended(1, 'Error', 'a stack\n{"reason":"EncoderCrashed","message":"exit 187"}\n'),
      'EncoderCrashed',
      /exit 187/,
    ],
    ['not JSON', ended(134, 'Error', 'core dumped'), 'ContainerExited', /exit code 134 \(Error\)/],
    ['nothing said', ended(137, '', ''), 'ContainerExited', /exit code 137\.$/],
    [
      'a reason nobody knows',
      ended(1, 'Error', '{"reason":"Sulking","message":""}'),
      'ContainerExited',
      /exit code 1/,
    ],
    ['JSON of another shape', ended(1, 'Error', '["BrowserCrashed"]'), 'ContainerExited', /exit code 1/],
    ['too much memory', ended(137, 'OOMKilled', ''), 'OOMKilled', /exceeded its memory limit/],
    [
      'evicted',
      { ...starting, phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory' },
      'Evicted',
      /low on memory/,
    ],
    [
      'evicted without a word',
      { ...starting, phase: 'Failed', reason: 'Evicted' },
      'Evicted',
      /The node evicted/,
    ],
    ['node lost', { ...starting, phase: 'Failed', reason: 'NodeLost' }, 'NodeLost', /node was lost/],
    [
      'failed, nobody knows why',
      { ...starting, phase: 'Failed' },
      'ContainerExited',
      /ended in phase Failed/,
    ],
  ])('%s', (_, difference, reason, message) => {
    const problem = podProblem(aPod(difference));
    expect(problem).toMatchObject({ reason });
    expect(problem?.message).toMatch(message);
    expect(isTransient(problem?.reason ?? 'Live')).toBe(false);
  });
});

test('a relay that ends because nobody publishes is not in trouble', () => {
  expect(isTransient('WaitingForHost')).toBe(true);
  expect(isTransient('AgoraTokenRejected')).toBe(false);
});

test.each<[string, Partial<RelayPodFacts>, boolean]>([
  ['fatal', ended(relayExitCodes.fatal, 'Error', ''), true],
  ['configuration', ended(relayExitCodes.configuration, 'Error', ''), true],
  ['retryable', ended(relayExitCodes.retryable, 'Error', ''), false],
  ['ok', ended(relayExitCodes.ok, 'Completed', ''), false],
  [
    'fatal once, and running again',
    { ended: { exitCode: relayExitCodes.fatal, reason: '', message: '' } },
    false,
  ],
])('exit code "%s" means that the same inputs will not help: %#', (_, difference, fatal) => {
  expect(endedFatally(aPod(difference))).toBe(fatal);
});

describe('a Pod object in the words of decisions', () => {
  const metadata = { name: 'show-relay-0', uid: 'u', creationTimestamp: '2026-03-01T11:00:00Z' };

  test('one that the kubelet has not seen yet', () => {
    expect(podFacts({ metadata })).toMatchObject({
      phase: 'Pending',
      running: false,
      ready: false,
      restartCount: 0,
      ip: undefined,
      waiting: undefined,
      ended: undefined,
      unschedulable: undefined,
    });
  });

  test('one whose container was started again knows how the last one ended', () => {
    const facts = podFacts({
      metadata,
      spec: { nodeName: 'node-1' },
      status: {
        phase: 'Running',
        podIP: '10.0.0.7',
        conditions: [{ type: 'Ready', status: 'True' }],
        containerStatuses: [
          {
            restartCount: 2,
            state: { running: {} },
            lastState: {
              terminated: { exitCode: 1, message: '{"reason":"BrowserCrashed","message":"renderer gone"}' },
            },
          },
        ],
      },
    });
    expect(facts).toMatchObject({ running: true, ready: true, restartCount: 2, nodeName: 'node-1' });
    expect(ending(facts)).toEqual({ reason: 'BrowserCrashed', message: 'renderer gone' });
  });

  test('one that no node takes', () => {
    const conditions = [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' },
    ];
    expect(podFacts({ metadata, status: { conditions } }).unschedulable).toBe('0/1 nodes');
  });

  test('shortens every text of kubelet, scheduler and runtime to one line', () => {
    const long = 'rpc error:\n\u001b[31m'.repeat(5_000);
    const facts = podFacts({
      metadata,
      status: {
        ...{ reason: long, message: long },
        conditions: [{ type: 'PodScheduled', status: 'False', message: long }],
        containerStatuses: [
          {
            restartCount: 1,
            state: { waiting: { reason: long, message: long } },
            lastState: { terminated: { exitCode: 1, reason: long } },
          },
        ],
      },
    });
    const { reason, message, unschedulable, waiting, ended } = facts;
    for (const text of [reason, message, unschedulable, waiting?.reason, waiting?.message, ended?.reason]) {
      expect(text).toMatch(/^rpc error: [^\p{Cc}]+…$/u);
      expect(text?.length).toBeLessThanOrEqual(300);
    }
  });

  test('shortens the termination message, whatever the container wrote', () => {
    const message = JSON.stringify({ reason: 'BrowserCrashed', message: 'a\nb'.repeat(2_000) });
    const pod = aPod({ running: false, ended: { exitCode: 1, reason: 'Error', message } });
    expect(ending(pod).message).toMatch(/^a b.{300,498}…$/);
  });
});
