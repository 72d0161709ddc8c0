import type { LiveChannel } from '../../api/live-channel.ts';
import { slotsOf, streamRecords, type Slot } from '../../api/stream-records.ts';
import { podFacts } from '../../channel/pod/pod-facts.ts';
import type { UnownedChildren } from '../../channel/state.ts';
import type { SecretReader } from '../../cluster/secret-reader.ts';
import { readAgoraCredentials } from '../relays/agora-credentials.ts';
import { slotKey, type DeferredSteps } from './deferred-steps.ts';
import { observeDesiredStream, type DesiredStreamDeps } from './desired-stream.ts';
import type { ChannelObjects } from './objects.ts';
import { observeStream, type StreamDeps } from './observe-stream.ts';
import type { ChannelState } from './state.ts';

/** The dependencies of `observe`. */
export interface ObserveDeps extends DesiredStreamDeps, StreamDeps {
  readonly secrets: SecretReader;
}

/** Observes everything that decisions about the channel depend on, without changing anything. */
export async function observe(
  channel: LiveChannel,
  deps: ObserveDeps,
  deferred: DeferredSteps,
  signal: AbortSignal,
): Promise<ChannelState> {
  const records = streamRecords(channel);
  const credentials = await readAgoraCredentials(channel, deps.secrets, deps.clock.now(), signal);
  const desired = await observeDesiredStream(channel, credentials.ok, deps, signal);
  const context = { channel, credentials, deps, deferred, signal };
  const streams = await Promise.all(records.map((record) => observeStream(context, record)));
  const unowned = ([0, 1] as const)
    .filter((slot) => !records.some((record) => slotsOf(record).includes(slot)))
    .flatMap((slot) => unownedChildren(channel, slot, deps.objects, deferred));
  return { observed: { channel, desired, credentials, streams, unowned, failure: undefined }, credentials };
}

function unownedChildren(
  channel: LiveChannel,
  slot: Slot,
  objects: ChannelObjects,
  deferred: DeferredSteps,
): UnownedChildren[] {
  const pod = objects.pod(channel, slot);
  const secret = objects.secret(channel, slot) !== undefined;
  if (pod === undefined && !secret) return [];
  return [
    {
      slot,
      secret,
      pod: pod === undefined ? undefined : podFacts(pod),
      deferred: deferred.has(slotKey(slot)),
    },
  ];
}
