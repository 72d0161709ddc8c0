import type { LiveChannel } from '../api/live-channel.ts';
import type { Reason } from '../api/reasons.ts';
import type { RelayReport } from '../api/relay-contract.ts';
import type { Slot, StreamRecord } from '../api/stream-records.ts';

/** Something that is missing or wrong: reason and message of a condition and an event. */
export interface Problem {
  readonly reason: Reason;
  readonly message: string;
}

/** The result of a lookup: a value, or the problem that prevents it. */
export type Found<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export const found = <T>(value: T): Found<T> => ({ ok: true, value });
export const missing = (reason: Reason, message: string): Found<never> => ({
  ok: false,
  problem: { reason, message },
});

/** The properties of a platform that decisions depend on. */
export interface PlatformFacts {
  readonly name: string;
  readonly takeover: 'ivs-priority' | undefined;
  readonly maxVideoBitrateKbps: number;
  readonly keyframeSeconds: { readonly min: number; readonly max: number };
  readonly maxHeight: number;
  readonly sizeChange: 'in-session' | 'new-session' | 'transcode';
  readonly constantBitrate: boolean;
}

/** The Agora credentials without the secret: the digest changes whenever the credentials do. */
export interface CredentialsFacts {
  readonly appId: string;
  readonly digest: string;
  readonly token: TokenSource;
}

/**
 * Where the relay's Agora token comes from. `certificate`: the operator mints and renews it. `none`: the project has no
 * App Certificate, and the relay joins without a token.
 */
export type TokenSource = { readonly from: 'certificate' } | { readonly from: 'none' } | PassedToken;

/** A token that the app minted. */
export interface PassedToken {
  readonly from: 'app';
  /** For messages: what it is and in which Secret. */
  readonly where: string;
  /** The uid that the relay must join with; undefined if the token permits every uid. */
  readonly uid: number | undefined;
  readonly expiresAt: Date;
  /** From this time on, the status warns that the token expires. */
  readonly expiringAt: Date;
}

/**
 * The facts about a relay's Secret, which whoever may edit Secrets in its namespace may have written: they decide only
 * whether it is written again.
 */
export interface RelaySecretFacts {
  /** Digest of ingest URL, stream key and CA in it, to be compared with that of the record. */
  readonly ingestDigest: string;
  /** Identifies the credentials and the subject of the Agora token (pod/agora-token.ts). */
  readonly tokenFor: string;
  /** When the Secret was written. */
  readonly tokenIssuedAt: Date;
  /** Undefined if the relay joins without a token. */
  readonly tokenExpiresAt: Date | undefined;
  /** Digest of relay.json. */
  readonly configDigest: string;
  /** Digest of all data of the Secret. */
  readonly revision: string;
}

/** The facts about a relay pod, read from its object. */
export interface RelayPodFacts {
  readonly name: string;
  readonly uid: string;
  readonly slot: number;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  readonly deleting: boolean;
  readonly ready: boolean;
  readonly nodeName: string | undefined;
  readonly ip: string | undefined;
  readonly createdAt: Date;
  readonly specDigest: string;
  readonly secretRevision: string;
  readonly restartCount: number;
  /** status.reason of the pod, e.g. Evicted. */
  readonly reason: string;
  readonly message: string;
  /** Why the scheduler cannot place the pod; undefined where it can. */
  readonly unschedulable: string | undefined;
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
  readonly running: boolean;
  /** How the container terminated most recently. */
  readonly ended:
    { readonly exitCode: number; readonly reason: string; readonly message: string } | undefined;
}

/** Whether the stream exists on its platform. No step follows from `unknown`. */
export type StreamPresence = 'unknown' | 'exists' | 'gone';

/** Digests of the desired configuration and pod of a relay. Both are empty while a source is unknown. */
export interface Digests {
  /** Of the desired relay.json. */
  readonly config: string;
  /** Of the desired pod template and of relay.json without the role. */
  readonly pod: string;
}

/** The relay in a stream's other slot: a standby, or a relay that was replaced and may still push. */
export interface Standby {
  readonly slot: Slot;
  readonly secret: RelaySecretFacts | undefined;
  readonly secretExists: boolean;
  readonly pod: RelayPodFacts | undefined;
  readonly report: RelayReport | undefined;
  readonly digests: Digests;
  readonly deferred: StreamState['deferred'];
  /** A command was sent to this relay in this reconcile. */
  readonly commanded: boolean;
}

/** One of the channel's streams, with the relay that pushes to it. */
export interface StreamState {
  readonly record: StreamRecord;
  /** The platform that the record names. */
  readonly platform: Found<PlatformFacts>;
  readonly secret: RelaySecretFacts | undefined;
  /** A Secret object exists, complete or not. */
  readonly secretExists: boolean;
  readonly pod: RelayPodFacts | undefined;
  readonly report: RelayReport | undefined;
  /** The relay answered before and missed two polls in a row. Only known of relays that are polled fast. */
  readonly silent: boolean;
  /** The relay's process hangs: it accepts connections and does not answer. */
  readonly frozen: boolean;
  /** The relay does not answer, and its node has stopped renewing its Lease. */
  readonly nodeLost: boolean;
  /** A command was sent to the relay in this reconcile. */
  readonly commanded: boolean;
  readonly standby: Standby | undefined;
  /** Since when the platform counts no viewers; undefined when it counts some, or does not count. */
  readonly noViewersSince: Date | undefined;
  readonly presence: StreamPresence;
  /** The playlist of the stream advances. Probed only for the incoming stream. */
  readonly playable: boolean;
  readonly digests: Digests;
  /** A step on the stream failed in this reconcile or needs time. No more are taken, and the status reports why. */
  readonly deferred: { readonly failure: Failure | undefined } | undefined;
}

/** Secret and pod in a slot that no record names. */
export interface UnownedChildren {
  readonly slot: Slot;
  readonly secret: boolean;
  readonly pod: RelayPodFacts | undefined;
  readonly deferred: boolean;
}

/** The stream that the channel should have now. */
export interface DesiredStream {
  readonly platform: PlatformFacts;
  /** Name of the stream on the platform. */
  readonly name: string;
  /** On the fallback platform: the name of the platform that it replaces. */
  readonly insteadOf: string | undefined;
  /** When the budget has switched the platform: the name of the home platform. */
  readonly sentFrom: string | undefined;
  /** Why no stream may be created on the platform now, e.g. because it is full. */
  readonly refused: Problem | undefined;
}

/** Everything that a decision about a channel depends on. */
export interface Observed {
  readonly channel: LiveChannel;
  readonly desired: Found<DesiredStream>;
  readonly credentials: Found<CredentialsFacts>;
  /** In the order of the records. */
  readonly streams: readonly StreamState[];
  readonly unowned: readonly UnownedChildren[];
  /** A step on the channel itself failed in this reconcile: no further steps are taken. */
  readonly failure: Failure | undefined;
}

/** Why a step failed. `part` selects the condition that reports it. */
export interface Failure extends Problem {
  readonly part: 'stream' | 'relay';
}

/** The channel's stream in that role; undefined where there is none. */
export function streamOf(observed: Observed, role: StreamRecord['role']): StreamState | undefined {
  return observed.streams.find(({ record }) => record.role === role);
}
