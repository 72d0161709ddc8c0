/** Group, version and well-known names of livechannel.dev. They are defined only here, so that they cannot diverge. */
export const GROUP = 'livechannel.dev';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;

export const LIVE_CHANNEL_PLURAL = 'livechannels';
export const STREAMING_PLATFORM_PLURAL = 'streamingplatforms';

/** On a LiveChannel until the platform confirms that its stream is gone, or the stream is retained. */
export const STREAM_FINALIZER = `${GROUP}/stream`;

/** On a StreamingPlatform while a LiveChannel has a stream on it. */
export const PLATFORM_FINALIZER = `${GROUP}/in-use`;

/** The field manager of everything that the operator applies, except for the records of streams. */
export const FIELD_MANAGER = 'livechannel-operator';
/** The field manager of `status.streams`: an apply of the rest of the status neither changes nor removes the records. */
export const STREAMS_FIELD_MANAGER = 'livechannel-operator-streams';

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
  /** On a LiveChannel of an earlier version: its streams, as JSON (annotations/legacy-stream-records.ts). */
  streams: `${GROUP}/streams`,
  /** On a LiveChannel, set by the user: a new value requests a new stream key. */
  rotateKey: `${GROUP}/rotate-key`,
  /** On a LiveChannel, set by the user or the service: a new value resumes a relay that spec.relay.idle stopped. */
  resume: `${GROUP}/resume`,
  /** On a LiveChannel: the app's ID of the channel, if the name cannot encode it (channel-id.ts). */
  channelId: `${GROUP}/channel-id`,
  /** On a LiveChannel created by the service: hashes of the Idempotency-Key and of the request. */
  idempotency: `${GROUP}/idempotency`,
  /** On a LiveChannel, set by the user or the service: "agora-only" sends its viewers to Agora until it is removed. */
  modeOverride: `${GROUP}/mode-override`,
  /** On a LiveChannel: the mode that `auto` or a budget chose, as JSON (annotations/cost-decisions.ts). */
  mode: `${GROUP}/mode`,
  /** On a LiveChannel: how much of its budget has been spent, and the action in force, as JSON (same file). */
  budget: `${GROUP}/budget`,
  /** On the relay's Secret: the inputs of its content, which are not secret themselves. */
  agoraTokenFor: `${GROUP}/agora-token-for`,
  agoraTokenIssuedAt: `${GROUP}/agora-token-issued-at`,
  agoraTokenExpiresAt: `${GROUP}/agora-token-expires-at`,
  configDigest: `${GROUP}/config-digest`,
  /** On a relay pod: hash of the inputs of its spec. If it differs, the pod has to be replaced. */
  podSpecHash: `${GROUP}/spec-hash`,
  /** On a relay pod: revision of the Secret. A change makes the kubelet update the mounted Secret at once. */
  secretRevision: `${GROUP}/secret-revision`,
} as const;

export const ports = {
  /** Operator and relay: health, status, metrics. */
  http: 8080,
  originRtmps: 1936,
  originHls: 8080,
  originControl: 8081,
} as const;
