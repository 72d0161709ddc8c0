import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import { SecretText } from '../../base/secret-text.ts';
import type { PlatformContext } from '../context.ts';
import type { PlatformDriver } from '../driver.ts';
import { PlatformError } from '../errors.ts';
import { ownerOf } from '../owner-tags.ts';
import {
  streamId,
  type Delivered,
  type ObservedStream,
  type PlatformCapabilities,
  type PlatformUsage,
  type PlaybackGrant,
  type ProvisionedStream,
  type SignableStream,
  type StreamAnalytics,
  type StreamId,
  type StreamOwner,
  type StreamRequest,
} from '../platform.ts';
import { refuseUnsupported } from '../unsupported.ts';
import type { ListedInput, LiveInput, Video } from './cloudflare-answers.ts';
import type { CloudflareApi } from './cloudflare-api.ts';
import { afterEffect } from './cloudflare-errors.ts';
import type { DeliveryHost } from './delivery-host.ts';
import { corrections, disownedMeta, metaOf, optionsOf, wantedSettings } from './live-input-settings.ts';
import { addressFor, hlsAddress, lowLatencyAddress } from './playback-address.ts';
import type { PlaybackSigner } from './playback-signer.ts';
import { deleteRecordings } from './recordings.ts';
import { mapConcurrent } from '../../base/map-concurrent.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import { sha256Hex } from '../../base/digest.ts';

export interface CloudflarePlatformParts {
  readonly api: CloudflareApi;
  readonly delivery: DeliveryHost;
  readonly signer: PlaybackSigner | undefined;
  readonly context: Pick<PlatformContext, 'clusterId' | 'clock'>;
  readonly limits: StreamingPlatformSpec['limits'];
  /** Retention of recordings of channels with recording, in days. undefined: no limit. */
  readonly recordingDays: number | undefined;
  /** PEM that verifies the ingest's certificate. undefined: the system's CAs verify it. */
  readonly ingestCa: string | undefined;
}

/** The uid of a live input: 32 hexadecimal digits, which Cloudflare does not promise. */
export const CLOUDFLARE_ID = /^[A-Za-z0-9_-]{1,64}$/;
/** Number of spent idempotency keys that a create skips before it fails. */
const MAX_SPENT_KEYS = 8;
/** The delay of the figures is not documented. They are sampled, and complete within hours. */
const USAGE_DELAY_MS = 6 * 3_600_000;
/** Concurrent lookups of videos for the usage figures. */
const USAGE_CONCURRENCY = 4;
const MAX_CACHED_VIDEOS = 10_000;
/** Concurrent requests to the delivery host. */
const DELIVERY_CONCURRENCY = 16;

/** The driver of Cloudflare Stream Live. A stream is a live input. */
export class CloudflarePlatform implements PlatformDriver {
  readonly idForm = CLOUDFLARE_ID;
  readonly ownership = { by: 'tags' } as const;
  readonly capabilities: PlatformCapabilities;
  readonly usage: PlatformUsage = {
    settledAfterMs: USAGE_DELAY_MS,
    delivered: (from, to, signal) => this.#delivered(from, to, signal),
  };
  /** The input of each video with delivery figures; undefined for a video without an input. */
  readonly #inputs = new BoundedMap<string, string | undefined>(MAX_CACHED_VIDEOS);
  readonly #parts: CloudflarePlatformParts;
  /** Start time of each broadcast. The cache limits this to one call per broadcast. */
  readonly #liveSince = new Map<StreamId, { readonly video: string; readonly since: Date }>();

  constructor(parts: CloudflarePlatformParts) {
    this.#parts = parts;
    this.capabilities = {
      latencies: ['standard', 'low'],
      recording: true,
      signedPlayback: parts.signer !== undefined,
      // Any new publisher replaces the previous one, and the broadcast continues.
      takeover: undefined,
      keyframeSeconds: { min: 2, max: 10 },
      maxHeight: 1080,
      // Cloudflare's limit is 14 Mbit/s for video and audio together; it recommends less than 12 Mbit/s.
      maxVideoBitrateKbps: Math.min(parts.limits.maxVideoBitrateKbps ?? 12_000, 13_500),
      // The effect of a size change during a broadcast is not documented.
      sizeChange: 'new-session',
      constantBitrate: true,
      idempotentCreate: true,
      settleSeconds: 5,
      maxStreams: parts.limits.maxStreams,
    };
  }

  async verify(signal: AbortSignal): Promise<void> {
    const { api, signer } = this.#parts;
    await api.mayWrite(signal);
    if (signer === undefined) return;
    if ((await api.signingKeys(signal)).includes(signer.keyId)) return;
    throw new PlatformError(
      'CredentialsRejected',
      `The account has no signing key ${signer.keyId}, which the Secret names under "signingKeyId". Cloudflare would refuse its playback tokens. Create a key with POST /stream/keys and update the Secret.`,
      { retryable: false },
    );
  }

