import type { SecretText } from '../base/secret-text.ts';
import type { Access, Latency, Recording } from '../api/values.ts';

/**
 * A streaming platform, as the controllers use it. Every call accepts an AbortSignal and throws a PlatformError on
 * failure. An error with `outcome: 'unknown'` means that the call may have had an effect although no answer came.
 *
 * Every call about a stream names the owner on whose behalf it is made. A stream of another owner does not exist for the
 * call: the answer and the effect are those of a missing stream. owned-platform.ts decides this for all providers, by the
 * owner tags that the platform itself returned. Each provider implements `PlatformDriver` (driver.ts) in one folder, and
 * its types are not used outside that folder.
 */
export interface Platform {
  readonly capabilities: PlatformCapabilities;
  /** Delivery reports; undefined if the platform has none. */
  readonly usage?: PlatformUsage | undefined;

  /**
   * Checks the credentials and permissions with real calls that create nothing. Throws CredentialsRejected,
   * PermissionDenied or PlatformUnavailable.
   */
  verify(signal: AbortSignal): Promise<void>;

  /**
   * Creates a stream. If `capabilities.idempotentCreate` is false, a repeated call creates a second stream; the caller
   * must check `findStreams` before it repeats the call. Options that the platform does not support are refused with
   * InvalidConfiguration before any call.
   */
  createStream(request: StreamRequest, signal: AbortSignal): Promise<ProvisionedStream>;

  /**
   * The owner's streams with this name, oldest first. There is more than one only if a create call was repeated after its
   * answer was lost. The result may be stale by up to `capabilities.settleSeconds`.
   */
  findStreams(name: string, owner: StreamOwner, signal: AbortSignal): Promise<readonly ObservedStream[]>;

  /** Returns what a relay needs to push to an existing stream, including its key. Undefined if it does not exist. */
  openStream(stream: OwnedStream, signal: AbortSignal): Promise<ProvisionedStream | undefined>;

  /** Returns the platform's current state of the stream. Undefined if it does not exist. */
  observeStream(stream: OwnedStream, signal: AbortSignal): Promise<ObservedStream | undefined>;

  /**
   * Replaces the stream's key. The old key becomes invalid, and a publisher that is connected with it is disconnected.
   * Safe to repeat after a lost answer: each call creates another key. Undefined if the stream does not exist.
   */
  rotateKey(stream: OwnedStream, signal: AbortSignal): Promise<ProvisionedStream | undefined>;

  /**
   * Ends the broadcast and deletes the stream. Returns true once the stream does not exist, which includes a stream that
   * was deleted before. Returns false while the platform still needs time; repeat the call after a few seconds.
   */
  deleteStream(stream: OwnedStream, signal: AbortSignal): Promise<boolean>;

  /** Removes the cluster's tag from a stream that is kept when its channel is deleted. The stream is then unowned. */
  disownStream(stream: OwnedStream, signal: AbortSignal): Promise<void>;

  /** All streams with the cluster's tag, live or not. Streams that the cluster did not create are not included. */
  listStreams(signal: AbortSignal): Promise<readonly ObservedStream[]>;

  /** Analytics of this cluster's live streams, in as few calls as the platform allows. Other streams are not included. */
  analytics(signal: AbortSignal): Promise<ReadonlyMap<StreamId, StreamAnalytics>>;

  /**
   * Returns a URL at which a stream with the access `signed` can be watched until `grant.expiresAt`. The URL that is signed
   * is the platform's own. Throws a PlatformError: InvalidConfiguration if the platform cannot sign, or if the stream does
   * not exist.
   */
  signPlayback(stream: OwnedStream, grant: PlaybackGrant, signal: AbortSignal): Promise<string>;
}

/** A stream, and the owner on whose behalf it is used. */
export interface OwnedStream {
  readonly id: StreamId;
  readonly owner: StreamOwner;
}

/** Requires only the keys that sign playback, and no credentials that can change the account. */
export interface PlaybackSigning {
  /**
   * Returns a URL at which a stream with the access `signed` can be watched until `grant.expiresAt`. Signs what it is
   * given: `stream` must come from the platform's own answer, as the operator recorded it in the status of a channel.
   * Throws a PlatformError: InvalidConfiguration if the platform cannot sign.
   */
  signPlayback(stream: SignableStream, grant: PlaybackGrant): Promise<string>;
}

declare const streamIdBrand: unique symbol;
/** The provider's ID of a stream. */
export type StreamId = string & { readonly [streamIdBrand]: true };
/** Brands a provider's ID. */
export function streamId(value: string): StreamId {
  return value as StreamId; // the only cast from string to StreamId
}

