import { PlatformError } from '../errors.ts';
import {
  streamId,
  type ObservedStream,
  type Platform,
  type PlatformCapabilities,
  type ProvisionedStream,
  type StreamAnalytics,
  type StreamId,
  type StreamRequest,
} from '../platform.ts';
import { refuseUnsupported } from '../unsupported.ts';
import type { FixedAddresses } from './fixed-addresses.ts';
import { sha256Hex } from '../../base/digest.ts';

export interface RtmpPlatformOptions {
  /** namespace/name of the Secret, for messages. */
  readonly secret: string;
  readonly ingestCa: string | undefined;
  readonly maxVideoBitrateKbps: number | undefined;
}

/**
 * Any other service: its one stream is there before we come and after we go. Nothing is made or deleted, and nothing
 * is known of it but its addresses; so a stream's id is the name that it is asked for by, every such id leads to the
 * same addresses, and creating it again is creating nothing.
 */
export class RtmpPlatform implements Platform {
  readonly capabilities: PlatformCapabilities;
  readonly #addresses: FixedAddresses;
  readonly #options: RtmpPlatformOptions;

  constructor(addresses: FixedAddresses, options: RtmpPlatformOptions) {
    this.#addresses = addresses;
    this.#options = options;
    this.capabilities = {
      latencies: ['standard'],
      recording: false,
      signedPlayback: false,
      takeover: undefined,
      // Nothing is known of the service; this is what most of them take.
      keyframeSeconds: { min: 1, max: 5 },
      maxHeight: 1080,
      maxVideoBitrateKbps: options.maxVideoBitrateKbps ?? 6_000,
      sizeChange: 'new-session',
      constantBitrate: true,
      idempotentCreate: true,
      settleSeconds: 0,
      maxStreams: 1,
    };
  }

  /** The Secret was checked when the driver was opened; there is nobody to ask about it. */
  async verify(): Promise<void> {
    await Promise.resolve();
  }

  async createStream(request: StreamRequest): Promise<ProvisionedStream> {
    refuseUnsupported('A fixed RTMP ingest', request, this.capabilities);
    return Promise.resolve(this.#provisioned(streamId(request.name)));
  }

  /** None that would have to be adopted: creating gives the same one. */
  async findStreams(): Promise<readonly ObservedStream[]> {
    return Promise.resolve([]);
  }

  async openStream(id: StreamId): Promise<ProvisionedStream | undefined> {
    return Promise.resolve(this.#provisioned(id));
  }

  async observeStream(id: StreamId): Promise<ObservedStream | undefined> {
    return Promise.resolve({
      id,
      name: id,
      owner: undefined,
      live: undefined,
      liveSince: undefined,
      viewers: undefined,
      ingestBitrateKbps: undefined,
      createdAt: undefined,
    });
  }

  async rotateKey(): Promise<ProvisionedStream | undefined> {
    return Promise.reject(
      new PlatformError(
        'InvalidConfiguration',
        `The key of a fixed RTMP ingest cannot be rotated from here: get another one from the service and put it into Secret ${this.#options.secret} under "streamKey"; the relay then connects with it.`,
        { retryable: false },
      ),
    );
  }

  /** Gone as far as we are concerned; the service keeps its stream. */
  async deleteStream(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async disownStream(): Promise<void> {
    await Promise.resolve();
  }

  async listStreams(): Promise<readonly ObservedStream[]> {
    return Promise.resolve([]);
  }

  async analytics(): Promise<ReadonlyMap<StreamId, StreamAnalytics>> {
    return Promise.resolve(new Map());
  }

  async signPlayback(): Promise<string> {
    return Promise.reject(cannotSign());
  }

  #provisioned(id: StreamId): ProvisionedStream {
    const { ingestUrl, streamKey, playbackUrl } = this.#addresses;
    const { ingestCa } = this.#options;
    const identity = JSON.stringify([ingestUrl, streamKey.reveal()]);
    return {
      id,
      ingestUrl,
      streamKey,
      streamKeyId: sha256Hex(identity, 12),
      playbackUrl,
      ...(ingestCa === undefined ? {} : { ingestCa }),
    };
  }
}

/** There is no common way to sign playback addresses of an RTMP service. */
export function cannotSign(): PlatformError {
  return new PlatformError(
    'InvalidConfiguration',
    'Playback of a fixed RTMP ingest cannot be signed. Set spec.playback.access to public, or use another provider.',
    { retryable: false },
  );
}
