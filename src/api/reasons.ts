/** Who can act on a reason: the owner of the channel and its host, of the cluster, or of the platform account. */
export type ReasonActor = 'app' | 'cluster' | 'platform';

/** The properties of a reason, for the operator and the reference pages. */
export interface ReasonEntry {
  /** One sentence for docs/reference/reasons.md. */
  readonly meaning: string;
  /** `normal` if nothing is wrong. It is the type of the event that a change of `Ready` emits. */
  readonly severity: 'normal' | 'warning';
  /** Whether a change of `Ready` to this reason emits an event. False if the step that causes it emits one. */
  readonly event: boolean;
  /** A relay that is not on air for this reason is starting, or waits for its host: `relayStatus` is `starting`. */
  readonly transient: boolean;
  /** The platform is at fault, so another platform may work: the time until the fallback counts. */
  readonly blamesPlatform?: true;
  /**
   * The operator deletes a relay pod for this reason on purpose. After a `stop`, the next pod is a start; after a
   * `replacement`, it counts in `status.relay.restarts`. Absent: the end of the pod is a fault.
   */
  readonly podDeletion?: 'stop' | 'replacement';
  /** Who has to act. Absent: no action is needed, or the operator acts by itself. */
  readonly actor?: ReasonActor;
  /** What to do. Each warning has one. */
  readonly whatToDo?: string;
}

type Flags = Partial<Pick<ReasonEntry, 'event' | 'transient' | 'blamesPlatform' | 'podDeletion'>>;

const normal = (meaning: string, flags: Flags = {}): ReasonEntry => ({
  meaning,
  severity: 'normal',
  event: true,
  transient: false,
  ...flags,
});

/** A normal state that a user may want to end, and how. */
const state = (meaning: string, actor: ReasonActor, whatToDo: string, flags: Flags = {}): ReasonEntry => ({
  ...normal(meaning, flags),
  actor,
  whatToDo,
});

/** A warning that requires action by `actor`. */
const problem = (meaning: string, actor: ReasonActor, whatToDo: string, flags: Flags = {}): ReasonEntry => ({
  ...state(meaning, actor, whatToDo, flags),
  severity: 'warning',
});

/** A warning that the operator repairs by itself. */
const selfHealing = (meaning: string, whatToDo: string, flags: Flags = {}): ReasonEntry => ({
  ...normal(meaning, flags),
  severity: 'warning',
  whatToDo,
});

