import type { FailoverStep } from '../../../channel/plan/failover.ts';
import type { StreamRecord } from '../../../api/stream-records.ts';
import { relayPodName } from '../../../channel/pod/relay-pod.ts';
import { PlatformError } from '../../../platforms/errors.ts';
import { ownerOf } from '../../../cluster/stream-ownership.ts';
import { streamId } from '../../../platforms/platform.ts';
import { secretValue } from '../../relays/relay-secret.ts';
import { provisionedRecord, writeSecret } from './secret.ts';
import { withStream } from './with-platform.ts';
import { noteRecord } from './stream-records.ts';
import { done, type StepContext, type StepOutcome } from '../deps.ts';
import { COMMAND_REQUEUE_MS, FENCE_RETRY_MS } from '../../timing.ts';

/**
 * Records that the other slot pushes from now on, and emits the event FailedOver. This write is the decision; the
 * relays are commanded afterwards.
 */
export async function failOver(
  context: StepContext,
  { record, noted, lost, why }: Extract<FailoverStep, { do: 'fail-over' }>,
): Promise<StepOutcome> {
  const { channel, deps } = context;
  await noteRecord(context, record, noted);
  const counted = lost?.uid ?? channel.status?.relay?.observedPodUid;
  if (counted !== undefined) deps.objects.noteReplacement(channel, counted, why.reason);
  const name = (slot: number | undefined): string => relayPodName(channel.metadata.name, slot ?? 0);
  deps.event(
    why.reason === 'SpecChanged' ? 'Normal' : 'Warning',
    'FailedOver',
    `Relay ${name(record.slot)} failed over to ${name(noted.slot)} (${why.reason}): ${why.message}`,
  );
  return done;
}

/** Sends the command. Whether the relay followed it shows in its next report, which is polled soon. */
export async function commandRelay(
  { channel, deps, signal }: StepContext,
  { slot, pod, to, epoch }: Extract<FailoverStep, { do: 'command' }>,
): Promise<StepOutcome> {
  const token = secretValue(deps.objects.secret(channel, slot), 'controlToken');
  if (token !== undefined) await deps.commands.send(pod, { to, epoch }, token, signal);
  deps.reports.outdated(pod.uid);
  return { requeueAfterMs: COMMAND_REQUEUE_MS };
}

/** Rotates the stream key, because the relay that was replaced does not answer and may still push with the old key. */
export async function fence(context: StepContext, record: StreamRecord): Promise<StepOutcome> {
  const { channel, deps, signal } = context;
  const again: StepOutcome = { requeueAfterMs: FENCE_RETRY_MS };
  if (record.id === undefined || record.epoch === undefined) return again;
  const { epoch } = record;
  const id = streamId(record.id);
  const owner = ownerOf(channel, record.platform, deps.clusterId);
  return withStream(context, record, again, async (streamState, platform) => {
    const stream = await platform.driver.rotateKey({ id, owner }, signal).catch(async (error: unknown) => {
      // The old key is still valid. The successor may push with it once the previous relay answers or is gone.
      const { fenced: _fenced, ...unfenced } = record;
      if (error instanceof PlatformError && error.outcome === 'none')
        await noteRecord(context, record, unfenced);
      throw error;
    });
    if (stream === undefined) return again;
    const rotated = { ...record, provisioned: provisionedRecord(stream) };
    await noteRecord(context, record, rotated);
    await writeSecret(context, streamState, stream);
    const at = deps.clock.now().toISOString();
    await noteRecord(context, record, { ...rotated, fenced: { epoch, at } });
    deps.event(
      'Normal',
      'KeyRotated',
      `Stream ${id} has a new key, which the replaced relay does not receive`,
    );
    return done;
  });
}
