import type { Step } from '../../channel/plan/next-step.ts';
import type { Failure, StreamState } from '../../channel/state.ts';
import type { StreamRecord } from '../../api/annotations/stream-records.ts';

/**
 * Steps that are not tried again within one reconcile, because they failed or need time: by stream, or by slot for
 * steps on a slot's children alone. The channel's other streams continue meanwhile.
 */
export type DeferredSteps = Map<string, { readonly failure: Failure | undefined }>;

/** Undefined for steps that concern the channel as a whole. */
export function deferralKey(step: Step): string | undefined {
  if (step.do === 'command') return commandKey(step.slot);
  if ('slot' in step) return slotKey(step.slot);
  return 'record' in step ? recordKey(step.record) : undefined;
}

export function deferralOf(deferred: DeferredSteps, record: StreamRecord): StreamState['deferred'] {
  return (
    deferred.get(recordKey(record)) ??
    (record.slot === undefined ? undefined : deferred.get(slotKey(record.slot)))
  );
}

const recordKey = ({ platform, name }: StreamRecord): string => `${platform}/${name}`;
export const commandKey = (slot: number): string => `command to slot ${String(slot)}`;
export const slotKey = (slot: number): string => `slot ${String(slot)}`;
