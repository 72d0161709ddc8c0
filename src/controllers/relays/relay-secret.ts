import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import { SecretText } from '../../base/secret-text.ts';
import type { RelaySecretFacts } from '../../channel/state.ts';
import type { Slot } from '../../api/annotations/stream-records.ts';
import { relaySecretKeys } from '../../channel/pod/relay-config.ts';
import { childLabels, relaySecretName } from '../../channel/pod/relay-pod.ts';
import type { Secret as SecretObject } from '../../kube/core-types.ts';
import { controllerReference } from '../../kube/owners.ts';
import type { Applied } from '../../kube/resource.ts';
import type { RelayToken } from './agora-token.ts';
import { sha256Hex } from '../../base/digest.ts';

/** The details of a stream that its relay needs. */
export interface IngestDetails {
  readonly streamId: string;
  readonly streamKeyId: string;
  readonly platform: string;
  readonly streamName: string;
  readonly ingestUrl: string;
  readonly streamKey: SecretText;
  readonly playbackUrl: string;
  readonly ingestCa: string | undefined;
}

/** The content of a relay's Secret. `tokenFor`: see src/channel/pod/agora-token.ts. */
export interface RelaySecretContent {
  readonly ingest: IngestDetails;
  readonly config: { readonly json: string; readonly digest: string };
  readonly token: RelayToken;
  readonly tokenFor: string;
  readonly controlToken: SecretText;
}

/** The Secret of a slot, with secrets as data and the facts about them as annotations. */
export function relaySecretObject(
  channel: LiveChannel,
  slot: Slot,
  content: RelaySecretContent,
): Applied<SecretObject> {
  const { ingest, token } = content;
  const data: Record<string, string> = {
    [relaySecretKeys.config]: content.config.json,
    [relaySecretKeys.ingestUrl]: ingest.ingestUrl,
    [relaySecretKeys.streamKey]: ingest.streamKey.reveal(),
    ...(token.token === undefined ? {} : { [relaySecretKeys.agoraToken]: token.token.reveal() }),
    [relaySecretKeys.controlToken]: content.controlToken.reveal(),
    ...(ingest.ingestCa === undefined ? {} : { [relaySecretKeys.ingestCa]: ingest.ingestCa }),
  };
  return {
    metadata: {
      name: relaySecretName(channel.metadata.name, slot),
      namespace: channel.metadata.namespace,
      labels: childLabels(channel),
      annotations: {
        [annotations.streamId]: ingest.streamId,
        [annotations.streamKeyId]: ingest.streamKeyId,
        [annotations.streamPlatform]: ingest.platform,
        [annotations.streamName]: ingest.streamName,
        [annotations.playbackUrl]: ingest.playbackUrl,
        [annotations.configDigest]: content.config.digest,
        [annotations.agoraTokenFor]: content.tokenFor,
        [annotations.agoraTokenIssuedAt]: token.issuedAt.toISOString(),
        ...(token.expiresAt === undefined
          ? {}
          : { [annotations.agoraTokenExpiresAt]: token.expiresAt.toISOString() }),
      },
      ownerReferences: [controllerReference(channel)],
    },
    type: 'Opaque',
    data: Object.fromEntries(
      Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
    ),
  };
}

/** The facts about a Secret; undefined when it is incomplete, so that it is written again. */
export function relaySecretFacts(secret: SecretObject | undefined): RelaySecretFacts | undefined {
  const noted = secret?.metadata.annotations ?? {};
  const details = ingestDetails(secret);
  const issued = new Date(noted[annotations.agoraTokenIssuedAt] ?? NaN);
  const expires = noted[annotations.agoraTokenExpiresAt];
  const expiresAt = expires === undefined ? undefined : new Date(expires);
  const has = (key: keyof typeof relaySecretKeys): boolean =>
    secret?.data?.[relaySecretKeys[key]] !== undefined;
  const complete = has('config') && has('controlToken') && has('agoraToken') === (expiresAt !== undefined);
  if (secret === undefined || details === undefined || !complete) return undefined;
  if ([issued, expiresAt].some((time) => Number.isNaN(time?.getTime()))) return undefined;
  return {
    streamId: details.streamId,
    streamKeyId: details.streamKeyId,
    platform: details.platform,
    streamName: details.streamName,
    playbackUrl: details.playbackUrl,
    tokenFor: noted[annotations.agoraTokenFor] ?? '',
    tokenIssuedAt: issued,
    tokenExpiresAt: expiresAt,
    configDigest: noted[annotations.configDigest] ?? '',
    revision: digest(JSON.stringify(Object.entries(secret.data ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))),
  };
}

/** The stream details in a Secret, so that a new token requires no call to the platform; undefined if incomplete. */
export function ingestDetails(secret: SecretObject | undefined): IngestDetails | undefined {
  const noted = secret?.metadata.annotations ?? {};
  const streamId = noted[annotations.streamId];
  const platform = noted[annotations.streamPlatform];
  const streamName = noted[annotations.streamName];
  const playbackUrl = noted[annotations.playbackUrl];
  const ingestUrl = value(secret, relaySecretKeys.ingestUrl);
  const streamKey = value(secret, relaySecretKeys.streamKey);
  if (streamId === undefined || platform === undefined || playbackUrl === undefined) return undefined;
  if (streamName === undefined || ingestUrl === undefined || streamKey === undefined) return undefined;
  return {
    streamId,
    platform,
    streamName,
    playbackUrl,
    ingestUrl,
    streamKey: new SecretText(streamKey),
    streamKeyId: noted[annotations.streamKeyId] ?? '',
    ingestCa: value(secret, relaySecretKeys.ingestCa),
  };
}

/** A value of the Secret, decoded; undefined if it has no such key. */
export function secretValue(
  secret: SecretObject | undefined,
  key: keyof typeof relaySecretKeys,
): SecretText | undefined {
  const text = value(secret, relaySecretKeys[key]);
  return text === undefined ? undefined : new SecretText(text);
}

function value(secret: SecretObject | undefined, key: string): string | undefined {
  const encoded = secret?.data?.[key];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8');
}

/** A short digest of a text: the first 16 hexadecimal digits of its SHA-256. */
export function digest(text: string): string {
  return sha256Hex(text, 16);
}
