import type { PlatformDriver } from '../driver.ts';
import { PlatformError } from '../errors.ts';
import { ownerOf, ownerTagNames } from '../owner-tags.ts';
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
import {
  batchGetChannelSchema,
  createChannelSchema,
  getChannelSchema,
  getStreamSchema,
  listChannelsSchema,
  listStreamsSchema,
  nothingSchema,
  recordingConfigurationSchema,
  type IvsChannel,
  type IvsChannelSummary,
  type IvsStream,
} from './ivs-answers.ts';
import type { IvsApi } from './ivs-api.ts';
import { whenRefused } from './ivs-errors.ts';
import { IvsSignedPlayback } from './ivs-signed-playback.ts';
import type { IvsChannelType } from './ivs-spec.ts';
import { IvsStreamKeys } from './ivs-stream-keys.ts';
import {
  byAge,
  isLive,
  isOwnedBy,
  ivsTags,
  observedStream,
  provisionedStream,
  streamAnalytics,
} from './ivs-streams.ts';
import { allPages } from './pages.ts';
import { ChannelOwners } from './channel-owners.ts';
import type { PlaybackKey } from './playback-key.ts';

export interface IvsPlatformOptions {
  readonly clusterId: string;
  readonly clock: { now(): Date };
  readonly capabilities: PlatformCapabilities;
  readonly channelType: IvsChannelType;
  readonly recordingConfigurationArn: string | undefined;
  readonly playbackKey: PlaybackKey | undefined;
  /** PEM that verifies the ingest's certificate. undefined: the system's CAs verify it. */
  readonly ingestCa: string | undefined;
}

/** The ARN of a channel, in any partition of AWS. */
export const IVS_ID = /^arn:[a-z0-9-]{1,32}:ivs:[a-z0-9-]{1,32}:\d{1,20}:channel\/[A-Za-z0-9_-]{1,128}$/;

const GONE = 'ResourceNotFoundException';
const OFF_AIR = 'ChannelNotBroadcasting';
/** Maximum page size of IVS. */
const PAGE_SIZE = 100;
/** Maximum number of ARNs in a BatchGetChannel call. */
const BATCH_SIZE = 50;

/**
 * The driver of Amazon IVS. A stream is a channel with one stream key, and its ID is the channel's ARN. Channel names are
 * not unique and every create call creates another channel, so this cluster's channels are identified by their tags.
 */
export class IvsPlatform implements PlatformDriver {
  readonly idForm = IVS_ID;
  readonly ownership = { by: 'tags' } as const;
  readonly capabilities: PlatformCapabilities;
  readonly #api: IvsApi;
  readonly #options: IvsPlatformOptions;
  readonly #keys: IvsStreamKeys;
  readonly #owners: ChannelOwners;
  readonly #signedPlayback: IvsSignedPlayback | undefined;
  #recordingIsActive = false;

  constructor(api: IvsApi, options: IvsPlatformOptions) {
    const { playbackKey, clusterId } = options;
    this.#api = api;
    this.#options = options;
    this.capabilities = options.capabilities;
    this.#keys = new IvsStreamKeys(api);
    this.#owners = new ChannelOwners(clusterId);
    this.#signedPlayback =
      playbackKey && new IvsSignedPlayback(api, playbackKey, { [ownerTagNames.clusterId]: clusterId });
  }

