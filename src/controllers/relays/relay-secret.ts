import type { LiveChannel } from '../../api/live-channel.ts';
import { annotations } from '../../api/names.ts';
import { SecretText } from '../../base/secret-text.ts';
import type { RelaySecretFacts } from '../../channel/state.ts';
import type { Slot, StreamRecord } from '../../api/stream-records.ts';
import { relaySecretKeys } from '../../channel/pod/relay-config.ts';
import { childLabels, relaySecretName } from '../../channel/pod/relay-pod.ts';
import type { Secret as SecretObject } from '../../kube/core-types.ts';
import { controllerReference } from '../../kube/owners.ts';
import type { Applied } from '../../kube/resource.ts';
import type { RelayToken } from './agora-token.ts';
import { sha256Hex } from '../../base/digest.ts';

/** Where and how a relay pushes. */
export interface IngestDetails {
  readonly ingestUrl: string;
  readonly streamKey: SecretText;
  readonly ingestCa?: string | undefined;
}

/** The content of a relay's Secret. `tokenFor`: see src/channel/pod/agora-token.ts. */
export interface RelaySecretContent {
  readonly ingest: IngestDetails;
  readonly config: { readonly json: string; readonly digest: string };
  readonly token: RelayToken;
  readonly tokenFor: string;
  readonly controlToken: SecretText;
}

/**
 * The Secret of a slot, with secrets as data and the facts about the Agora token and the configuration as annotations. It is
 * written for the relay. Whoever may edit Secrets in the namespace may edit it, so that nothing is concluded from it but
 * whether it has to be written again; which stream a channel has stands in its status.
 */
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
    ingestDigest: ingestDigest(details),
    tokenFor: noted[annotations.agoraTokenFor] ?? '',
    tokenIssuedAt: issued,
    tokenExpiresAt: expiresAt,
    configDigest: noted[annotations.configDigest] ?? '',
    revision: digest(JSON.stringify(Object.entries(secret.data ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))),
  };
}

/**
 * Identifies ingest URL, stream key and CA. It is recorded when the platform returns them, so that a Secret with the same
 * digest has what the platform returned. Stream keys are random, so that a digest does not help to guess one.
 */
export function ingestDigest({ ingestUrl, streamKey, ingestCa }: IngestDetails): string {
  return sha256Hex(JSON.stringify([ingestUrl, streamKey.reveal(), ingestCa ?? null]), 32);
}

/**
 * The details in a Secret that the platform returned for the stream of this record, so that a new token requires no call to
 * the platform. Undefined if the Secret is incomplete, has those of another stream or of a replaced key, or was edited.
 */
export function ingestOfRecord(
  secret: SecretObject | undefined,
  { provisioned }: StreamRecord,
): IngestDetails | undefined {
  const details = ingestDetails(secret);
  return details !== undefined && ingestDigest(details) === provisioned?.ingestDigest ? details : undefined;
}

/** The details in a Secret, whoever wrote them; undefined if incomplete. */
export function ingestDetails(secret: SecretObject | undefined): IngestDetails | undefined {
  const ingestUrl = value(secret, relaySecretKeys.ingestUrl);
  const streamKey = value(secret, relaySecretKeys.streamKey);
  if (ingestUrl === undefined || streamKey === undefined) return undefined;
  return {
    ingestUrl,
    streamKey: new SecretText(streamKey),
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
