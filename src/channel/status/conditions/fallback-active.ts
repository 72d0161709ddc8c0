import { findCondition } from '../../../api/conditions.ts';
import { isReason } from '../../../api/reasons.ts';
import { STABLE_AFTER_MS } from '../../timing.ts';
import { blamesPlatform, outageOf, platformProblem } from '../outage.ts';
import type { ConditionInput } from './input.ts';
import { conditionFalse, conditionTrue, conditionUnknown, type ConditionDraft, type Rules } from './rule.ts';

/** Whether the relay has a fault depends on the reason of Ready. */
export interface FallbackInput extends ConditionInput {
  readonly ready: ConditionDraft;
}

const notInUse = conditionFalse('NotInUse');
const agora = conditionTrue('FallbackAgora', 'No working relay: send viewers to Agora.');

/**
 * FallbackActive: viewers are served by the fallback platform or by Agora. Unknown means that there is an outage, so
 * that the time of `spec.fallback.afterSeconds` counts. Its reason is the cause, and is kept while the relay retries.
 */
export const fallbackActiveRules: Rules<FallbackInput> = [
  {
    name: 'no fallback, or no relay to replace',
    decide: ({ channel, deleting, desired }) => {
      const { fallback, fallbackPlatformRef } = channel.spec;
      const none = fallback.mode !== 'agora-only' && fallbackPlatformRef === undefined;
      return none || !desired.relay || deleting ? notInUse : undefined;
    },
  },
  {
    // Viewers are not sent back to a stream that may soon fail again.
    name: 'on Agora, and the relay is back but not stable yet',
    decide: (input) =>
      input.onAir && onAgora(input) && onAirMs(input) < STABLE_AFTER_MS ? agora : undefined,
  },
  {
    name: 'on the fallback platform',
    decide: (input) => (isWithoutFault(input) ? onFallbackPlatform(input) : undefined),
  },
  {
    // A missing host is not an outage, because another platform would have no media either.
    name: 'no fault',
    decide: (input) => (isWithoutFault(input) ? notInUse : undefined),
  },
  { name: 'on Agora until a relay works', decide: (input) => (onAgora(input) ? agora : undefined) },
  {
    name: 'the fallback platform fails, too',
    decide: (input) =>
      onFallbackPlatform(input) !== undefined && mayUseAgora(input) && notReadyMs(input) >= limitMs(input)
        ? agora
        : undefined,
  },
  { name: 'the fallback platform has a fault', decide: onFallbackPlatform },
  {
    // A fallback platform is preferred to Agora, so that it has another `afterSeconds` to start.
    name: 'no relay for too long',
    decide: (input) => {
      const hasPlatform = input.channel.spec.fallbackPlatformRef !== undefined;
      return mayUseAgora(input) && outageMs(input) >= (hasPlatform ? 2 : 1) * limitMs(input)
        ? agora
        : undefined;
    },
  },
  {
    name: 'counting: the platform is to blame',
    decide: ({ observed, active }) => {
      const problem = platformProblem(observed, active);
      return problem === undefined ? undefined : conditionUnknown(problem.reason, problem.message);
    },
  },
  {
    name: 'counting: the platform was to blame when the outage began',
    decide: ({ channel }) => {
      const outage = outageOf(channel);
      return outage !== undefined && blamesPlatform(outage.reason) && isReason(outage.reason)
        ? conditionUnknown(outage.reason, outage.message)
        : undefined;
    },
  },
  { name: 'counting', decide: ({ ready }) => conditionUnknown(ready.reason, ready.message) },
];

const mayUseAgora = ({ channel }: FallbackInput): boolean => channel.spec.fallback.mode === 'agora-only';
const limitMs = ({ channel }: FallbackInput): number => channel.spec.fallback.afterSeconds * 1_000;

/** The last status sent viewers to Agora. */
function onAgora(input: FallbackInput): boolean {
  const before = findCondition(input.channel.status?.conditions, 'FallbackActive');
  return mayUseAgora(input) && before?.status === 'True' && before.reason === agora.reason;
}

function onFallbackPlatform({ active }: FallbackInput): ConditionDraft | undefined {
  const { insteadOf, platform } = active?.record ?? {};
  if (insteadOf === undefined || platform === undefined) return undefined;
  return conditionTrue(
    'FallbackPlatform',
    `Running on fallback platform ${platform}; ${insteadOf} is unavailable.`,
  );
}

function isWithoutFault({ onAir, ready }: FallbackInput): boolean {
  return onAir || ready.reason === 'WaitingForHost' || ready.reason === 'Idle';
}

function onAirMs({ channel, now }: FallbackInput): number {
  return now.getTime() - Date.parse(channel.status?.relayStartedAt ?? now.toISOString());
}

function notReadyMs({ channel, now }: FallbackInput): number {
  const ready = findCondition(channel.status?.conditions, 'Ready');
  return ready?.status === 'False' ? now.getTime() - Date.parse(ready.lastTransitionTime) : 0;
}

function outageMs({ channel, now }: FallbackInput): number {
  const outage = outageOf(channel);
  return outage === undefined ? -Infinity : now.getTime() - outage.since.getTime();
}
