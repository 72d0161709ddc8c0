import { SecretText } from '../../base/secret-text.ts';
import type { PlatformDriver } from '../driver.ts';
import { PlatformError } from '../errors.ts';
import {
  streamId,
  type ObservedStream,
  type PlaybackGrant,
  type PlatformCapabilities,
  type PlatformUsage,
  type ProvisionedStream,
  type SignableStream,
  type StreamAnalytics,
  type StreamId,
  type StreamOwner,
  type StreamRequest,
} from '../platform.ts';
import { refuseUnsupported } from '../unsupported.ts';
import { muxTime, type MuxLiveStream } from './mux-answers.ts';
import type { LiveStreamParams, MuxApi } from './mux-api.ts';
import { signMuxPlayback, type MuxSigner } from './mux-signer.ts';
import { disowned, passthroughOf, tagOf, type MuxTag } from './mux-tag.ts';
import type { MuxViewers } from './mux-viewers.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import { sha256Hex } from '../../base/digest.ts';

/** The ID of a live stream: some 50 letters and digits, which Mux does not promise. */
export const MUX_ID = /^[A-Za-z0-9_-]{1,128}$/;

export interface MuxPlatformOptions {
  readonly clusterId: string;
  /** Latency mode of channels with the latency `standard`. */
  readonly latencyMode: 'standard' | 'reduced' | 'low';
  readonly reconnectWindowSeconds: number;
  readonly test: boolean;
  readonly ingestUrl: string;
  readonly playbackUrl: string;
  /** PEM that verifies the ingest's certificate. undefined: the system's CAs verify it. */
  readonly ingestCa: string | undefined;
  readonly maxVideoBitrateKbps: number | undefined;
  readonly signer: MuxSigner | undefined;
  readonly viewers: MuxViewers | undefined;
}

/**
 * The driver of Mux Video. A stream is a live stream of Mux, identified by its `passthrough` (mux-tag.ts), because Mux has
 * neither names nor idempotent creates. Mux records every broadcast as an asset, which costs money per minute. Assets of
 * channels without recording are deleted with the stream.
 */
export class MuxPlatform implements PlatformDriver {
  readonly idForm = MUX_ID;
  readonly ownership = { by: 'tags' } as const;
  readonly capabilities: PlatformCapabilities;
  readonly usage: PlatformUsage;
  readonly #api: MuxApi;
  readonly #options: MuxPlatformOptions;
  /** Start time of the broadcast of each active asset. The cache saves a call at each observation. */
  readonly #begun = new BoundedMap<string, Date>(MAX_CACHED_BROADCASTS);

  constructor(api: MuxApi, options: MuxPlatformOptions) {
    this.#api = api;
    this.#options = options;
    this.capabilities = {
      latencies: ['standard', 'low'],
      recording: true,
      signedPlayback: options.signer !== undefined,
      takeover: undefined,
      keyframeSeconds: { min: 1, max: 10 },
      maxHeight: 1080,
      maxVideoBitrateKbps: options.maxVideoBitrateKbps ?? 8_000,
      // Not documented. Mux determines the renditions of a broadcast when it begins.
      sizeChange: 'new-session',
      constantBitrate: false,
      idempotentCreate: false,
      settleSeconds: 30,
      maxStreams: undefined,
    };
    this.usage = {
      settledAfterMs: USAGE_DELAY_MS,
      delivered: async (from, to, signal) =>
        (await api.deliveryUsage(from, to, signal)).flatMap(({ passthrough, delivered_seconds }) => {
          // An asset has its own copy of the tag, so its owner is known after the stream was deleted.
          const owner = tagOf(passthrough)?.owner;
          if (owner?.clusterId !== options.clusterId) return [];
          return [{ owner, viewerSeconds: delivered_seconds }];
        }),
    };
  }

  /**
   * Lists streams, and completes a stream with an invalid ID. If Mux refuses that because of the ID, the token can make
   * changes.
   */
  async verify(signal: AbortSignal): Promise<void> {
    await this.#api.probeRead(signal);
    await this.#api.complete('livechannel-permission-check', signal).catch(unlessInvalid);
  }

