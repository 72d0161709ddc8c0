import type { PlatformDriver } from '../driver.ts';
import { PlatformError } from '../errors.ts';
import {
  streamId,
  type ObservedStream,
  type PlatformCapabilities,
  type PlaybackOptions,
  type ProvisionedStream,
  type StreamAnalytics,
  type StreamId,
  type StreamOwner,
  type StreamRequest,
} from '../platform.ts';
import { refuseUnsupported } from '../unsupported.ts';
import type { FixedAddresses } from './fixed-addresses.ts';
import { sha256Hex } from '../../base/digest.ts';

/** The form of stream-name.ts. */
const RTMP_ID = /^lc-[0-9a-f]{32}$/;
/** What `capabilities` offers. */
const onlyOptions: PlaybackOptions = { latency: 'standard', access: 'public', recording: 'off' };

export interface RtmpPlatformOptions {
  /** namespace/name of the Secret, for messages. */
  readonly secret: string;
  readonly ingestCa: string | undefined;
  readonly maxVideoBitrateKbps: number | undefined;
}

/**
 * Any other service with a fixed RTMP ingest. Its only stream exists independently of the operator, so the driver creates
 * and deletes nothing and knows only the addresses. A stream's ID is the requested name, every ID resolves to the same
 * addresses, and a repeated create has no effect.
 *
 * There are no tags. A channel can only use the ID that is derived from its own owner (`ownership`), which keeps records and
 * quota apart. It does not keep the key apart: whoever may use the StreamingPlatform gets the one key that there is.
 */
export class RtmpPlatform implements PlatformDriver {
  readonly idForm = RTMP_ID;
  readonly ownership = { by: 'name', options: onlyOptions } as const;
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
      // The service's limits are not known; these are values that most services accept.
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

  /** The Secret was validated when the driver was created. There is no API to check it against. */
  async verify(): Promise<void> {
    await Promise.resolve();
  }

  async createStream(request: StreamRequest): Promise<ProvisionedStream> {
    refuseUnsupported('A fixed RTMP ingest', request, this.capabilities);
    return Promise.resolve(this.#provisioned(streamId(request.name)));
  }

  /** Always empty: no stream has to be adopted, because a repeated create returns the same one. */
  async findStreams(): Promise<readonly ObservedStream[]> {
    return Promise.resolve([]);
  }

  /** The service keeps no owners. */
  async ownerOf(): Promise<StreamOwner | undefined> {
    return Promise.resolve(undefined);
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
        `The key of a fixed RTMP ingest cannot be rotated by the operator. Get a new key from the service and set it in Secret ${this.#options.secret} under "streamKey". The relay then reconnects with it.`,
        { retryable: false },
      ),
    );
  }

  /** Always succeeds; the service keeps its stream. */
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

/** The error for signed playback: RTMP services have no common way to sign playback URLs. */
export function cannotSign(): PlatformError {
  return new PlatformError(
    'InvalidConfiguration',
    'Playback of a fixed RTMP ingest cannot be signed. Set spec.playback.access to public, or use another provider.',
    { retryable: false },
  );
}
