/** Group, version and the well-known names of livechannel.dev: one place, so that no string is spelled twice. */
export const GROUP = 'livechannel.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;

export const LIVE_CHANNEL_PLURAL = 'livechannels';
export const STREAMING_PLATFORM_PLURAL = 'streamingplatforms';

/** Held on a LiveChannel until the platform says that its stream is gone (or is retained). */
export const STREAM_FINALIZER = `${GROUP}/stream`;

/** Held on a StreamingPlatform while a LiveChannel has a stream on it. */
export const PLATFORM_FINALIZER = `${GROUP}/in-use`;

/** The field manager of everything that the operator applies. */
export const FIELD_MANAGER = 'livechannel-operator';

export const labels = {
  name: 'app.kubernetes.io/name',
  component: 'app.kubernetes.io/component',
  managedBy: 'app.kubernetes.io/managed-by',
  partOf: 'app.kubernetes.io/part-of',
  /** Name of the LiveChannel that an object belongs to. */
  channel: `${GROUP}/channel`,
  /** Which of the channel's relay pods: "0" or "1". */
  slot: `${GROUP}/slot`,
} as const;

export const annotations = {
  /** On a StreamingPlatform: "true" makes it the one that channels without a platformRef use. */
  defaultPlatform: `${GROUP}/is-default-platform`,
  /** On a LiveChannel: the streams that it has, or is about to make, as JSON; see src/api/annotations/stream-records.ts. */
  streams: `${GROUP}/streams`,
  /** On a LiveChannel, by the user: another value than before asks for another stream key. */
  rotateKey: `${GROUP}/rotate-key`,
  /** Another value wakes a relay that rests as spec.relay.idle asks. */
  resume: `${GROUP}/resume`,
  /** On a LiveChannel: the app's id of it, where its name cannot hold it (channel-id.ts). */
  channelId: `${GROUP}/channel-id`,
  /** On a LiveChannel made by the service: hash of the Idempotency-Key and of the request that made it. */
  idempotency: `${GROUP}/idempotency`,
  /** On a LiveChannel: the mode that `auto` or a budget chose, as JSON; see src/api/annotations/cost-decisions.ts. */
  mode: `${GROUP}/mode`,
  /** On a LiveChannel: how much of its budget is spent, and what is done about it, as JSON. */
  budget: `${GROUP}/budget`,
  /** On the relay's Secret: the stream that it leads to. */
  streamId: `${GROUP}/stream-id`,
  streamPlatform: `${GROUP}/stream-platform`,
  streamName: `${GROUP}/stream-name`,
  /** On the relay's Secret: what it was made from; never a secret itself. */
  playbackUrl: `${GROUP}/playback-url`,
  streamKeyId: `${GROUP}/stream-key-id`,
  agoraTokenFor: `${GROUP}/agora-token-for`,
  agoraTokenIssuedAt: `${GROUP}/agora-token-issued-at`,
  agoraTokenExpiresAt: `${GROUP}/agora-token-expires-at`,
  configDigest: `${GROUP}/config-digest`,
  /** On a relay pod: hash of what the pod was built from; another hash means another pod. */
  podSpecHash: `${GROUP}/spec-hash`,
  /** On a relay pod: revision of the Secret; changing it makes the kubelet bring the new Secret at once. */
  secretRevision: `${GROUP}/secret-revision`,
} as const;

export const ports = {
  /** Operator and relay: health, status, metrics. */
  http: 8080,
  originRtmps: 1936,
  originHls: 8080,
  originControl: 8081,
} as const;
