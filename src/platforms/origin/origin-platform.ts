import {
  originStreamIdPattern,
  type OriginStream,
  type OriginStreamWithKey,
} from '../../api/origin-contract.ts';
import { SecretText } from '../../base/secret-text.ts';
import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import type { PlatformDriver } from '../driver.ts';
import { PlatformError } from '../errors.ts';
import { isSameOwner, ownerOf, ownerTagNames, ownerTags } from '../owner-tags.ts';
import {
  streamId,
  type ObservedStream,
  type PlatformCapabilities,
  type PlaybackGrant,
  type ProvisionedStream,
  type SignableStream,
  type StreamAnalytics,
  type StreamId,
  type StreamOwner,
  type StreamRequest,
} from '../platform.ts';
import { refuseUnsupported } from '../unsupported.ts';
import type { OriginClient } from './origin-client.ts';

/** The form of the origin's stream IDs. */
export const ORIGIN_ID = originStreamIdPattern;

export interface OriginPlatformOptions {
  readonly clusterId: string;
  /** PEM that verifies the ingest's certificate. undefined: the system's CAs verify it. */
  readonly ingestCa: string | undefined;
  readonly limits: StreamingPlatformSpec['limits'];
}

/**
 * The project's own platform. A stream's ID is its name, and creating it is an idempotent PUT: a repeated create never
 * results in a second stream.
 */
export class OriginPlatform implements PlatformDriver {
  readonly idForm = ORIGIN_ID;
  readonly ownership = { by: 'tags' } as const;
  readonly capabilities: PlatformCapabilities;
  readonly #client: OriginClient;
  readonly #options: OriginPlatformOptions;

  constructor(client: OriginClient, options: OriginPlatformOptions) {
    this.#client = client;
    this.#options = options;
    this.capabilities = {
      latencies: ['standard'],
      recording: false,
      signedPlayback: true,
      takeover: 'ivs-priority',
      keyframeSeconds: { min: 1, max: 10 },
      maxHeight: 2160,
      maxVideoBitrateKbps: options.limits.maxVideoBitrateKbps ?? 20_000,
      // Players read the new size from the keyframe, because WebRTC's keyframes contain their parameter sets.
      sizeChange: 'new-session',
      constantBitrate: false,
      idempotentCreate: true,
      settleSeconds: 0,
      maxStreams: options.limits.maxStreams,
    };
  }

  async verify(signal: AbortSignal): Promise<void> {
    await this.#client.list(signal);
  }

  async createStream(request: StreamRequest, signal: AbortSignal): Promise<ProvisionedStream> {
    refuseUnsupported('The origin', request, this.capabilities);
    const { name, owner, access } = request;
    const present = await this.#client.get(name, signal);
    if (present !== undefined && !isSameOwner(ownerOf(present.tags), owner)) throw notOurs(name);
    // Keep the key version of an existing stream, so that a rotated key stays valid.
    const keyVersion = present?.keyVersion ?? 1;
    return this.#provisioned(
      await this.#client.put(name, { keyVersion, tags: ownerTags(owner), access }, signal),
    );
  }

  async findStreams(name: string, signal: AbortSignal): Promise<readonly ObservedStream[]> {
    const stream = await this.#client.get(name, signal);
    return stream !== undefined && this.#isOurs(stream) ? [observed(stream)] : [];
  }

  async ownerOf(id: StreamId, signal: AbortSignal): Promise<StreamOwner | undefined> {
    return ownerOf((await this.#client.get(id, signal))?.tags ?? {});
  }

  async openStream(id: StreamId, signal: AbortSignal): Promise<ProvisionedStream | undefined> {
    const stream = await this.#client.get(id, signal);
    return stream && this.#provisioned(stream);
  }

  async observeStream(id: StreamId, signal: AbortSignal): Promise<ObservedStream | undefined> {
    const stream = await this.#client.get(id, signal);
    return stream && observed(stream);
  }

  async rotateKey(id: StreamId, signal: AbortSignal): Promise<ProvisionedStream | undefined> {
    const stream = await this.#client.get(id, signal);
    if (stream === undefined) return undefined;
    const { keyVersion, tags, access } = stream;
    return this.#provisioned(
      await this.#client.put(id, { keyVersion: keyVersion + 1, tags, access }, signal),
    );
  }

  async deleteStream(id: StreamId, signal: AbortSignal): Promise<boolean> {
    await this.#client.delete(id, signal);
    return true;
  }

  async disownStream(id: StreamId, signal: AbortSignal): Promise<void> {
    const stream = await this.#client.get(id, signal);
    if (stream === undefined) return;
    const { keyVersion, access } = stream;
    // Keep the other tags, so that the former owner stays readable.
    const { [ownerTagNames.clusterId]: _, ...tags } = stream.tags;
    await this.#client.put(id, { keyVersion, tags, access }, signal);
  }

  async listStreams(signal: AbortSignal): Promise<readonly ObservedStream[]> {
    return (await this.#ours(signal)).map(observed);
  }

  async analytics(signal: AbortSignal): Promise<ReadonlyMap<StreamId, StreamAnalytics>> {
    const live = (await this.#ours(signal)).filter((stream) => stream.live);
    return new Map(
      live.map(({ id, viewers, ingestBitrateKbps, deliveredBytes }) => [
        streamId(id),
        { viewers, ingestBitrateKbps, deliveredBytes },
      ]),
    );
  }

  /** The origin signs, because only it has the key. A driver with the key could sign for the streams of other clusters. */
  signPlayback(stream: SignableStream, grant: PlaybackGrant): Promise<string> {
    return grantPlayback(this.#client, stream, grant);
  }

  async #ours(signal: AbortSignal): Promise<readonly OriginStream[]> {
    return (await this.#client.list(signal)).filter((stream) => this.#isOurs(stream));
  }

  #isOurs({ tags }: OriginStream): boolean {
    return ownerOf(tags)?.clusterId === this.#options.clusterId;
  }

  #provisioned(stream: OriginStreamWithKey): ProvisionedStream {
    const { ingestCa } = this.#options;
    return {
      id: streamId(stream.id),
      ingestUrl: stream.ingestUrl,
      streamKey: new SecretText(stream.streamKey),
      streamKeyId: `v${stream.keyVersion}`,
      playbackUrl: stream.playbackUrl,
      ...(ingestCa === undefined ? {} : { ingestCa }),
    };
  }
}

function observed(stream: OriginStream): ObservedStream {
  return {
    id: streamId(stream.id),
    name: stream.id,
    owner: ownerOf(stream.tags),
    live: stream.live,
    liveSince: stream.liveSince === null ? undefined : new Date(stream.liveSince),
    viewers: stream.viewers,
    ingestBitrateKbps: stream.ingestBitrateKbps,
    createdAt: new Date(stream.createdAt),
  };
}

function notOurs(name: string): PlatformError {
  return new PlatformError(
    'InvalidConfiguration',
    `The origin has a stream ${name} that was not created for this channel, or that was disowned. Delete it at the origin; it is then created again.`,
    { retryable: false },
  );
}

/** Requests a signed playback URL from the origin. */
export function grantPlayback(
  client: OriginClient,
  { id }: SignableStream,
  { expiresAt, viewerId }: PlaybackGrant,
): Promise<string> {
  return client.grantPlayback(id, {
    expiresAt: expiresAt.toISOString(),
    ...(viewerId === undefined ? {} : { viewerId }),
  });
}
