import type { OriginStream } from '../../api/origin-contract.ts';
import { Secret } from '../../api/secret.ts';
import { PlatformError } from '../errors.ts';
import {
  streamId,
  type ObservedStream,
  type Platform,
  type PlatformCapabilities,
  type ProvisionedStream,
  type StreamId,
  type StreamRequest,
} from '../platform.ts';
import type { OriginClient } from './origin-client.ts';
import { disowned, ownerOf, tagsOf } from './origin-tags.ts';

export interface OriginPlatformOptions {
  readonly clusterId: string;
  /** PEM that verifies the ingest; undefined: the system's CAs do. */
  readonly ingestCa: string | undefined;
  readonly maxVideoBitrateKbps?: number | undefined;
}

/**
 * The embedded platform. Its streams have the ids that we give them, and a PUT can be said as often as one likes:
 * there is nothing to adopt, because nothing is ever made twice.
 */
export class OriginPlatform implements Platform {
  readonly capabilities: PlatformCapabilities;
  readonly #client: OriginClient;
  readonly #options: OriginPlatformOptions;

  constructor(client: OriginClient, options: OriginPlatformOptions) {
    this.#client = client;
    this.#options = options;
    this.capabilities = {
      latencies: ['standard'],
      recording: false,
      signedPlayback: false,
      // A new publisher simply replaces the one before.
      takeover: undefined,
      keyFrameSeconds: { min: 1, max: 10 },
      maxHeight: 2160,
      maxVideoBitrateKbps: options.maxVideoBitrateKbps ?? 20_000,
      // Players take the new size from the key frame, which carries its parameter sets, as those of WebRTC do.
      fixedResolution: false,
    };
  }

  async verify(signal: AbortSignal): Promise<void> {
    await this.#client.list(signal);
  }

  async ensureStream(request: StreamRequest, signal: AbortSignal): Promise<ProvisionedStream> {
    refuseWhatIsMissing(request);
    // A key that was rotated stays rotated.
    const keyVersion = (await this.#client.get(request.name, signal))?.keyVersion ?? 1;
    const tags = tagsOf(request.owner);
    const stream = await this.#client.put(request.name, { keyVersion, tags }, signal);
    const { ingestCa } = this.#options;
    return {
      id: streamId(stream.id),
      ingestUrl: stream.ingestUrl,
      streamKey: new Secret(stream.streamKey),
      streamKeyId: `v${String(stream.keyVersion)}`,
      playbackUrl: stream.playbackUrl,
      ...(ingestCa === undefined ? {} : { ingestCa }),
    };
  }

  async observeStream(id: StreamId, signal: AbortSignal): Promise<ObservedStream | undefined> {
    const stream = await this.#client.get(id, signal);
    return stream && observed(stream);
  }

  async deleteStream(id: StreamId, signal: AbortSignal): Promise<boolean> {
    await this.#client.delete(id, signal);
    return true;
  }

  async disownStream(id: StreamId, signal: AbortSignal): Promise<void> {
    const stream = await this.#client.get(id, signal);
    if (!stream) return;
    const { keyVersion, tags } = stream;
    await this.#client.put(id, { keyVersion, tags: disowned(tags) }, signal);
  }

  async listStreams(signal: AbortSignal): Promise<readonly ObservedStream[]> {
    const streams = (await this.#client.list(signal)).map(observed);
    return streams.filter(({ owner }) => owner?.clusterId === this.#options.clusterId);
  }
}

/** A stream that was asked to be signed must not come out public, nor one to be recorded unrecorded. */
function refuseWhatIsMissing({ latency, access, recording }: StreamRequest): void {
  const lacking = [
    latency === 'low' ? 'playback.latency low (it has: standard)' : undefined,
    access === 'signed' ? 'playback.access signed (it has: public)' : undefined,
    recording === 'automatic' ? 'playback.recording automatic (it has: off)' : undefined,
  ].filter((one) => one !== undefined);
  if (lacking.length === 0) return;
  throw new PlatformError(
    'InvalidConfiguration',
    `The origin does not offer ${lacking.join(', nor ')}. Change the channel's spec or its platform.`,
    { retryable: false },
  );
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
