import type { LiveChannel } from '../api/live-channel.ts';
import type { Reason } from '../api/reasons.ts';
import type { RelayReport } from '../api/relay-contract.ts';

/** A thing that should be there and is not, or is wrong: what a condition and an event say of it. */
export interface Problem {
  readonly reason: Reason;
  readonly message: string;
}

/** Something looked up outside: it is there, or there is a problem. */
export type Found<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

export const found = <T>(value: T): Found<T> => ({ ok: true, value });
export const missing = (reason: Reason, message: string): Found<never> => ({
  ok: false,
  problem: { reason, message },
});

/** Of the platform, no more than decisions need. */
export interface PlatformFacts {
  readonly name: string;
  readonly takeover: 'ivs-priority' | undefined;
  readonly maxVideoBitrateKbps: number;
}

/** The Agora credentials as far as decisions go: a digest that changes when the credentials do. */
export interface CredentialsFacts {
  readonly appId: string;
  readonly digest: string;
}

/** The Secret `<channel>-relay`, as its annotations tell. */
export interface RelaySecretFacts {
  readonly streamId: string;
  readonly streamKeyId: string;
  readonly platform: string;
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

/** The relay pod, as its object tells. */
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

/** What is known of the stream on the platform. `unknown` is no reason to do anything. */
export type StreamPresence = 'unknown' | 'exists' | 'gone';

/** All that a decision about a channel rests on. */
export interface Observed {
  readonly channel: LiveChannel;
  /** The platform that the spec asks for. */
  readonly platform: Found<PlatformFacts>;
  readonly credentials: Found<CredentialsFacts>;
  readonly secret: RelaySecretFacts | undefined;
  readonly pod: RelayPodFacts | undefined;
  readonly report: RelayReport | undefined;
  readonly stream: StreamPresence;
  /** An action failed in this round: nothing more is tried, and the status says so. */
  readonly failure: Failure | undefined;
}

/** Which part an action that failed belongs to, so that the right condition tells. */
export interface Failure extends Problem {
  readonly part: 'stream' | 'relay';
}
