import type { LiveChannel } from '../../../api/live-channel.ts';
import type { FailoverStep } from '../../../channel/plan/failover.ts';
import type { StreamRecord } from '../../../api/annotations/stream-records.ts';
import { relayPodName } from '../../../channel/pod/relay-pod.ts';
import { PlatformError } from '../../../platforms/errors.ts';
import { streamId } from '../../../platforms/platform.ts';
import { secretValue } from '../../relays/relay-secret.ts';
import { writeSecret } from './secret.ts';
import { ingestOf, orFailure } from './stream.ts';
import { streamOfRecord, type ChannelState } from '../observe.ts';
import { noteRecord } from './stream-records.ts';
import { done, type StepOutcome, type ReconcilerDeps } from '../deps.ts';

/** Another slot pushes from now on: with this write it is decided, whoever is told of it later. */
export async function failOver(
  { observed: { channel } }: ChannelState,
  { record, noted, lost, why }: Extract<FailoverStep, { do: 'hand-over' }>,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome> {
  await noteRecord(channel, record, noted, tools, signal);
  const counted = lost?.uid ?? channel.status?.relay?.observedPodUid;
  if (counted !== undefined) tools.objects.noteReplacement(channel, counted, why.reason);
  const name = (slot: number | undefined): string => relayPodName(channel.metadata.name, slot ?? 0);
  tools.event(
    why.reason === 'SpecChanged' ? 'Normal' : 'Warning',
    'FailedOver',
    `Relay ${name(noted.slot)} takes over from ${name(record.slot)} (${why.reason}): ${why.message}`,
  );
  return done;
}

/** Whether it heard is seen by what it says next, which is soon asked for. */
export async function commandRelay(
  channel: LiveChannel,
  { slot, pod, to, epoch }: Extract<FailoverStep, { do: 'command' }>,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const token = secretValue(tools.objects.secret(channel, slot), 'controlToken');
  if (token !== undefined) await tools.commands.send(pod, { to, epoch }, token, signal);
  tools.reports.outdated(pod.uid);
  return { requeueAfterMs: 250 };
}

/** The relay that was replaced does not answer and may still push: it must not have the key any more. */
export async function fence(
  state: ChannelState,
  record: StreamRecord,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { channel } = state.observed;
  const streamState = streamOfRecord(state, record);
  const platform = await tools.platforms.open(record.platform, signal);
  if (!platform.ok || streamState === undefined || record.id === undefined || record.epoch === undefined)
    return { requeueAfterMs: 1_000 };
  const { epoch } = record;
  const id = streamId(record.id);
  return orFailure(platform.value, tools, async () => {
    const stream = await platform.value.driver.rotateKey(id, signal).catch(async (error: unknown) => {
      // The old key is good still: whoever has it may push once the relay before is heard of, or gone.
      const { fenced: _fenced, ...unfenced } = record;
      if (error instanceof PlatformError && error.outcome === 'none')
        await noteRecord(channel, record, unfenced, tools, signal);
      throw error;
    });
    if (stream === undefined) return { requeueAfterMs: 1_000 };
    await writeSecret(state, streamState, ingestOf(stream, record), tools, signal);
    const at = tools.clock.now().toISOString();
    await noteRecord(channel, record, { ...record, fenced: { epoch, at } }, tools, signal);
    tools.event(
      'Normal',
      'KeyRotated',
      `Stream ${id} has a new key, which the relay that was replaced does not have`,
    );
    return done;
  });
}
