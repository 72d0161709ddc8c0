import { randomBytes } from 'node:crypto';
import type { LiveChannel } from '../../api/live-channel.ts';
import { FIELD_MANAGER } from '../../api/names.ts';
import { Secret } from '../../api/secret.ts';
import { tokenFor } from '../../channel/agora-token.ts';
import { agoraSubject, relayConfig } from '../../channel/relay-config.ts';
import { relaySecretName } from '../../channel/relay-pod.ts';
import { secretType } from '../../kube/core-types.ts';
import { isControlledBy } from '../../kube/owners.ts';
import { mintAgoraToken } from '../agora-token.ts';
import {
  digest,
  ingestDetails,
  relaySecretObject,
  secretValue,
  type IngestDetails,
} from '../relay-secret.ts';
import type { Scene } from './observe.ts';
import { done, type Outcome, type Tools } from './tools.ts';

const secretRef = (channel: LiveChannel): { namespace: string; name: string } => ({
  namespace: channel.metadata.namespace ?? '',
  name: relaySecretName(channel.metadata.name),
});

export async function writeSecret(
  scene: Scene,
  ingest: IngestDetails,
  tools: Tools,
  signal: AbortSignal,
): Promise<void> {
  const { channel, platform } = scene.observed;
  if (!scene.credentials.ok || !platform.ok) return;
  const subject = agoraSubject(channel, 0);
  const credentials = scene.credentials.value;
  const json = JSON.stringify(
    relayConfig(channel, 0, credentials.appId, platform.value, ingest.ingestCa !== undefined),
  );
  const secret = relaySecretObject(channel, {
    ingest,
    config: { json, digest: digest(json) },
    token: mintAgoraToken(credentials, subject, tools.tokenSeconds, tools.clock.now()),
    tokenFor: tokenFor(credentials, subject),
    controlToken:
      secretValue(scene.secret, 'controlToken') ?? new Secret(randomBytes(32).toString('base64url')),
  });
  tools.objects.rememberSecret(
    await tools.client.apply(secretType, secret, { fieldManager: FIELD_MANAGER, force: true, signal }),
  );
}

/** Writes the Secret anew from the stream's details that it holds: the platform is not asked. */
export async function refreshSecret(scene: Scene, tools: Tools, signal: AbortSignal): Promise<Outcome> {
  const ingest = ingestDetails(scene.secret);
  if (ingest !== undefined) await writeSecret(scene, ingest, tools, signal);
  return done;
}

export async function deleteSecret(scene: Scene, tools: Tools, signal: AbortSignal): Promise<Outcome> {
  const { channel } = scene.observed;
  const uid = scene.secret?.metadata.uid;
  await tools.client.delete(secretType, secretRef(channel), { uid, signal });
  tools.objects.secretGone(channel);
  return done;
}

/** A Secret of somebody else that has the name of ours is not to be written over. */
export async function foreignSecret(
  channel: LiveChannel,
  tools: Tools,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const there = await tools.client.get(secretType, secretRef(channel), { signal });
  if (there === undefined || isControlledBy(there, channel)) return undefined;
  const message = `Secret ${relaySecretName(channel.metadata.name)} exists and does not belong to this channel; delete or rename it`;
  return { failed: { part: 'stream', reason: 'InvalidConfiguration', message }, againAfterMs: 5_000 };
}