  async createStream(request: StreamRequest, signal: AbortSignal): Promise<ProvisionedStream> {
    refuseUnsupported('Cloudflare Stream', request, this.capabilities);
    const body = { ...wantedSettings(request, this.#parts.recordingDays), meta: metaOf(request) };
    const input = await this.#createOnce(request, body, signal);
    try {
      return this.#provisioned(await this.#inLine(input, signal));
    } catch (error) {
      throw afterEffect(error);
    }
  }

  async findStreams(name: string, signal: AbortSignal): Promise<readonly ObservedStream[]> {
    const found = (await this.listStreams(signal)).filter((stream) => stream.name === name);
    return found.sort((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0));
  }

  async ownerOf(id: StreamId, signal: AbortSignal): Promise<StreamOwner | undefined> {
    return ownerOf(strings((await this.#parts.api.getInput(id, signal))?.meta ?? {}));
  }

  async openStream(id: StreamId, signal: AbortSignal): Promise<ProvisionedStream | undefined> {
    const input = await this.#parts.api.getInput(id, signal);
    return input && this.#provisioned(await this.#inLine(input, signal));
  }

  async observeStream(id: StreamId, signal: AbortSignal): Promise<ObservedStream | undefined> {
    const { api, delivery } = this.#parts;
    const input = await api.getInput(id, signal);
    if (input === undefined) return undefined;
    const hls = hlsAddress(input);
    const lifecycle = hls === undefined ? undefined : await delivery.lifecycle(hls, signal);
    // The delivery host reports what players receive; the API only reports whether a publisher is connected.
    const live = lifecycle?.live ?? input.status.connected;
    const video = lifecycle?.videoUID ?? undefined;
    if (live !== true || hls === undefined) {
      this.#liveSince.delete(id);
      return { ...listed(input), live };
    }
    return {
      ...listed(input),
      live,
      liveSince: await this.#since(id, video, input.status.since, signal),
      viewers: await delivery.viewers(hls, signal),
    };
  }

  /** Cloudflare disconnects a publisher that uses the old key. */
  async rotateKey(id: StreamId, signal: AbortSignal): Promise<ProvisionedStream | undefined> {
    const { api } = this.#parts;
    const answer = await api.rotateKeys(id, signal);
    if (answer === undefined) return undefined;
    try {
      const input = answer === 'unclear' ? await api.getInput(id, signal) : answer;
      return input && this.#provisioned(input);
    } catch (error) {
      throw afterEffect(error);
    }
  }

  /**
   * Deletes the input last, because only its tags identify the recordings as this cluster's and unwanted. A call after an
   * interruption therefore finds what is left. An input that was on air is checked again in a second call, after listings
   * have settled, before it is treated as having no recordings.
   */
  async deleteStream(id: StreamId, signal: AbortSignal): Promise<boolean> {
    const { api } = this.#parts;
    const input = await api.getInput(id, signal);
    if (input === undefined) return true;
    if (input.enabled) await api.updateInput(id, { enabled: false }, signal);
    if (keepsNoRecordings(input)) {
      const clean = await deleteRecordings(api, id, signal);
      const lookAgain = input.enabled && input.status.everConnected;
      if (!clean || lookAgain) return false;
    }
    await api.deleteInput(id, signal);
    this.#liveSince.delete(id);
    return true;
  }

  async disownStream(id: StreamId, signal: AbortSignal): Promise<void> {
    const { api } = this.#parts;
    const input = await api.getInput(id, signal);
    if (input === undefined || ownerOf(strings(input.meta)) === undefined) return;
    await api.updateInput(id, { meta: disownedMeta(input.meta) }, signal);
  }

  async listStreams(signal: AbortSignal): Promise<readonly ObservedStream[]> {
    const inputs = await this.#parts.api.listInputs(signal);
    return inputs.map(listed).filter(({ owner }) => owner?.clusterId === this.#parts.context.clusterId);
  }

  /** Needs up to two calls per 1,000 inputs, plus one request to the delivery host for each live input. */
  async analytics(signal: AbortSignal): Promise<ReadonlyMap<StreamId, StreamAnalytics>> {
    const { api, delivery } = this.#parts;
    const broadcasts = new Map<string, Video>();
    for (const video of await api.liveVideos(signal))
      if (typeof video.liveInput === 'string' && video.status?.state === 'live-inprogress')
        broadcasts.set(video.liveInput, video);
    const known = new Map<StreamId, StreamAnalytics>();
    if (broadcasts.size === 0) return known;
    await mapConcurrent(await this.listStreams(signal), DELIVERY_CONCURRENCY, async ({ id }) => {
      const video = broadcasts.get(id);
      if (video === undefined) return;
      const address = video.playback && addressFor(video.playback.hls, video.uid, id);
      const viewers = address === undefined ? undefined : await delivery.viewers(address, signal);
      known.set(id, { viewers, ingestBitrateKbps: undefined });
    });
    return known;
  }

  /** Cloudflare reports minutes by video. Minutes of a deleted video cannot be attributed and are omitted. */
  async #delivered(from: Date, to: Date, signal: AbortSignal): Promise<readonly Delivered[]> {
    const minutes = await this.#parts.api.minutesViewed(from, to, signal);
    const owners = new Map<string, ObservedStream['owner']>();
    for (const { id, owner } of await this.listStreams(signal)) owners.set(id, owner);
    const found: Delivered[] = [];
    await mapConcurrent(minutes, USAGE_CONCURRENCY, async ([uid, viewed]) => {
      const owner = owners.get(uid) ?? owners.get((await this.#inputOf(uid, signal)) ?? '');
      if (owner !== undefined) found.push({ owner, viewerSeconds: viewed * 60 });
    });
    return found;
  }

  async #inputOf(video: string, signal: AbortSignal): Promise<string | undefined> {
    if (this.#inputs.has(video)) return this.#inputs.get(video);
    const input = (await this.#parts.api.getVideo(video, signal))?.liveInput ?? undefined;
    this.#inputs.set(video, input);
    return input;
  }

  async signPlayback(stream: SignableStream, grant: PlaybackGrant): Promise<string> {
    const { signer, context } = this.#parts;
    if (signer !== undefined) return signer.sign(stream, grant, context.clock.now());
    throw new PlatformError(
      'InvalidConfiguration',
      'Signed playback on Cloudflare Stream needs "signingKeyId" and "signingKeyPem" in the platform\'s Secret.',
      { retryable: false },
    );
  }

  /**
   * Tries a fixed sequence of idempotency keys for each request, so that a repeated request returns the same input. When an
   * input is deleted, for example manually, its key is spent for six hours, and the next key creates the input again.
   */
  async #createOnce({ name, attempt }: StreamRequest, body: object, signal: AbortSignal): Promise<LiveInput> {
    const { api } = this.#parts;
    for (let spent = 0; spent < MAX_SPENT_KEYS; spent++) {
      const key = `${name}-${attempt}${spent === 0 ? '' : `-${spent}`}`;
      const input = await api.createInput(body, key, signal);
      if (input !== 'spent') return input;
    }
    throw new PlatformError(
      'PlatformUnavailable',
      `Live input ${name} was deleted ${MAX_SPENT_KEYS} times within six hours by another client. Cloudflare does not create it again with the same keys until then. Find out which client deletes it.`,
      { retryable: true },
    );
  }

  /** Corrects the settings of an input that differ from its tags; see `corrections`. */
  async #inLine(input: LiveInput, signal: AbortSignal): Promise<LiveInput> {
    const correction = corrections(input, this.#parts.recordingDays);
    if (correction === undefined) return input;
    return (await this.#parts.api.updateInput(input.uid, correction, signal)) ?? input;
  }

  /** Start time of the broadcast: when its video was created, or the time that the API reports for the connection. */
  async #since(
    id: StreamId,
    video: string | undefined,
    said: string | undefined,
    signal: AbortSignal,
  ): Promise<Date | undefined> {
    const known = this.#liveSince.get(id);
    if (video === undefined) return date(said);
    if (known?.video === video) return known.since;
    const since = date((await this.#parts.api.getVideo(video, signal))?.created ?? said);
    if (since !== undefined) this.#liveSince.set(id, { video, since });
    return since;
  }

  #provisioned(input: LiveInput): ProvisionedStream {
    const { ingestCa } = this.#parts;
    const hls = hlsAddress(input);
    if (hls === undefined)
      throw new PlatformError(
        'PlatformUnavailable',
        `Cloudflare returned no playback URL for live input ${input.uid}.`,
        { retryable: true },
      );
    const { url, streamKey } = input.rtmps;
    return {
      id: streamId(input.uid),
      ingestUrl: url.endsWith('/') ? url : `${url}/`,
      streamKey: new SecretText(streamKey),
      // Keys are random, so a hash does not help to guess one.
      streamKeyId: sha256Hex(streamKey, 16),
      playbackUrl: input.preferLowLatency ? lowLatencyAddress(hls) : hls,
      ...(ingestCa === undefined ? {} : { ingestCa }),
    };
  }
}

/** A listed input. Listings do not report which inputs are on air. */
function listed({ uid, meta, created }: ListedInput): ObservedStream {
  const tags = strings(meta);
  return {
    id: streamId(uid),
    name: tags['name'] ?? '',
    owner: ownerOf(tags),
    live: undefined,
    liveSince: undefined,
    viewers: undefined,
    ingestBitrateKbps: undefined,
    createdAt: date(created),
  };
}

/** Whether recordings are deleted with the input. Requires the operator's own tag; other recordings are kept. */
function keepsNoRecordings({ meta }: LiveInput): boolean {
  return optionsOf(meta)?.recording === 'off';
}

function strings(meta: Readonly<Record<string, unknown>>): Record<string, string> {
  const known: Record<string, string> = {};
  for (const [key, value] of Object.entries(meta)) if (typeof value === 'string') known[key] = value;
  return known;
}

function date(text: string | undefined): Date | undefined {
  const at = new Date(text ?? '');
  return Number.isNaN(at.getTime()) ? undefined : at;
}
