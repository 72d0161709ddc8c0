import type { Step } from '../../channel/plan/next-step.ts';
import type { Failure, StreamState } from '../../channel/state.ts';
import type { StreamRecord } from '../../api/stream-records.ts';

/**
 * What is deferred in a reconcile because a step failed or needs time: a stream, a slot's children, or the commands to
 * a slot's relay. Steps for everything else continue.
 */
export type DeferredSteps = Map<string, { readonly failure: Failure | undefined }>;

/** The key under which the step is deferred; undefined for steps on the channel as a whole. */
export function deferralKey(step: Step): string | undefined {
  if (step.do === 'command') return commandKey(step.slot);
  if ('slot' in step) return slotKey(step.slot);
  return 'record' in step ? recordKey(step.record) : undefined;
}

/** Why steps on the stream, or on the children in its slot, are deferred; undefined where they are not. */
export function deferralOf(deferred: DeferredSteps, record: StreamRecord): StreamState['deferred'] {
  return (
    deferred.get(recordKey(record)) ??
    (record.slot === undefined ? undefined : deferred.get(slotKey(record.slot)))
  );
}

const recordKey = ({ platform, name }: StreamRecord): string => `${platform}/${name}`;
export const commandKey = (slot: number): string => `command to slot ${slot}`;
export const slotKey = (slot: number): string => `slot ${slot}`;
