import type { LiveChannel } from '../api/live-channel.ts';
import type { Reason } from '../api/reasons.ts';
import type { RelayReport } from '../api/relay-contract.ts';
import type { Slot, StreamRecord } from '../api/annotations/stream-records.ts';

/** Something that is missing or wrong: reason and message of a condition and an event. */
export interface Problem {
  readonly reason: Reason;
  readonly message: string;
}

/** The result of a lookup: a value, or the problem. */
export type Found<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export const found = <T>(value: T): Found<T> => ({ ok: true, value });
export const missing = (reason: Reason, message: string): Found<never> => ({
  ok: false,
  problem: { reason, message },
});

/** What decisions need to know of a platform. */
export interface PlatformFacts {
  readonly name: string;
  readonly takeover: 'ivs-priority' | undefined;
  readonly maxVideoBitrateKbps: number;
  readonly keyframeSeconds: { readonly min: number; readonly max: number };
  readonly maxHeight: number;
  readonly sizeChange: 'in-session' | 'new-session' | 'transcode';
  readonly constantBitrate: boolean;
}

/** What decisions need to know of the Agora credentials: a digest that changes when they do. */
export interface CredentialsFacts {
  readonly appId: string;
  readonly digest: string;
}

/** A relay's Secret, as its annotations describe it. */
export interface RelaySecretFacts {
  readonly streamId: string;
  readonly streamKeyId: string;
  readonly platform: string;
  readonly streamName: string;
  readonly playbackUrl: string;
  /** What the Agora token was minted from and for. */
  readonly tokenFor: string;
  readonly tokenIssuedAt: Date;
  readonly tokenExpiresAt: Date;
  /** Digest of relay.json. */
  readonly configDigest: string;
  /** Digest of everything in it. */
  readonly revision: string;
}

/** The relay pod, as its object describes it. */
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
  /** Why it is not scheduled, if it is not. */
  readonly unschedulable: string | undefined;
  readonly waiting: { readonly reason: string; readonly message: string } | undefined;
  readonly running: boolean;
  /** How the container ended, the last time it did. */
  readonly ended:
    { readonly exitCode: number; readonly reason: string; readonly message: string } | undefined;
}

/** Whether the stream exists on its platform. `unknown` is no reason to act. */
export type StreamPresence = 'unknown' | 'exists' | 'gone';

/** Digests of what a relay's children should be created from. */
export interface Digests {
  /** Of relay.json as it should be. */
  readonly config: string;
  /** Of the pod template as it should be, relay.json included. */
  readonly pod: string;
}

/** The relay in a stream's other slot: it stands by, or it was replaced and may not know it yet. */
export interface Standby {
  readonly slot: Slot;
  readonly secret: RelaySecretFacts | undefined;
  readonly secretExists: boolean;
  readonly pod: RelayPodFacts | undefined;
  readonly report: RelayReport | undefined;
  readonly digests: Digests;
  readonly deferred: StreamState['deferred'];
  /** A command was sent to it in this round. */
  readonly commanded: boolean;
}

/** One of the channel's streams, with the relay that pushes to it. */
export interface StreamState {
  readonly record: StreamRecord;
  /** The platform that the record names. */
  readonly platform: Found<PlatformFacts>;
  readonly secret: RelaySecretFacts | undefined;
  /** There is an object, complete or not. */
  readonly secretExists: boolean;
  readonly pod: RelayPodFacts | undefined;
  readonly report: RelayReport | undefined;
  /** It answered before and missed two polls in a row. Only known of a relay that is polled fast. */
  readonly silent: boolean;
  /** The relay does not answer, and its node has stopped renewing its Lease. */
  readonly nodeLost: boolean;
  /** A command was sent to the relay in this round. */
  readonly commanded: boolean;
  readonly standby: Standby | undefined;
  /** Since when the platform counts no viewers; undefined when it counts some, or does not count. */
  readonly noViewersSince: Date | undefined;
  readonly presence: StreamPresence;
  /** Its playlist was seen to advance. Probed only for a stream that is to become active. */
  readonly playable: boolean;
  readonly digests: Digests;
  /** A step on it failed in this reconcile, or needs time: no more is tried, and the status reports why. */
  readonly deferred: { readonly failure: Failure | undefined } | undefined;
}

/** Children in a slot that no record names. */
export interface UnownedChildren {
  readonly slot: Slot;
  readonly secret: boolean;
  readonly pod: RelayPodFacts | undefined;
  readonly deferred: boolean;
}

/** The stream that the channel should have now. */
export interface DesiredStream {
  readonly platform: PlatformFacts;
  /** Name of the stream there. */
  readonly name: string;
  /** On the fallback platform: the name of the one that is out. */
  readonly insteadOf: string | undefined;
  /** Sent away by the budget: the name of the home platform. */
  readonly sentFrom: string | undefined;
  /** Why no stream may be created there at present, e.g. because the platform is full. */
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
  /** A step on the channel itself failed in this reconcile: no more is tried. */
  readonly failure: Failure | undefined;
}

/** A step that failed, and the part it belongs to, so that the right condition reports it. */
export interface Failure extends Problem {
  readonly part: 'stream' | 'relay';
}

export function streamOf(observed: Observed, role: StreamRecord['role']): StreamState | undefined {
  return observed.streams.find(({ record }) => record.role === role);
}