  async createStream(request: StreamRequest, signal: AbortSignal): Promise<ProvisionedStream> {
    refuseUnsupported('Mux', request, this.capabilities);
    return this.#provisioned(await this.#api.createStream(this.#paramsOf(request), signal));
  }

  async findStreams(name: string, signal: AbortSignal): Promise<readonly ObservedStream[]> {
    // Reverse before the stable sort: the list is newest first, and Mux's times are in whole seconds.
    return (await this.listStreams(signal))
      .filter((stream) => stream.name === name)
      .reverse()
      .sort((one, other) => Number(one.createdAt) - Number(other.createdAt));
  }

  async ownerOf(id: StreamId, signal: AbortSignal): Promise<StreamOwner | undefined> {
    return tagOf((await this.#api.retrieveStream(id, signal))?.passthrough)?.owner;
  }

  /** Enables this cluster's stream if it is disabled, e.g. after an interrupted rotation or when a test stream expired. */
  async openStream(id: StreamId, signal: AbortSignal): Promise<ProvisionedStream | undefined> {
    const stream = await this.#api.retrieveStream(id, signal);
    if (stream === undefined) return undefined;
    if (stream.status === 'disabled' && this.#tag(stream) !== undefined) await this.#api.enable(id, signal);
    return this.#provisioned(stream);
  }

  async observeStream(id: StreamId, signal: AbortSignal): Promise<ObservedStream | undefined> {
    const stream = await this.#api.retrieveStream(id, signal);
    if (stream === undefined) return undefined;
    const live = stream.status === 'active';
    return {
      ...observed(stream),
      liveSince: live ? await this.#liveSince(stream, signal) : undefined,
      viewers: live ? await this.#options.viewers?.of(id, signal) : undefined,
    };
  }

  /**
   * Resets the key first, so that a disconnected publisher cannot reconnect with the old one. Mux does not document
   * whether a reset disconnects the publisher. Disabling the stream does ("closes the encoder connection immediately"), so
   * the stream is disabled and enabled again.
   */
  async rotateKey(id: StreamId, signal: AbortSignal): Promise<ProvisionedStream | undefined> {
    const stream = await this.#ours(id, signal);
    if (stream === undefined) return undefined;
    const rotated = await this.#api.resetStreamKey(id, signal);
    if (rotated === undefined) return undefined;
    await this.#api.disable(id, signal);
    await this.#api.enable(id, signal);
    return this.#provisioned(rotated);
  }

  /**
   * Disables the stream first, so that no broadcast can begin and its list of recordings is final. Then deletes the
   * recordings, and the stream last, because only its passthrough identifies them as this cluster's and unwanted.
   */
  async deleteStream(id: StreamId, signal: AbortSignal): Promise<boolean> {
    const stream = await this.#ours(id, signal);
    if (stream === undefined) return true;
    if (stream.status !== 'disabled') await this.#api.disable(id, signal);
    if (this.#tag(stream)?.recording === 'off') {
      const ended = await this.#ours(id, signal);
      if (ended === undefined) return true;
      // Mux has not completed the last recording yet.
      if (ended.active_asset_id !== undefined) return false;
      await this.#discardRecordings(ended, signal);
    }
    await this.#api.deleteStream(id, signal);
    return true;
  }

  async disownStream(id: StreamId, signal: AbortSignal): Promise<void> {
    const stream = await this.#ours(id, signal);
    if (stream?.passthrough === undefined) return;
    await this.#api.updatePassthrough(id, disowned(stream.passthrough), signal);
  }

  async listStreams(signal: AbortSignal): Promise<readonly ObservedStream[]> {
    const streams = await this.#api.listStreams({}, signal);
    return streams.filter((stream) => this.#tag(stream) !== undefined).map(observed);
  }

  async analytics(signal: AbortSignal): Promise<ReadonlyMap<StreamId, StreamAnalytics>> {
    const live = await this.#api.listStreams({ status: 'active' }, signal);
    const ours = live.filter((stream) => this.#tag(stream) !== undefined);
    const rows = ours.map(async ({ id }): Promise<[StreamId, StreamAnalytics]> => {
      const viewers = await this.#options.viewers?.of(id, signal);
      return [streamId(id), { viewers, ingestBitrateKbps: undefined }];
    });
    return new Map(await Promise.all(rows));
  }

  signPlayback(stream: SignableStream, grant: PlaybackGrant): Promise<string> {
    return signMuxPlayback(this.#options.signer, stream, grant);
  }

  #paramsOf(request: StreamRequest): LiveStreamParams {
    const { reconnectWindowSeconds, latencyMode, test } = this.#options;
    const passthrough = passthroughOf(request);
    const policy = request.access === 'signed' ? 'signed' : 'public';
    return {
      passthrough,
      playback_policies: [policy],
      // The assets have the owner tag, too.
      new_asset_settings: { playback_policies: [policy], passthrough },
      latency_mode: request.latency === 'low' ? 'low' : latencyMode,
      reconnect_window: reconnectWindowSeconds,
      ...(test ? { test } : {}),
    };
  }

  #provisioned({ id, stream_key, playback_ids }: MuxLiveStream): ProvisionedStream {
    const { ingestUrl, playbackUrl, ingestCa } = this.#options;
    const playbackId = playback_ids[0]?.id;
    if (playbackId === undefined)
      throw new PlatformError(
        'InvalidConfiguration',
        `Live stream ${id} at Mux has no playback ID and cannot be watched. Add one in the dashboard, or delete the stream; it is then created again.`,
        { retryable: false },
      );
    return {
      id: streamId(id),
      ingestUrl: `${withoutSlash(ingestUrl)}/`,
      streamKey: new SecretText(stream_key),
      streamKeyId: sha256Hex(stream_key, 16),
      playbackUrl: `${withoutSlash(playbackUrl)}/${playbackId}.m3u8`,
      ...(ingestCa === undefined ? {} : { ingestCa }),
    };
  }

  /** The stream's tag; undefined if it does not belong to this cluster. */
  #tag({ passthrough }: MuxLiveStream): MuxTag | undefined {
    const tag = tagOf(passthrough);
    return tag?.owner.clusterId === this.#options.clusterId ? tag : undefined;
  }

  /** The stream, for a change. Undefined if it does not exist or does not belong to this cluster. */
  async #ours(id: StreamId, signal: AbortSignal): Promise<MuxLiveStream | undefined> {
    const stream = await this.#api.retrieveStream(id, signal);
    return stream === undefined || this.#tag(stream) === undefined ? undefined : stream;
  }

  /** Deletes listed and named assets: the list may be stale, and the stream may name only the most recent assets. */
  async #discardRecordings(stream: MuxLiveStream, signal: AbortSignal): Promise<void> {
    const listed = (await this.#api.listAssets(stream.id, signal)).map(({ id }) => id);
    const named = [...stream.recent_asset_ids, ...(stream.active_asset_id ? [stream.active_asset_id] : [])];
    for (const asset of new Set([...listed, ...named])) await this.#api.deleteAsset(asset, signal);
  }

  async #liveSince({ active_asset_id }: MuxLiveStream, signal: AbortSignal): Promise<Date | undefined> {
    if (active_asset_id === undefined) return undefined;
    const known = this.#begun.get(active_asset_id);
    if (known !== undefined) return known;
    const asset = await this.#api.retrieveAsset(active_asset_id, signal);
    if (asset === undefined) return undefined;
    const since = muxTime(asset.created_at);
    this.#begun.set(active_asset_id, since);
    return since;
  }
}

/**
 * Delivery usage is "aggregated every hour at the top of the hour" and available "starting at 12 hours prior to when the
 * request is made": https://www.mux.com/docs/api-reference/video/delivery-usage/list-delivery-usage
 */
const USAGE_DELAY_MS = 12 * 3_600_000;
const MAX_CACHED_BROADCASTS = 10_000;

/** For `.catch`: ignores InvalidConfiguration, which means that the request was refused and not the credentials. */
function unlessInvalid(error: unknown): void {
  if (!(error instanceof PlatformError && error.reason === 'InvalidConfiguration')) throw error;
}

function observed(stream: MuxLiveStream): ObservedStream {
  const tag = tagOf(stream.passthrough);
  return {
    id: streamId(stream.id),
    name: tag?.name ?? stream.id,
    owner: tag?.owner,
    live: stream.status === 'active',
    liveSince: undefined,
    viewers: undefined,
    ingestBitrateKbps: undefined,
    createdAt: muxTime(stream.created_at),
  };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
