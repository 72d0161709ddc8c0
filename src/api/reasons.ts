/**
 * The closed list of reasons that conditions, events and the relay's termination message may carry.
 * docs/reference/reasons.md is generated from it.
 */
export const reasons = {
  // The good ones.
  Live: 'Media arrives at the platform.',
  StreamCreated: 'The stream exists on the platform.',
  StreamDeleted: 'The stream was deleted on the platform.',
  StreamRetained: 'The channel is gone and its stream was kept, as deletionPolicy Retain asks.',
  HostPublishing: 'The host publishes video and the relay receives it.',
  RelayCreated: 'A relay pod was made.',
  RelayStarting: 'The relay pod is not yet pushing media.',
  LastFrameHeld: 'On air without the host: viewers see the last picture, or the slate, and hear silence.',
  FailedOver: 'The relay in the other slot took over; see the message for why.',
  Idle: 'The relay rests, because there was no host or no viewer for the time that spec.relay.idle allows.',
  Resuming: 'The relay is started again: it was asked to, or it is time to look for the host.',
  RelayReplaced: 'The relay pod was deleted, evicted or failed, and another one took its place.',
  RelayStopped: 'The relay was stopped because the channel does not need one.',
  SpecChanged: 'The relay pod was replaced because the channel or its platform changed.',
  CredentialsVerified: 'The platform accepted the credentials.',
  NotInUse: 'Not in use by this channel.',
  Migrating: 'The channel moves to another stream; the present one serves until the new one plays.',
  Migrated: 'The channel moved: viewers are sent to the new stream, the old one is drained and deleted.',
  MigrationFailed: 'A move to another stream was given up; the present one goes on.',
  KeyRotated: 'The stream has a new key, and the old one is worthless.',
  FallbackPlatform: 'On spec.fallbackPlatformRef, because the platform that the channel asks for is out.',
  FallbackAgora: 'No relay works: the app should send viewers to Agora.',
  InUse: 'LiveChannels have streams on the StreamingPlatform, so it is not deleted yet.',
  BudgetNotSet: 'spec.budget is not set.',
  WithinBudget: 'Less than 80 % of spec.budget are spent.',
  // Cost.
  CheaperOnAgora: 'streamMode auto: so few viewers cost less on Agora alone than with a relay.',
  CheaperOnHls: 'streamMode auto: so many viewers cost less on HLS than on Agora.',
  BudgetThresholdReached: '80 % of spec.budget are spent; see the message for what is done about it.',
  BudgetSpent: 'spec.budget is spent; see the message for what is done about it.',
  BudgetUnknown: 'What was spent is not known, because the database does not answer or is not set up.',
  // Taken off air on purpose.
  Suspended: 'spec.suspend is true: off air, the stream is kept.',
  AgoraOnly: 'streamMode agora-only needs no relay and no stream.',
  Deleting: 'The channel is being deleted.',
  // Something is missing or wrong in what the user gave.
  CredentialsNotFound: 'A Secret, or a key in it, that the resource refers to does not exist.',
  CredentialsRejected: 'The platform refused the credentials.',
  PlatformNotFound: 'The StreamingPlatform that spec.platformRef names does not exist.',
  NoDefaultPlatform: 'spec.platformRef is not set and no StreamingPlatform is marked as the default.',
  MultipleDefaultPlatforms:
    'spec.platformRef is not set and more than one StreamingPlatform is marked as the default.',
  PlatformNotReady: 'The StreamingPlatform is not ready; its own condition says why.',
  InvalidConfiguration: 'The configuration is not valid.',
  // The platform.
  PermissionDenied: 'The platform accepted the credentials, which lack the right to a call that is needed.',
  PlatformThrottled: 'The platform refuses calls for a while, because there were too many.',
  PlatformUnavailable: "The platform's API does not answer, or answers with errors.",
  QuotaExceeded: "The platform's account is full.",
  StreamNotFound: 'The stream has vanished on the platform; it is made anew.',
  // The relay.
  WaitingForHost: 'Joined the Agora channel; no host publishes video there yet.',
  AgoraTokenRejected: 'Agora refused the token, the app id or the certificate behind it.',
  AgoraUnreachable: 'No Agora access point or gateway could be reached.',
  AgoraBanned: 'Agora banned the relay from the channel, or another client took its uid.',
  IngestRejected: 'The ingest refused the stream key.',
  IngestUnreachable: 'The ingest could not be reached, or closed the connection.',
  IngestCertificateInvalid: "The ingest's TLS certificate could not be verified.",
  MediaStalled: 'Media stopped moving: nothing was accepted by the ingest within the time allowed.',
  CodecUnsupported: 'The host sends a codec that this relay cannot pass on.',
  ResolutionTooHigh: "The host's picture exceeds a cap of the channel, or keeps changing its size.",
  CPUThrottled:
    'The relay gets too little processor time: its CPU limit throttles it, or the node is overloaded.',
  MemoryPressure:
    'The relay has too little memory: the browser makes no progress, although nothing was killed.',
  BrowserCrashed: 'The browser, or its page, crashed or hung.',
  EncoderCrashed: 'FFmpeg ended unexpectedly.',
  ShuttingDown: 'The relay was asked to stop.',
  // The pod.
  PodPending: 'The relay pod waits for the scheduler or the kubelet.',
  PodDeleted: 'The relay pod was deleted.',
  ContainerExited: 'The relay container ended.',
  OOMKilled: 'The relay container was killed because it used more memory than its limit.',
  Evicted: 'The node evicted the relay pod.',
  NodeLost: "The relay pod's node does not answer.",
  ImagePullFailed: 'The image of the relay cannot be pulled.',
  PodCreateFailed: 'The API server refused the relay pod.',
  ContainerCreateFailed: 'The kubelet cannot create the relay container.',
  // The operator itself.
  ReconcileFailed: 'The operator failed on this resource; it tries again.',
  OrphanedStreams: 'Streams of this cluster exist on the platform that no channel owns.',
  OrphanedStreamDeleted: 'A stream of this cluster that no channel owns was deleted on the platform.',
  NoOrphanedStreams: 'Every stream of this cluster on the platform belongs to a channel.',
} as const satisfies Record<string, string>;

export type Reason = keyof typeof reasons;

export function isReason(value: unknown): value is Reason {
  return typeof value === 'string' && Object.hasOwn(reasons, value);
}