  async verify(signal: AbortSignal): Promise<void> {
    await this.#api.call('ListChannels', listChannelsSchema, signal, (ivs, options) =>
      ivs.listChannels({ maxResults: 1 }, options),
    );
  }

  async createStream(request: StreamRequest, signal: AbortSignal): Promise<ProvisionedStream> {
    refuseUnsupported('Amazon IVS', request, this.capabilities);
    const { channelType, clock, ingestCa } = this.#options;
    const recorded = request.recording === 'automatic';
    const recordingConfigurationArn = recorded ? await this.#activeRecordingConfiguration(signal) : undefined;
    const authorized = request.access === 'signed';
    if (authorized) await this.#signedPlayback?.ensureImported();
    const input = {
      name: request.name,
      type: channelType,
      latencyMode: request.latency === 'low' ? ('LOW' as const) : ('NORMAL' as const),
      authorized,
      tags: ivsTags(request.owner, clock.now()),
      ...(recordingConfigurationArn === undefined ? {} : { recordingConfigurationArn }),
    };
    const { channel, streamKey } = await this.#api.call(
      'CreateChannel',
      createChannelSchema,
      signal,
      (ivs, options) => ivs.createChannel(input, options),
    );
    this.#owners.saw(channel);
    return provisionedStream(channel, streamKey, ingestCa);
  }

  async findStreams(name: string, signal: AbortSignal): Promise<readonly ObservedStream[]> {
    const channels = await this.#channels(signal, name);
    return channels
      .filter((channel) => channel.name === name)
      .map((channel) => observedStream(channel, undefined))
      .sort(byAge);
  }

  async ownerOf(id: StreamId, signal: AbortSignal): Promise<StreamOwner | undefined> {
    return ownerOf((await this.#channel(id, signal))?.tags ?? {});
  }

  async openStream(id: StreamId, signal: AbortSignal): Promise<ProvisionedStream | undefined> {
    const channel = await this.#channel(id, signal);
    const key = channel && (await this.#keys.ensure(id, signal));
    return channel && key && provisionedStream(channel, key, this.#options.ingestCa);
  }

  async observeStream(id: StreamId, signal: AbortSignal): Promise<ObservedStream | undefined> {
    const [channel, stream] = await Promise.all([this.#channel(id, signal), this.#stream(id, signal)]);
    return channel && observedStream(channel, stream);
  }

  async rotateKey(id: StreamId, signal: AbortSignal): Promise<ProvisionedStream | undefined> {
    const channel = await this.#channel(id, signal);
    const key = channel && (await this.#keys.replace(id, signal));
    if (!channel || !key) return undefined;
    // Stop the broadcast last: the disconnected publisher then reconnects with the new key.
    await this.#stop(id, signal);
    return provisionedStream(channel, key, this.#options.ingestCa);
  }

  async deleteStream(id: StreamId, signal: AbortSignal): Promise<boolean> {
    // If the channel is off air, one call is sufficient. It deletes the channel's keys, too.
    if (await this.#delete(id, signal)) return true;
    // Revoke the key first, so that no publisher can reconnect before the channel is deleted.
    await this.#keys.revoke(id, signal);
    await this.#stop(id, signal);
    return this.#delete(id, signal);
  }

  async disownStream(id: StreamId, signal: AbortSignal): Promise<void> {
    const tagKeys = [ownerTagNames.clusterId];
    await this.#api
      .call('UntagResource', nothingSchema, signal, (ivs, options) =>
        ivs.untagResource({ resourceArn: id, tagKeys }, options),
      )
      .catch(whenRefused([GONE], undefined));
    this.#owners.forget(id);
  }

  async listStreams(signal: AbortSignal): Promise<readonly ObservedStream[]> {
    const [channels, streams] = await Promise.all([this.#channels(signal), this.#liveStreams(signal)]);
    const live = new Map(streams.map((stream) => [stream.channelArn, stream]));
    return channels.map((channel) => observedStream(channel, live.get(channel.arn) ?? null));
  }

  /** Needs one call per 100 live channels of the account, and one per 50 live channels whose owner is not known yet. */
  async analytics(signal: AbortSignal): Promise<ReadonlyMap<StreamId, StreamAnalytics>> {
    const streams = await this.#liveStreams(signal);
    await this.#learnOwners(
      streams.map(({ channelArn }) => channelArn),
      signal,
    );
    const ours = streams.filter(({ channelArn }) => this.#owners.isOurs({ arn: channelArn }));
    return new Map(ours.map((stream) => [streamId(stream.channelArn), streamAnalytics(stream)]));
  }

  async signPlayback(stream: SignableStream, grant: PlaybackGrant): Promise<string> {
    if (this.#signedPlayback === undefined)
      throw new PlatformError(
        'InvalidConfiguration',
        'Signed playback requires a private key. Add one to the Secret under the key "playbackPrivateKey".',
        { retryable: false },
      );
    return this.#signedPlayback.sign(stream, grant, this.#options.clock.now());
  }

  async #channel(arn: StreamId, signal: AbortSignal): Promise<IvsChannel | undefined> {
    const found = await this.#api
      .call('GetChannel', getChannelSchema, signal, (ivs, options) => ivs.getChannel({ arn }, options))
      .catch(whenRefused([GONE], undefined));
    if (found === undefined) this.#owners.forget(arn);
    else this.#owners.saw(found.channel);
    return found?.channel;
  }

  /** null if the channel is off air. */
  async #stream(channelArn: StreamId, signal: AbortSignal): Promise<IvsStream | null> {
    const found = await this.#api
      .call('GetStream', getStreamSchema, signal, (ivs, options) => ivs.getStream({ channelArn }, options))
      .catch(whenRefused([OFF_AIR, GONE], undefined));
    return found?.stream ?? null;
  }

  async #stop(channelArn: StreamId, signal: AbortSignal): Promise<void> {
    await this.#api
      .call('StopStream', nothingSchema, signal, (ivs, options) => ivs.stopStream({ channelArn }, options))
      .catch(whenRefused([OFF_AIR, GONE], undefined));
  }

  /** Returns false if IVS refused because the channel is live. */
  async #delete(arn: StreamId, signal: AbortSignal): Promise<boolean> {
    const refused = await this.#api
      .call('DeleteChannel', nothingSchema, signal, (ivs, options) => ivs.deleteChannel({ arn }, options))
      .catch(whenRefused([GONE], undefined))
      .catch(whenRefused(['ConflictException'], 'live'));
    if (refused === 'live') return false;
    this.#owners.forget(arn);
    return true;
  }

  /** Requests the channels of live streams whose owner is not known yet. */
  async #learnOwners(live: readonly string[], signal: AbortSignal): Promise<void> {
    const unknown = this.#owners.unknownAmong(live);
    for (let start = 0; start < unknown.length; start += BATCH_SIZE) {
      const arns = unknown.slice(start, start + BATCH_SIZE);
      const { channels } = await this.#api.call(
        'BatchGetChannel',
        batchGetChannelSchema,
        signal,
        (ivs, options) => ivs.batchGetChannel({ arns }, options),
      );
      for (const channel of channels) this.#owners.saw(channel);
    }
  }

  /** Only channels of this cluster. */
  async #channels(signal: AbortSignal, filterByName?: string): Promise<readonly IvsChannelSummary[]> {
    const filter = filterByName === undefined ? {} : { filterByName };
    const pages = await allPages((next) =>
      this.#api.call('ListChannels', listChannelsSchema, signal, (ivs, options) =>
        ivs.listChannels({ maxResults: PAGE_SIZE, ...filter, ...next }, options),
      ),
    );
    const channels = pages.flatMap((page) => page.channels);
    const ours = channels.filter((channel) => isOwnedBy(this.#options.clusterId, channel));
    for (const channel of ours) this.#owners.saw(channel);
    return ours;
  }

  async #liveStreams(signal: AbortSignal): Promise<readonly IvsStream[]> {
    const pages = await allPages((next) =>
      this.#api.call('ListStreams', listStreamsSchema, signal, (ivs, options) =>
        ivs.listStreams({ maxResults: PAGE_SIZE, ...next }, options),
      ),
    );
    return pages.flatMap(({ streams }) => streams).filter(isLive);
  }

  /** Checks that the recording configuration is active: IVS accepts one that is not, and then records nothing. */
  async #activeRecordingConfiguration(signal: AbortSignal): Promise<string | undefined> {
    const { recordingConfigurationArn: arn } = this.#options;
    if (arn === undefined || this.#recordingIsActive) return arn;
    const found = await this.#api
      .call('GetRecordingConfiguration', recordingConfigurationSchema, signal, (ivs, options) =>
        ivs.getRecordingConfiguration({ arn }, options),
      )
      .catch(whenRefused([GONE], undefined));
    const state = found?.recordingConfiguration.state ?? 'unknown to Amazon IVS';
    this.#recordingIsActive = state === 'ACTIVE';
    if (this.#recordingIsActive) return arn;
    throw new PlatformError(
      'InvalidConfiguration',
      `Recording configuration ${arn} is ${state}, not ACTIVE. ` +
        (state === 'CREATING'
          ? 'Wait until AWS has created it.'
          : 'Set another one in spec.ivs.recordingConfigurationArn.'),
      { retryable: state === 'CREATING' },
    );
  }
}
