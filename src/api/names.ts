/** Group, version and the well-known names of livechannel.dev: one place, so that no string is spelled twice. */
export const GROUP = 'livechannel.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;

export const LIVE_CHANNEL_PLURAL = 'livechannels';
export const STREAMING_PLATFORM_PLURAL = 'streamingplatforms';

/** Held on a LiveChannel until the platform says that its stream is gone (or is retained). */
export const STREAM_FINALIZER = `${GROUP}/stream`;

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
  /** On a LiveChannel: a create was begun under this stream name and its answer has not been recorded yet. */
  streamCreatePending: `${GROUP}/stream-create-pending`,
  /** On a LiveChannel: the platform's id of the stream. */
  streamId: `${GROUP}/stream-id`,
  /** On a LiveChannel: name of the StreamingPlatform that holds the stream. */
  streamPlatform: `${GROUP}/stream-platform`,
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