/** The owner of a stream. It is written on the stream as a tag and read back from it. */
export interface StreamOwner {
  readonly clusterId: string;
  /** Name of the StreamingPlatform that created it. Several StreamingPlatforms may share one account. */
  readonly platform: string;
  readonly channelUid: string;
  /** namespace/name, for users of the platform's console. Not used to identify the channel. */
  readonly channel: string;
}

/** Options of a stream that cannot be changed afterwards: other options require another stream. */
export interface PlaybackOptions {
  readonly latency: Latency;
  readonly access: Access;
  readonly recording: Recording;
}

/** The stream to create. */
export interface StreamRequest extends PlaybackOptions {
  /** Deterministic: the same owner and options always have the same name. See stream-name.ts. */
  readonly name: string;
  readonly owner: StreamOwner;
  /** Idempotency key, 1 to 64 of [a-z0-9-]: the same for all retries of a create, another after the stream was deleted. */
  readonly attempt: string;
}

/** What a relay needs to push to a stream. */
export interface ProvisionedStream {
  readonly id: StreamId;
  /** Address without the key, ending in "/"; the key is appended to it. */
  readonly ingestUrl: string;
  readonly streamKey: SecretText;
  /** Changes whenever the key changes, and does not disclose it. */
  readonly streamKeyId: string;
  readonly playbackUrl: string;
  /** PEM bundle that verifies the ingest's certificate if the system's CAs do not. */
  readonly ingestCa?: string;
}

/** State of a stream at its platform. */
export interface ObservedStream {
  readonly id: StreamId;
  readonly name: string;
  /** undefined for a stream that was not created by an operator, or that was disowned. */
  readonly owner: StreamOwner | undefined;
  /** undefined if the platform does not report it, or not in this answer. */
  readonly live: boolean | undefined;
  readonly liveSince: Date | undefined;
  /** undefined if the platform does not report it; never -1 or 0 in place of an unknown number. */
  readonly viewers: number | undefined;
  readonly ingestBitrateKbps: number | undefined;
  readonly createdAt: Date | undefined;
}

/** Figures of a live stream; undefined if the platform does not report them. */
export interface StreamAnalytics {
  readonly viewers: number | undefined;
  readonly ingestBitrateKbps: number | undefined;
  /** Bytes sent to viewers since the platform began to count; lower than before: it has begun again. */
  readonly deliveredBytes?: number | undefined;
}

/** The platform's own delivery figures, which its bill is based on. */
export interface PlatformUsage {
  /** Time after the end of an hour until its figures are complete, in milliseconds. */
  readonly settledAfterMs: number;
  /**
   * What was delivered of this cluster's streams between `from` and `to`, which must be full hours. Streams without
   * viewers are not included.
   */
  delivered(from: Date, to: Date, signal: AbortSignal): Promise<readonly Delivered[]>;
}

/** Total time that viewers watched streams of this owner. */
export interface Delivered {
  readonly owner: StreamOwner;
  readonly viewerSeconds: number;
}

/** The parts of a stream that are needed to sign its playback URL. */
export interface SignableStream {
  readonly id: StreamId;
  readonly playbackUrl: string;
}

/** Terms of a signed playback URL. */
export interface PlaybackGrant {
  readonly expiresAt: Date;
  /** ID of the viewer, included in the token if the platform supports it. */
  readonly viewerId?: string;
}

/** What a platform supports, and the limits of its ingest. */
export interface PlatformCapabilities {
  readonly latencies: readonly PlaybackOptions['latency'][];
  readonly recording: boolean;
  readonly signedPlayback: boolean;
  /**
   * How a new publisher replaces one that still seems connected, and prevents its return. `ivs-priority`: with a higher
   * `?priority=N` after the key. undefined: not supported, or any publisher with the key can replace another.
   */
  readonly takeover: 'ivs-priority' | undefined;
  /** Shortest and longest keyframe interval, in seconds. */
  readonly keyframeSeconds: { readonly min: number; readonly max: number };
  readonly maxHeight: number;
  readonly maxVideoBitrateKbps: number;
  /**
   * How the ingest handles a change of the video's size during a broadcast: it accepts it in the session, it requires a
   * new session, or it does not accept it, so that the relay must transcode.
   */
  readonly sizeChange: 'in-session' | 'new-session' | 'transcode';
  /** true if the platform requires a constant bitrate. */
  readonly constantBitrate: boolean;
  /** true if a repeated create with the same `attempt` (or name) returns the same stream. */
  readonly idempotentCreate: boolean;
  /** Time after a call during which listings may still show the state before it, in seconds. 0: never. */
  readonly settleSeconds: number;
  /** The quota of streams; undefined if it is not known in advance. */
  readonly maxStreams: number | undefined;
}
