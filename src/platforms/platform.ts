import type { Secret } from '../api/secret.ts';

/**
 * A streaming platform, as the controllers see it: small enough that a provider is one folder.
 * Provider types never leave that folder. Every call takes an AbortSignal and throws a PlatformError.
 */
export interface Platform {
  readonly capabilities: PlatformCapabilities;

  /** Tries the credentials for real; throws CredentialsRejected or PlatformUnavailable. */
  verify(signal: AbortSignal): Promise<void>;

  /**
   * Makes the stream, or gives the one that already has this name and owner: safe to call again after a lost
   * answer or a crash.
   */
  ensureStream(request: StreamRequest, signal: AbortSignal): Promise<ProvisionedStream>;

  /** What the platform knows of the stream; undefined when it does not exist (any more). */
  observeStream(id: StreamId, signal: AbortSignal): Promise<ObservedStream | undefined>;

  /** Ends the broadcast and deletes the stream. Deleting one that is gone is a success. Resolves true once it is gone. */
  deleteStream(id: StreamId, signal: AbortSignal): Promise<boolean>;

  /** Takes the cluster's tag off a stream that is to be kept when its channel goes: it is nobody's from then on. */
  disownStream(id: StreamId, signal: AbortSignal): Promise<void>;

  /** Every stream that carries the cluster's tag, live or not. Never one that the cluster did not make. */
  listStreams(signal: AbortSignal): Promise<readonly ObservedStream[]>;
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
  readonly channelUid: string;
  /** namespace/name, for people who look at the platform's console. */
  readonly channel: string;
}

export interface StreamRequest {
  /** Deterministic: the same owner always asks for the same name. See stream-name.ts. */
  readonly name: string;
  readonly owner: StreamOwner;
  readonly latency: 'standard' | 'low';
  readonly access: 'public' | 'signed';
  readonly recording: 'off' | 'automatic';
}

export interface ProvisionedStream {
  readonly id: StreamId;
  /** Address without the key, ending in "/"; the key is appended to it. */
  readonly ingestUrl: string;
  readonly streamKey: Secret;
  readonly streamKeyId: string;
  readonly playbackUrl: string;
  /** PEM bundle that verifies the ingest where the system's CAs do not. */
  readonly ingestCa?: string;
}

export interface ObservedStream {
  readonly id: StreamId;
  readonly name: string;
  readonly owner: StreamOwner | undefined;
  readonly live: boolean;
  readonly liveSince: Date | undefined;
  /** undefined when the platform does not know (never -1, never an invented 0). */
  readonly viewers: number | undefined;
  readonly ingestBitrateKbps: number | undefined;
  readonly createdAt: Date | undefined;
}

export interface PlatformCapabilities {
  readonly latencies: readonly ('standard' | 'low')[];
  readonly recording: boolean;
  readonly signedPlayback: boolean;
  /** How a new publisher takes over from one that still seems connected. */
  readonly takeover: 'ivs-priority' | undefined;
  /** Longest and shortest time between key frames, in seconds. */
  readonly keyFrameSeconds: { readonly min: number; readonly max: number };
  readonly maxHeight: number;
  readonly maxVideoBitrateKbps: number;
  /** true where a change of resolution in mid-stream breaks the broadcast. */
  readonly fixedResolution: boolean;
}
