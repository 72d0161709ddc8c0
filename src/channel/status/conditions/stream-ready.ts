import { streamOf, type Failure } from '../../state.ts';
import type { ConditionInput } from './input.ts';
import {
  conditionFalse,
  conditionFalseBecause,
  conditionTrue,
  conditionUnknown,
  type Rules,
} from './rule.ts';

/** StreamReady: the stream that viewers are sent to exists on its platform. */
export const streamReadyRules: Rules<ConditionInput> = [
  {
    name: 'no stream is required',
    decide: (input) =>
      !input.desired.stream && failureOf(input) === undefined
        ? conditionFalse('AgoraOnly', 'streamMode is agora-only: no stream is kept.')
        : undefined,
  },
  {
    // This includes a stream that is no longer required and cannot be deleted.
    name: 'a call to the platform failed',
    decide: (input) => {
      const failure = failureOf(input);
      return failure?.part === 'stream' ? conditionFalseBecause(failure) : undefined;
    },
  },
  { name: 'deleting', decide: ({ deleting }) => (deleting ? conditionFalse('Deleting') : undefined) },
  {
    name: 'no stream yet, and no usable platform',
    decide: ({ active, observed: { desired } }) =>
      active === undefined && !desired.ok ? conditionFalseBecause(desired.problem) : undefined,
  },
  {
    name: 'no stream yet, and the platform accepts no more',
    decide: ({ active, observed: { desired } }) =>
      active === undefined && desired.ok && desired.value.refused !== undefined
        ? conditionFalseBecause(desired.value.refused)
        : undefined,
  },
  {
    name: 'the platform of the stream is not usable',
    decide: ({ active }) =>
      active?.platform.ok === false ? conditionFalseBecause(active.platform.problem) : undefined,
  },
  {
    // A stream is not created before a relay can push to it.
    name: 'waiting for the Agora credentials',
    decide: ({ active, observed: { credentials } }) =>
      active?.record.id === undefined && !credentials.ok
        ? conditionUnknown(
            credentials.problem.reason,
            'Waiting for the Agora credentials; no stream is created until they exist.',
          )
        : undefined,
  },
  {
    name: 'the stream is being created',
    decide: ({ active }) =>
      active?.record.id === undefined
        ? conditionUnknown('RelayStarting', 'The stream is being created.')
        : undefined,
  },
  {
    name: 'the stream vanished',
    decide: ({ active }) => (active?.presence === 'gone' ? conditionFalse('StreamNotFound') : undefined),
  },
  {
    // The active stream is still in use. What blocks the incoming stream is part of the message.
    name: 'a migration is under way',
    decide: (input) => {
      const incoming = streamOf(input.observed, 'incoming');
      if (incoming === undefined) return undefined;
      const { deferred, platform, record } = incoming;
      const problem = deferred?.failure ?? (platform.ok ? undefined : platform.problem);
      return conditionTrue(
        'Migrating',
        `${activeStream(input)} stays active until the stream on platform ${record.platform} is playable.` +
          (problem === undefined ? '' : ` ${problem.message}`),
      );
    },
  },
  {
    name: 'a migration is due, and the platform accepts no more',
    decide: (input) => {
      const { active, observed } = input;
      if (!observed.desired.ok) return undefined;
      const { platform, refused } = observed.desired.value;
      return platform.name !== active?.record.platform && refused !== undefined
        ? conditionTrue('Migrating', `${activeStream(input)} stays active. ${refused.message}`)
        : undefined;
    },
  },
  {
    name: 'the stream exists',
    decide: (input) => conditionTrue('StreamCreated', `${activeStream(input)}.`),
  },
];

function failureOf({ observed, active }: ConditionInput): Failure | undefined {
  return observed.failure ?? active?.deferred?.failure;
}

const activeStream = ({ active }: ConditionInput): string =>
  `Stream ${active?.record.id ?? ''} on platform ${active?.record.platform ?? ''}`;
