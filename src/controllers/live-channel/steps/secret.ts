import { randomBytes } from 'node:crypto';
import type { LiveChannel } from '../../../api/live-channel.ts';
import { FIELD_MANAGER } from '../../../api/names.ts';
import { SecretText } from '../../../base/secret-text.ts';
import { tokenFor } from '../../../channel/pod/agora-token.ts';
import { agoraSubject, relayConfig, type RelayRole } from '../../../channel/pod/relay-config.ts';
import type { StreamState } from '../../../channel/state.ts';
import { cannotPublish } from '../../../channel/plan/failover.ts';
import type { Step } from '../../../channel/plan/next-step.ts';
import { otherSlot, type Slot, type StreamRecord } from '../../../api/annotations/stream-records.ts';
import { relaySecretName } from '../../../channel/pod/relay-pod.ts';
import { secretType } from '../../../kube/core-types.ts';
import { isControlledBy } from '../../../kube/owners.ts';
import { mintAgoraToken } from '../../relays/agora-token.ts';
import {
  digest,
  ingestDetails,
  relaySecretObject,
  secretValue,
  type IngestDetails,
} from '../../relays/relay-secret.ts';
import { streamOfRecord, type ChannelState } from '../observe.ts';
import { done, type StepOutcome, type ReconcilerDeps } from '../deps.ts';

const secretRef = (channel: LiveChannel, slot: Slot): { namespace: string; name: string } => ({
  namespace: channel.metadata.namespace ?? '',
  name: relaySecretName(channel.metadata.name, slot),
});

/** Writes the Secret of one of the record's slots with these details of its stream. */
export async function writeSecret(
  state: ChannelState,
  { record, platform }: StreamState,
  ingest: IngestDetails,
  tools: ReconcilerDeps,
  signal: AbortSignal,
  slot = record.slot,
): Promise<void> {
  const { channel } = state.observed;
  if (!state.credentials.ok || !platform.ok || slot === undefined) return;
  const there = tools.objects.secret(channel, slot);
  const subject = agoraSubject(channel, slot);
  const credentials = state.credentials.value;
  const json = JSON.stringify(
    relayConfig(
      channel,
      slot,
      credentials.appId,
      platform.value,
      ingest.ingestCa !== undefined,
      roleIn(record, slot),
    ),
  );
  const secret = relaySecretObject(channel, slot, {
    ingest,
    config: { json, digest: digest(json) },
    token: mintAgoraToken(credentials, subject, tools.tokenSeconds, tools.clock.now()),
    tokenFor: tokenFor(credentials, subject),
    controlToken: secretValue(there, 'controlToken') ?? new SecretText(randomBytes(32).toString('base64url')),
  });
  tools.objects.rememberSecret(
    await tools.client.apply(secretType, secret, { fieldManager: FIELD_MANAGER, force: true, signal }),
  );
}

/** The slot that the record names pushes; another one of it stands by. */
export function roleIn({ slot, epoch }: StreamRecord, of: Slot | undefined): RelayRole {
  return { standby: of !== slot, epoch };
}

/** Writes the Secret anew from the stream's details that this cluster holds already: the platform is not asked. */
export async function refreshSecret(
  state: ChannelState,
  { record, slot }: Extract<Step, { do: 'refresh-secret' }>,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const streamState = streamOfRecord(state, record);
  if (streamState === undefined || record.slot === undefined) return done;
  const { channel } = state.observed;
  const detailsIn = (of: Slot): IngestDetails | undefined => {
    const details = ingestDetails(tools.objects.secret(channel, of));
    return details?.streamId === record.id ? details : undefined;
  };
  const own = detailsIn(slot);
  const others = detailsIn(otherSlot(slot));
  const standby = streamState.standby?.slot === slot ? streamState.standby : undefined;
  const ingest = standby !== undefined && cannotPublish(standby) ? (others ?? own) : (own ?? others);
  if (ingest !== undefined) await writeSecret(state, streamState, ingest, tools, signal, slot);
  return done;
}

export async function deleteSecret(
  channel: LiveChannel,
  slot: Slot,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const uid = tools.objects.secret(channel, slot)?.metadata.uid;
  await tools.client.delete(secretType, secretRef(channel, slot), { uid, signal });
  tools.objects.secretGone(channel, slot);
  return done;
}

/** A Secret of somebody else that has the name of ours is not to be written over. */
export async function foreignSecret(
  channel: LiveChannel,
  slot: Slot,
  tools: ReconcilerDeps,
  signal: AbortSignal,
): Promise<StepOutcome | undefined> {
  const ref = secretRef(channel, slot);
  const there = await tools.client.get(secretType, ref, { signal });
  if (there === undefined || isControlledBy(there, channel)) return undefined;
  const message = `Secret ${ref.name} exists and does not belong to this channel; delete or rename it`;
  return { failed: { part: 'stream', reason: 'InvalidConfiguration', message }, requeueAfterMs: 5_000 };
}
