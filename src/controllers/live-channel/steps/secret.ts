import { randomBytes } from 'node:crypto';
import type { LiveChannel } from '../../../api/live-channel.ts';
import { FIELD_MANAGER } from '../../../api/names.ts';
import { SecretText } from '../../../base/secret-text.ts';
import { tokenFor } from '../../../channel/pod/agora-token.ts';
import { agoraSubject, relayConfig, roleIn } from '../../../channel/pod/relay-config.ts';
import type { StreamState } from '../../../channel/state.ts';
import type { Step } from '../../../channel/plan/next-step.ts';
import { otherSlot, type ProvisionedRecord, type Slot } from '../../../api/stream-records.ts';
import { relaySecretName } from '../../../channel/pod/relay-pod.ts';
import { secretType } from '../../../kube/core-types.ts';
import { isControlledBy } from '../../../kube/owners.ts';
import { relayToken } from '../../relays/agora-token.ts';
import {
  digest,
  ingestDigest,
  ingestOfRecord,
  relaySecretObject,
  secretValue,
  type IngestDetails,
} from '../../relays/relay-secret.ts';
import type { ProvisionedStream } from '../../../platforms/platform.ts';
import { streamOfRecord } from '../state.ts';
import { done, type StepContext, type StepOutcome } from '../deps.ts';
import { FOREIGN_SECRET_RETRY_MS } from '../../timing.ts';

const secretRef = (channel: LiveChannel, slot: Slot): { namespace: string; name: string } => ({
  namespace: channel.metadata.namespace ?? '',
  name: relaySecretName(channel.metadata.name, slot),
});

/** Writes the Secret of one of the record's slots with the given stream details and a new Agora token. */
export async function writeSecret(
  { state, channel, deps, signal }: StepContext,
  { record, platform }: StreamState,
  ingest: IngestDetails,
  slot = record.slot,
): Promise<void> {
  if (!state.credentials.ok || !platform.ok || slot === undefined) return;
  const current = deps.objects.secret(channel, slot);
  const credentials = state.credentials.value;
  const subject = agoraSubject(channel, slot, credentials);
  const json = JSON.stringify(
    relayConfig(
      channel,
      slot,
      credentials,
      platform.value,
      ingest.ingestCa !== undefined,
      roleIn(record, slot),
    ),
  );
  const secret = relaySecretObject(channel, slot, {
    ingest,
    config: { json, digest: digest(json) },
    token: relayToken(credentials, subject, deps.tokenSeconds, deps.clock.now()),
    tokenFor: tokenFor(credentials, subject),
    controlToken:
      secretValue(current, 'controlToken') ?? new SecretText(randomBytes(32).toString('base64url')),
  });
  deps.objects.rememberSecret(
    await deps.client.apply(secretType, secret, { fieldManager: FIELD_MANAGER, force: true, signal }),
  );
}

/** What is recorded of a stream that the platform returned. */
export function provisionedRecord(stream: ProvisionedStream): ProvisionedRecord {
  const { playbackUrl, streamKeyId, ingestCa } = stream;
  const privateCa = ingestCa !== undefined;
  return { playbackUrl, streamKeyId, privateCa, ingestDigest: ingestDigest(stream) };
}

/** Writes the Secret again with the stream details of either slot's Secret, without a call to the platform. */
export async function refreshSecret(
  context: StepContext,
  { record, slot }: Extract<Step, { do: 'refresh-secret' }>,
): Promise<StepOutcome> {
  const { state, channel, deps } = context;
  const streamState = streamOfRecord(state, record);
  if (streamState === undefined || record.slot === undefined) return done;
  const detailsIn = (of: Slot): IngestDetails | undefined =>
    ingestOfRecord(deps.objects.secret(channel, of), record);
  const ingest = detailsIn(slot) ?? detailsIn(otherSlot(slot));
  if (ingest !== undefined) await writeSecret(context, streamState, ingest, slot);
  return done;
}

/** Deletes the slot's Secret. */
export async function deleteSecret({ channel, deps, signal }: StepContext, slot: Slot): Promise<StepOutcome> {
  const uid = deps.objects.secret(channel, slot)?.metadata.uid;
  await deps.client.delete(secretType, secretRef(channel, slot), { uid, signal });
  deps.objects.secretGone(channel, slot);
  return done;
}

/** A failure if a Secret of the same name does not belong to the channel, because it must not be overwritten. */
export async function foreignSecret(
  { channel, deps, signal }: StepContext,
  slot: Slot,
): Promise<StepOutcome | undefined> {
  const ref = secretRef(channel, slot);
  const existing = await deps.client.get(secretType, ref, { signal });
  if (existing === undefined || isControlledBy(existing, channel)) return undefined;
  const message = `Secret ${ref.name} exists and does not belong to this channel; delete or rename it`;
  return {
    failed: { part: 'stream', reason: 'InvalidConfiguration', message },
    requeueAfterMs: FOREIGN_SECRET_RETRY_MS,
  };
}
