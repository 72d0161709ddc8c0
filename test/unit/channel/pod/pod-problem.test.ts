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

describe('pods without a problem', () => {
  test.each<[string, Partial<RelayPodFacts>]>([
    ['runs', {}],
    ['just created', starting],
    ['container being created', waiting('ContainerCreating')],
    [
      'running again after a crash',
      { ended: { exitCode: 1, reason: 'Error', message: '' }, restartCount: 1 },
    ],
  ])('%s', (_, difference) => {
    expect(podProblem(aPod(difference))).toBeUndefined();
  });
});

describe('problems of pods', () => {
  test.each<[string, Partial<RelayPodFacts>, string, RegExp]>([
    [
      'image not found',
      waiting('ErrImagePull', 'not found: relay:1'),
      'ImagePullFailed',
      /ErrImagePull: not found: relay:1/,
    ],
    [
      'image not found, with back-off',
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
    ['invalid image name', waiting('InvalidImageName'), 'ImagePullFailed', /InvalidImageName/],
    [
      'Secret not found',
      waiting('CreateContainerConfigError', 'secret "show-relay" not found'),
      'ContainerCreateFailed',
      /secret "show-relay" not found/,
    ],
    [
      'program not found',
      waiting('RunContainerError', 'no such file'),
      'ContainerCreateFailed',
      /no such file/,
    ],
    [
      'unschedulable',
      { ...starting, unschedulable: '0/3 nodes are available' },
      'PodPending',
      /0\/3 nodes are available/,
    ],
    [
      'reason in the termination message',
      ended(1, 'Error', '{"reason":"BrowserCrashed","message":"renderer gone"}'),
      'BrowserCrashed',
      /^renderer gone$/,
    ],
    [
      'reason in the termination message, with the kubelet backing off',
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
      'the last line of several in the termination message counts',
      ended(1, 'Error', 'a stack\n{"reason":"EncoderCrashed","message":"exit 187"}\n'),
      'EncoderCrashed',
      /exit 187/,
    ],
    ['not JSON', ended(134, 'Error', 'core dumped'), 'ContainerExited', /exit code 134 \(Error\)/],
    ['empty termination message', ended(137, '', ''), 'ContainerExited', /exit code 137\.$/],
    [
      'unknown reason',
      ended(1, 'Error', '{"reason":"Sulking","message":""}'),
      'ContainerExited',
      /exit code 1/,
    ],
    ['JSON of another shape', ended(1, 'Error', '["BrowserCrashed"]'), 'ContainerExited', /exit code 1/],
    ['out of memory', ended(137, 'OOMKilled', ''), 'OOMKilled', /exceeded its memory limit/],
    [
      'evicted',
      { ...starting, phase: 'Failed', reason: 'Evicted', message: 'The node was low on memory' },
      'Evicted',
      /low on memory/,
    ],
    [
      'evicted without a message',
      { ...starting, phase: 'Failed', reason: 'Evicted' },
      'Evicted',
      /The node evicted/,
    ],
    ['node lost', { ...starting, phase: 'Failed', reason: 'NodeLost' }, 'NodeLost', /node was lost/],
    [
      'failed with unknown cause',
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

test('a relay that ends because there is no host is no problem', () => {
  expect(isTransient('WaitingForHost')).toBe(true);
  expect(isTransient('AgoraTokenRejected')).toBe(false);
});

test.each<[string, Partial<RelayPodFacts>, boolean]>([
  ['fatal', ended(relayExitCodes.fatal, 'Error', ''), true],
  ['configuration', ended(relayExitCodes.configuration, 'Error', ''), true],
  ['retryable', ended(relayExitCodes.retryable, 'Error', ''), false],
  ['ok', ended(relayExitCodes.ok, 'Completed', ''), false],
  [
    'fatal exit, and running again',
    { ended: { exitCode: relayExitCodes.fatal, reason: '', message: '' } },
    false,
  ],
])('exit code "%s" means that a retry with the same inputs will fail: %#', (_, difference, fatal) => {
  expect(endedFatally(aPod(difference))).toBe(fatal);
});

describe('facts of a Pod object', () => {
  const metadata = { name: 'show-relay-0', uid: 'u', creationTimestamp: '2026-03-01T11:00:00Z' };

  test('before the kubelet has seen it', () => {
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

  test('after a container restart, with the last termination', () => {
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

  test('while it is unschedulable', () => {
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
