import { idleMessage } from '../../desired/idle.ts';
import type { Failure, Problem } from '../../state.ts';
import type { ConditionInput } from './input.ts';
import {
  conditionFalse,
  conditionFalseBecause,
  conditionTrue,
  type ConditionDraft,
  type Rules,
} from './rule.ts';

/** Ready summarizes the conditions of the stream and the relay. */
export interface ReadyInput extends ConditionInput {
  readonly streamReady: ConditionDraft;
  readonly relayReady: ConditionDraft;
}

/** Ready: media arrives at the platform. If not, the reason is the problem to solve first. */
export const readyRules: Rules<ReadyInput> = [
  {
    name: 'deleting, and a step failed',
    decide: (input) => {
      const failure = input.deleting ? anyFailure(input) : undefined;
      return failure === undefined ? undefined : conditionFalseBecause(failure);
    },
  },
  { name: 'deleting', decide: ({ deleting }) => (deleting ? conditionFalse('Deleting') : undefined) },
  {
    // Ready stays True on air, but a problem that would prevent the next start is reported.
    name: 'on air, and a restart would fail',
    decide: (input) => {
      const problem = input.onAir ? pendingProblem(input) : undefined;
      return problem === undefined
        ? undefined
        : conditionTrue(problem.reason, `On air, but this will fail on the next restart: ${problem.message}`);
    },
  },
  {
    name: 'on air, and the Agora token expires soon',
    decide: ({ onAir, now, observed: { credentials } }) => {
      const token = credentials.ok ? credentials.value.token : undefined;
      return onAir && token?.from === 'app' && now >= token.expiringAt
        ? conditionTrue(
            'AgoraTokenExpiring',
            `Media arrives at the platform. ${token.where} expires at ${token.expiresAt.toISOString()}; pass a new one.`,
          )
        : undefined;
    },
  },
  {
    name: 'on air with the last frame or the slate',
    decide: ({ onAir, relayReady }) =>
      onAir && relayReady.reason === 'LastFrameHeld'
        ? conditionTrue('Live', `Media arrives at the platform. ${relayReady.message}`)
        : undefined,
  },
  {
    name: 'on air',
    decide: ({ onAir }) => (onAir ? conditionTrue('Live', 'Media arrives at the platform.') : undefined),
  },
  {
    name: 'off on purpose',
    decide: ({ streamReady, relayReady, offForCosts }) =>
      streamReady.reason === 'AgoraOnly' || relayReady.reason === 'Suspended' || offForCosts !== undefined
        ? conditionFalse(relayReady.reason, relayReady.message)
        : undefined,
  },
  {
    name: 'idle',
    decide: ({ idle, channel }) =>
      idle === undefined ? undefined : conditionFalse('Idle', idleMessage(channel, idle)),
  },
  {
    name: 'the platform or the credentials are missing',
    decide: (input) => {
      const problem = pendingProblem(input);
      return problem === undefined ? undefined : conditionFalseBecause(problem);
    },
  },
  {
    name: 'the stream is not ready',
    decide: ({ streamReady }) =>
      streamReady.status === 'False' ? conditionFalse(streamReady.reason, streamReady.message) : undefined,
  },
  {
    name: 'the relay is not ready',
    decide: ({ relayReady }) => conditionFalse(relayReady.reason, relayReady.message),
  },
];

/** A failure of the channel or of any of its streams. A draining stream can block the deletion, too. */
function anyFailure({ observed }: ConditionInput): Failure | undefined {
  return (
    observed.failure ??
    observed.streams.find(({ deferred }) => deferred?.failure !== undefined)?.deferred?.failure
  );
}

/** The problem that would prevent the next start of the relay. */
function pendingProblem({ observed, active }: ConditionInput): Problem | undefined {
  const required = [
    observed.desired,
    ...(active === undefined ? [] : [active.platform]),
    observed.credentials,
  ];
  return required.flatMap((each) => (each.ok ? [] : [each.problem]))[0];
}