const table = {
  // On air, and on the way there.
  Live: normal('The platform accepts media.', { transient: true }),
  RelayStarting: normal('The relay is starting and does not push media yet.', {
    event: false,
    transient: true,
  }),
  RelayUnresponsive: selfHealing(
    "The relay's process hangs: it accepts connections and does not answer.",
    'Nothing: the kubelet restarts the relay. If it recurs, check the node: CPU, memory, disk.',
  ),
  RelayCreated: normal('A relay pod was created.'),
  HostPublishing: normal("The relay receives the host's media.", { transient: true }),
  WaitingForHost: state(
    'The relay has joined the Agora channel; no host publishes video there.',
    'app',
    'Start the host. If it is publishing, compare its Agora channel name, app ID and uid with spec.agora.',
    { transient: true },
  ),
  LastFrameHeld: state(
    'On air without the host: viewers see the last frame or the slate, and hear silence.',
    'app',
    "Nothing, or check the host's connection.",
    { transient: true },
  ),
  ShuttingDown: normal('The relay was asked to stop.', { transient: true }),
  Resuming: normal('The idle channel starts a relay again: on request, or to check for the host.', {
    event: false,
  }),
  RelayReplaced: normal('The relay pod was deleted, evicted or failed, and is being replaced.', {
    event: false,
  }),
  SpecChanged: normal('The relay pod is replaced because the channel or its platform changed.', {
    podDeletion: 'replacement',
  }),
  FailedOver: normal('A failover: the relay in the other slot pushes. The message has the cause.', {
    event: false,
  }),
  StreamCreated: normal('The stream exists on the platform.'),
  StreamDeleted: normal('The stream was deleted on the platform.'),
  StreamRetained: normal(
    'The channel was deleted and its stream was kept, because deletionPolicy is Retain.',
  ),
  KeyRotated: normal('The stream has a new key; the old key is no longer valid.'),
  CredentialsVerified: normal('The platform accepted the credentials.'),
  // Migration and fallback.
  Migrating: normal(
    'The channel is migrating to another stream; the current one serves until the new one can be played.',
  ),
  Migrated: normal('Viewers are sent to the new stream; the old one is drained, then deleted.', {
    podDeletion: 'stop',
  }),
  MigrationFailed: selfHealing(
    'A migration was abandoned; the current stream continues to serve.',
    'Read the message. Correct the target platform, then request the migration again.',
  ),
  FallbackPlatform: normal('On spec.fallbackPlatformRef, because the desired platform is unavailable.'),
  FallbackAgora: problem(
    'No relay works: effectiveStreamMode is agora-only.',
    'app',
    'Send viewers to Agora until effectiveStreamMode changes. The reason of Ready names the cause.',
  ),
  NotInUse: normal('No fallback is in use.'),
  // Alerts. Their kinds are in alerts.ts.
  AlertRaised: problem(
    'An alert was raised; the message begins with its kind.',
    'cluster',
    'Look up the kind in docs/operate/alerts.md.',
    { event: false },
  ),
  AlertResolved: normal('An alert was resolved; the message begins with its kind.', { event: false }),
  // Budget and cost.
  BudgetNotSet: normal('spec.budget is not set.'),
  WithinBudget: normal('Less than 80% of spec.budget has been spent.'),
  BudgetThresholdReached: problem(
    '80% of spec.budget has been spent; spec.budget.actionAt80Percent is in force.',
    'app',
    'Raise spec.budget.usd, or accept the action that the message names.',
    { event: false },
  ),
  BudgetSpent: problem(
    'spec.budget has been spent; the action that the message names is in force.',
    'app',
    'Raise spec.budget.usd, or wait for the next period.',
    { event: false },
  ),
  BudgetUnknown: state(
    'The amount spent is unknown: the database does not answer or is not configured.',
    'cluster',
    'Check the database and the migration.',
  ),
  CheaperOnAgora: normal('streamMode auto: at this audience, Agora alone costs less than a relay.', {
    event: false,
  }),
  CheaperOnHls: normal('streamMode auto: at this audience, HLS costs less than Agora.'),
  // Off air on purpose.
  ModeOverridden: state(
    'Annotation livechannel.dev/mode-override sends viewers to Agora; the stream is kept.',
    'app',
    'Remove the annotation to return to spec.streamMode.',
    { event: false },
  ),
  Suspended: state(
    'spec.suspend is true: off air; the stream is kept.',
    'app',
    'Set spec.suspend to false.',
    {
      event: false,
      podDeletion: 'stop',
    },
  ),
  AgoraOnly: state(
    'streamMode agora-only: the channel has no relay and no stream.',
    'app',
    'Change spec.streamMode.',
  ),
  Idle: state(
    'The relay is stopped because no host or no viewer was present for as long as spec.relay.idle allows.',
    'app',
    'Set annotation livechannel.dev/resume to a new value, or call PUT /v1/channels/:id/relay.',
    { event: false, podDeletion: 'stop' },
  ),
  RelayStopped: normal('The relay was stopped because the channel does not need it.', {
    podDeletion: 'stop',
  }),
  Deleting: normal('The channel is being deleted.', { event: false, podDeletion: 'replacement' }),
  // Configuration and credentials.
  CredentialsNotFound: problem(
    'A Secret that the resource refers to, or a key in that Secret, does not exist.',
    'cluster',
    'Create the Secret or add the key that the message names.',
    { blamesPlatform: true },
  ),
  CredentialsRejected: problem(
    'The platform rejected the credentials.',
    'cluster',
    "Correct the Secret that the platform's spec.credentialsRef names.",
    { blamesPlatform: true },
  ),
  PermissionDenied: problem(
    'The platform accepted the credentials; they lack a permission that is needed.',
    'platform',
    'Grant the permission that the message names.',
    { blamesPlatform: true },
  ),
  PlatformNotFound: problem(
    'The StreamingPlatform that the channel names does not exist.',
    'app',
    'Correct spec.platformRef, or create the StreamingPlatform.',
    { blamesPlatform: true },
  ),
  NoDefaultPlatform: problem(
    'spec.platformRef is not set, and no StreamingPlatform is marked as the default.',
    'cluster',
    'Set spec.platformRef, or annotate one StreamingPlatform with livechannel.dev/is-default-platform=true.',
  ),
  MultipleDefaultPlatforms: problem(
    'spec.platformRef is not set, and more than one StreamingPlatform is marked as the default.',
    'cluster',
    'Remove annotation livechannel.dev/is-default-platform from all but one StreamingPlatform.',
  ),
  PlatformNotReady: problem(
    'The StreamingPlatform is not ready.',
    'cluster',
    'Read the condition Ready of the StreamingPlatform.',
    { blamesPlatform: true },
  ),
  InvalidConfiguration: problem(
    'The configuration is not valid.',
    'app',
    'Correct the field that the message names.',
  ),
  // The platform's API.
  PlatformThrottled: problem(
    'The platform limits the rate of API calls; the operator retries more slowly.',
    'platform',
    'Check whether something else uses the same account; raise its rate limit.',
    { blamesPlatform: true },
  ),
  PlatformUnavailable: problem(
    "The platform's API does not answer, or answers with errors.",
    'platform',
    "Check the vendor's status page, and the cluster's egress.",
    { blamesPlatform: true },
  ),
  QuotaExceeded: problem(
    "spec.limits.maxStreams, or the platform account's quota, is exhausted.",
    'platform',
    'Raise the quota, or delete streams that are not needed. Channels are admitted by priority, then age.',
    { blamesPlatform: true },
  ),
  StreamNotFound: selfHealing(
    'The stream no longer exists on the platform; it is created again.',
    'If it recurs, find out what deletes streams in the account.',
  ),
  InUse: problem(
    'Deletion of the StreamingPlatform is blocked while LiveChannels have streams on it.',
    'cluster',
    'Migrate or delete the channels that the message names.',
  ),
  OrphanedStreams: problem(
    'The platform has streams of this cluster that no channel owns.',
    'cluster',
    'Run the audit; delete them, or set spec.orphanPolicy to Delete.',
  ),
  OrphanedStreamDeleted: selfHealing(
    'A stream of this cluster that no channel owned was deleted on the platform.',
    'If it recurs, check whether a second operator uses the same account.',
  ),
  NoOrphanedStreams: normal('Every stream of this cluster on the platform belongs to a channel.'),
  // The relay and Agora.
  AgoraTokenRejected: problem(
    'Agora rejects the token, the app ID or the certificate, or would reject the token that was passed.',
    'app',
    "Correct the token, or appId and appCertificate, in the channel's Secret, as the message says.",
  ),
  AgoraTokenExpiring: problem(
    'On air with an Agora token that the app passed and that expires soon.',
    'app',
    'Pass a new token. The relay takes it without a restart.',
  ),
  AgoraTokenExpired: problem('The Agora token that the app passed has expired.', 'app', 'Pass a new token.'),
  AgoraUnreachable: problem(
    'No Agora access point or gateway could be reached.',
    'cluster',
    "Allow egress to Agora, UDP included; check Agora's status page.",
  ),
  AgoraBanned: problem(
    'Agora banned the relay from the channel, or another client took its uid.',
    'app',
    'Remove the kicking rule in the Agora console; keep the uid of the relay for the relay.',
  ),
  CodecUnsupported: problem(
    'The host sends a codec that the relay cannot pass through.',
    'app',
    'Send H.264, or set spec.relay.mode to auto.',
  ),
  ResolutionTooHigh: problem(
    "The host's video exceeds a limit of the channel, or its resolution keeps changing.",
    'app',
    'Send a lower, constant resolution, or set spec.relay.mode to auto.',
  ),
  // The relay and the ingest.
  IngestRejected: problem(
    'The ingest rejected the stream key.',
    'platform',
    'Set annotation livechannel.dev/rotate-key to a new value; with provider rtmp, correct the key in the Secret.',
    { blamesPlatform: true },
  ),
  IngestUnreachable: problem(
    'The ingest could not be reached, or closed the connection.',
    'cluster',
    "Allow egress to the ingest's host and port; check the vendor's status page.",
    { blamesPlatform: true },
  ),
  IngestCertificateInvalid: problem(
    "The ingest's TLS certificate could not be verified.",
    'cluster',
    "Add the CA to the platform's Secret as ca.crt, or exempt the ingest from TLS inspection.",
    { blamesPlatform: true },
  ),
  MediaStalled: problem(
    'The ingest accepted no media within the time allowed.',
    'cluster',
    'Check the bandwidth between node and ingest; lower spec.relay.maxVideoBitrateKbps.',
  ),
  IngestCongested: problem(
    'On air below full quality: the ingest accepts less than the host sends.',
    'cluster',
    'Check the bandwidth between node and ingest; lower spec.relay.maxVideoBitrateKbps, or the bitrate of the host.',
  ),
  // The relay's processes and its pod.
  CPUThrottled: problem(
    'The relay gets too little CPU time: its limit throttles it, or the node is overloaded.',
    'cluster',
    'Remove or raise the CPU limit in spec.relay.template.resources; avoid transcoding.',
  ),
  MemoryPressure: problem(
    'The relay has too little memory: the browser makes no progress, and nothing was killed yet.',
    'cluster',
    'Raise the memory limit in spec.relay.template.resources.',
  ),
  OOMKilled: problem(
    'The relay container was killed because it exceeded its memory limit.',
    'cluster',
    'Raise the memory limit in spec.relay.template.resources.',
  ),
  BrowserCrashed: selfHealing(
    "The relay's browser or its page crashed or stopped responding; it is restarted.",
    'If it recurs, report it with the log of the relay.',
  ),
  EncoderCrashed: selfHealing(
    'FFmpeg exited unexpectedly; it is restarted.',
    'If it recurs, report it with the log of the relay.',
  ),
  ContainerExited: selfHealing(
    'The relay container exited; the kubelet restarts it.',
    'Read the log of the previous container: kubectl logs POD --previous.',
  ),
  PodPending: problem(
    'The relay pod has not been scheduled or started.',
    'cluster',
    "Add capacity, or correct spec.relay.template; the message has the scheduler's reason.",
  ),
  PodDeleted: selfHealing(
    'The relay pod was deleted by something other than the operator; it is replaced.',
    'Nothing, unless it recurs.',
  ),
  Evicted: problem(
    'The node evicted the relay pod; it is replaced.',
    'cluster',
    'If it recurs, free memory or disk on the node, or set spec.relay.template.priorityClassName.',
  ),
  NodeLost: problem(
    "The relay pod's node does not respond.",
    'cluster',
    'Repair or remove the node. With spec.relay.replicas 2, the channel fails over to its standby.',
  ),
  ImagePullFailed: problem(
    "The relay's image cannot be pulled.",
    'cluster',
    "Correct relay.image in the chart's values; relay.imagePullSecrets must exist in the channel's namespace.",
  ),
  PodCreateFailed: problem(
    'The API server rejected the relay pod.',
    'cluster',
    'Correct the quota, policy or spec.relay.template that the message names.',
  ),
  ContainerCreateFailed: problem(
    'The kubelet cannot create the relay container.',
    'cluster',
    'Read the message: a Secret or key is missing, or the container runtime fails.',
  ),
  // The operator itself.
  ReconcileFailed: problem(
    'The API server rejected a change by the operator; it is retried.',
    'cluster',
    'Correct the permission, quota or admission webhook that the message names.',
  ),
} as const satisfies Record<string, ReasonEntry>;

export type Reason = keyof typeof table;

/**
 * The closed list of reasons that conditions, events and the relay's termination message may carry.
 * docs/reference/reasons.md is generated from it.
 */
export const reasons: Readonly<Record<Reason, ReasonEntry>> = table;

/** Whether a value is a reason of the closed list. */
export function isReason(value: unknown): value is Reason {
  return typeof value === 'string' && Object.hasOwn(reasons, value);
}
