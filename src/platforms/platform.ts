import type { SecretText } from '../base/secret-text.ts';
import type { Access, Latency, Recording } from '../api/values.ts';

/**
 * A streaming platform, as the controllers see it: small enough that a provider is one folder.
 * Provider types never leave that folder. Every call takes an AbortSignal and throws a PlatformError; its
 * `outcome: 'unknown'` says that the call may have had its effect although no answer came.
 */
export interface Platform extends PlaybackSigning {
  readonly capabilities: PlatformCapabilities;
  /** Where the platform tells afterwards what it has delivered to viewers. */
  readonly usage?: PlatformUsage;

  /** Tries the credentials for real, without making anything: CredentialsRejected, PermissionDenied, PlatformUnavailable. */
  verify(signal: AbortSignal): Promise<void>;

  /**
   * Makes a stream. Where `capabilities.idempotentCreate` is false, saying it again makes a second one: then look with
   * `findStreams` before it is said again. What the platform does not offer is refused before it is called at all.
   */
  createStream(request: StreamRequest, signal: AbortSignal): Promise<ProvisionedStream>;

  /**
   * The streams that have this name and carry this cluster's tag, oldest first: more than one only where a create
   * whose answer was lost was said again. May be behind the truth by `capabilities.settleSeconds`.
   */
  findStreams(name: string, signal: AbortSignal): Promise<readonly ObservedStream[]>;

  /** Adopts: what a relay needs to push to the stream, its key included. Undefined when it does not exist (any more). */
  openStream(id: StreamId, signal: AbortSignal): Promise<ProvisionedStream | undefined>;

  /** What the platform knows of the stream; undefined when it does not exist (any more). */
  observeStream(id: StreamId, signal: AbortSignal): Promise<ObservedStream | undefined>;

  /**
   * Gives the stream another key and makes the old one worthless, for a publisher that is connected with it, too.
   * Safe to say again after a lost answer: then there is yet another key. Undefined when the stream does not exist.
   */
  rotateKey(id: StreamId, signal: AbortSignal): Promise<ProvisionedStream | undefined>;

  /**
   * Ends the broadcast and deletes the stream. Deleting one that is gone is a success. Resolves true once it is gone,
   * false while the platform still needs time: ask again in some seconds.
   */
  deleteStream(id: StreamId, signal: AbortSignal): Promise<boolean>;

  /** Takes the cluster's tag off a stream that is to be kept when its channel goes: it is nobody's from then on. */
  disownStream(id: StreamId, signal: AbortSignal): Promise<void>;

  /** Every stream that carries the cluster's tag, live or not. Never one that the cluster did not make. */
  listStreams(signal: AbortSignal): Promise<readonly ObservedStream[]>;

  /** How the live streams of this cluster do, in as few calls as the platform allows. Those off air are not in it. */
  analytics(signal: AbortSignal): Promise<ReadonlyMap<StreamId, StreamAnalytics>>;
}

/** Needs the keys that sign playback, and none that can change the account. */
export interface PlaybackSigning {
  /**
   * The address with which a player may watch a stream whose access is `signed`, until `grant.expiresAt`.
   * Throws a PlatformError: InvalidConfiguration where the platform cannot sign.
   */
  signPlayback(stream: SignableStream, grant: PlaybackGrant): Promise<string>;
}

declare const streamIdBrand: unique symbol;
/** The provider's id of a stream. */
export type StreamId = string & { readonly [streamIdBrand]: true };
export function streamId(value: string): StreamId {
  return value as StreamId; // the one place where a string becomes an id
}

/** Who a stream belongs to: written on the stream as a tag and read back from it. */
export interface StreamOwner {
  readonly clusterId: string;
  /** Name of the StreamingPlatform through which it was made: several may lead to one account. */
  readonly platform: string;
  readonly channelUid: string;
  /** namespace/name, for people who look at the platform's console. */
  readonly channel: string;
}

/** What viewers get. Another choice is another stream. */
export interface PlaybackOptions {
  readonly latency: Latency;
  readonly access: Access;
  readonly recording: Recording;
}

export interface StreamRequest extends PlaybackOptions {
  /** Deterministic: the same owner always asks for the same name. See stream-name.ts. */
  readonly name: string;
  readonly owner: StreamOwner;
  /** The same for every repetition of one wish, another one after the stream was deleted: 1 to 64 of [a-z0-9-]. */
  readonly attempt: string;
}

export interface ProvisionedStream {
  readonly id: StreamId;
  /** Address without the key, ending in "/"; the key is appended to it. */
  readonly ingestUrl: string;
  readonly streamKey: SecretText;
  /** Changes whenever the key does, and does not tell it. */
  readonly streamKeyId: string;
  readonly playbackUrl: string;
  /** PEM bundle that verifies the ingest where the system's CAs do not. */
  readonly ingestCa?: string;
}

export interface ObservedStream {
  readonly id: StreamId;
  readonly name: string;
  /** undefined for a stream that no operator made, or that was disowned. */
  readonly owner: StreamOwner | undefined;
  /** undefined when the platform does not tell, or not in this answer. */
  readonly live: boolean | undefined;
  readonly liveSince: Date | undefined;
  /** undefined when the platform does not know (never -1, never an invented 0). */
  readonly viewers: number | undefined;
  readonly ingestBitrateKbps: number | undefined;
  readonly createdAt: Date | undefined;
}

export interface StreamAnalytics {
  readonly viewers: number | undefined;
  readonly ingestBitrateKbps: number | undefined;
}

/** The platform's own figures, by which it bills. */
export interface PlatformUsage {
  /** So long after its end an hour's figures are whole, in milliseconds. */
  readonly settledAfterMs: number;
  /** Of this cluster's streams in that time, which begins and ends at a full hour. What nobody watched is not in it. */
  delivered(from: Date, to: Date, signal: AbortSignal): Promise<readonly Delivered[]>;
}

export interface Delivered {
  readonly owner: StreamOwner;
  readonly viewerSeconds: number;
}

export interface SignableStream {
  readonly id: StreamId;
  readonly playbackUrl: string;
}

export interface PlaybackGrant {
  readonly expiresAt: Date;
  /** Names the viewer in the token, where the platform has room for it. */
  readonly viewerId?: string;
}

export interface PlatformCapabilities {
  readonly latencies: readonly PlaybackOptions['latency'][];
  readonly recording: boolean;
  readonly signedPlayback: boolean;
  /**
   * How a new publisher takes over from one that still seems connected, and keeps it out. `ivs-priority`: by a higher
   * `?priority=N` behind the key. undefined: it does not, or anybody with the key may.
   */
  readonly takeover: 'ivs-priority' | undefined;
  /** Longest and shortest time between keyframes, in seconds. */
  readonly keyframeSeconds: { readonly min: number; readonly max: number };
  readonly maxHeight: number;
  readonly maxVideoBitrateKbps: number;
  /** What becomes of a change of the picture's size in mid-stream: borne, borne by a new session, or not borne. */
  readonly sizeChange: 'in-session' | 'new-session' | 'transcode';
  /** true where the platform asks for a constant bitrate. */
  readonly constantBitrate: boolean;
  /** true where creating again under the same `attempt` (or name) gives the same stream. */
  readonly idempotentCreate: boolean;
  /** How long, after a call, listings may still show what was before it. 0: they never do. */
  readonly settleSeconds: number;
  /** The most streams that can be, where that is known beforehand. */
  readonly maxStreams: number | undefined;
}
