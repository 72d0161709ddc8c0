import { channelIdOf, type ChannelId } from '../../api/channel-id.ts';
import { platformNameOf, type LiveChannel } from '../../api/live-channel.ts';
import { isDefaultPlatform } from '../../api/streaming-platform.ts';
import { activeRecord } from '../../api/annotations/stream-records.ts';
import { streamingPlatformType } from '../../api/kinds.ts';
import { resolutionOf } from '../../costs/priced-channel.ts';
import type { KubeClient } from '../../kube/client.ts';
import { SecretText } from '../../base/secret-text.ts';
import { expectedLatencySeconds } from '../../platforms/expected-latency.ts';
import { streamId } from '../../platforms/platform.ts';
import { nameOf } from '../cache/channel-cache.ts';
import type { LatestNumbers } from '../cache/latest-numbers.ts';
import type { ChannelChange, ChannelSettings, CreateChannel } from '../contract/channel-settings.ts';
import type { ChannelView } from '../contract/channel-view.ts';
import type { ServerEvent } from '../contract/events.ts';
import { ApiProblem, invalidMember, isProblem } from '../problems.ts';
import type { Answer, CallContext, Input, Services, Versioned } from '../service.ts';
import type { ApiSettings } from '../settings.ts';
import { agoraTokenView, readAgoraApp } from './agora-tokens.ts';
import type { Administration } from './administration.ts';
import { draftOf, idempotencyIn, idempotencyOf, idempotencyText, patchOf } from './channel-draft.ts';
import { notFound, type ChannelWriter } from './channel-writer.ts';
import { deliveryOptionsOf } from './delivery-options.ts';
import { etagOf } from './etag.ts';
import type { FeedbackCounter } from './feedback-counter.ts';
import type { EventHub } from './events/event-hub.ts';
import { rotationAt, rotationProblem } from './key-rotation.ts';
import { allEventsScope, requireAccess, requireScope } from './permissions.ts';
import type { QoeRecorder } from './qoe/qoe-recorder.ts';
import type { PlaybackSigners } from './playback-signers.ts';
import { RecordedServices, type RecordedParts } from './recorded-services.ts';
import { addressIn, type RelayStarter } from './relay-starter.ts';
import type { TicketIssuer } from './ticket-issuer.ts';
import { isAllowed } from './ticket-permissions.ts';
import { channelView, relayView } from '../../channel/views/channel-view.ts';
import { changeModes } from './mode-changes.ts';
import { noRelay } from './no-relay.ts';

export interface ServiceParts extends RecordedParts {
  readonly settings: ApiSettings;
  readonly client: Pick<KubeClient, 'get'>;
  readonly numbers: Pick<LatestNumbers, 'of'>;
  readonly writer: ChannelWriter;
  readonly starter: RelayStarter;
  readonly signers: PlaybackSigners;
  readonly tickets: TicketIssuer;
  readonly hub: EventHub;
  readonly complaints: Pick<FeedbackCounter, 'count'>;
  readonly quality: Pick<QoeRecorder, 'add' | 'view'>;
  readonly administration: Administration;
}

/** Implements the services. Reads use the cache and the store, writes use the API server; decisions are pure functions. */
export class LiveChannelServices extends RecordedServices implements Services {
  readonly #parts: ServiceParts;

  constructor(parts: ServiceParts) {
    super(parts);
    this.#parts = parts;
  }

  createChannel(
    call: CallContext,
    input: CreateChannel,
    idempotencyKey: string | undefined,
  ): Answer<'createChannel'> {
    const { guard, cache, writer, settings } = this.#parts;
    return guard.change('createChannel', call, { channelId: input.id, detail: input }, async () => {
      await this.#checkNames(input, call.signal);
      const { subject } = call.caller;
      const asked = idempotencyKey === undefined ? undefined : idempotencyOf(subject, idempotencyKey, input);
      if (
        asked !== undefined &&
        cache.madeWith(asked.key).some(({ metadata }) => channelIdOf(metadata) !== input.id)
      )
        throw keyReused();
      const text = asked === undefined ? undefined : idempotencyText(asked);
      const draft = draftOf(input, cache.namespace, settings, text);
      const known = cache.channel(input.id);
      if (known !== undefined && known.metadata.name !== draft.metadata.name) throw exists(input.id);
      const { made, channel } = await writer.create(input.id, draft, call.signal);
      if (!made) {
        const first = idempotencyIn(channel.metadata.annotations);
        if (asked === undefined || first?.key !== asked.key) throw exists(input.id);
        if (first.request !== asked.request) throw keyReused();
      }
      return { ...this.#versioned(channel), created: made };
    });
  }

  listChannels(call: CallContext, query: Input<'listChannels', 1>): Answer<'listChannels'> {
    const { guard, cache } = this.#parts;
    return guard.run('listChannels', call, () => {
      const { limit, after, relayStatus, platform, streamMode } = query;
      const is = (asked: string | undefined, found: string | null): boolean =>
        asked === undefined || asked === found;
      const items: ChannelView[] = [];
      for (const channel of cache.channelsAfter(after)) {
        const view = this.#view(channel);
        const fits =
          is(relayStatus, view.relay.status) &&
          is(platform, view.platform) &&
          is(streamMode, view.streamMode);
        if (!fits) continue;
        if (items.length === limit) return { items, next: items.at(-1)?.name };
        items.push(view);
      }
      return { items, next: undefined };
    });
  }

  channel(call: CallContext, id: ChannelId): Answer<'channel'> {
    return this.#parts.guard.run('channel', call, () => this.#versioned(this.#known(id)));
  }

  changeChannel(
    call: CallContext,
    id: ChannelId,
    change: ChannelChange,
    ifMatch: string | undefined,
  ): Answer<'changeChannel'> {
    const { guard, writer } = this.#parts;
    return guard.change('changeChannel', call, { channelId: id, detail: change }, async () => {
      await this.#checkNames(change, call.signal);
      return this.#versioned(await writer.change(id, patchOf(change), ifMatch, call.signal));
    });
  }

  changeModes(call: CallContext, change: Input<'changeModes', 1>): Answer<'changeModes'> {
    const { guard, cache, writer } = this.#parts;
    return guard.change('changeModes', call, { channelId: undefined, detail: change }, () =>
      changeModes([...cache.channelsAfter()], change, writer, call.signal),
    );
  }

  endChannel(call: CallContext, id: ChannelId, ifMatch: string | undefined): Promise<void> {
    const { guard, writer } = this.#parts;
    return guard.change('endChannel', call, { channelId: id }, () => writer.end(id, ifMatch, call.signal));
  }

  startRelay(call: CallContext, id: ChannelId, options: Input<'startRelay', 2>): Answer<'startRelay'> {
    const { guard, starter, cache, settings } = this.#parts;
    const { agoraToken, agoraChannelName, labels } = options;
    // The audit log says that there was a token, and no more.
    const detail = {
      ...(agoraChannelName === undefined ? {} : { agoraChannelName }),
      ...(agoraToken === undefined ? {} : { agoraToken: 'passed' }),
      ...(labels === undefined ? {} : { labels }),
    };
    return guard.change('startRelay', call, { channelId: id, detail }, async () => {
      checkId(id);
      const start = {
        id,
        draft: () =>
          draftOf(
            {
              ...{ id, onAir: true, labels },
              ...(agoraChannelName === undefined ? {} : { agoraChannelName }),
            },
            cache.namespace,
            settings,
            undefined,
          ),
        agoraChannelName,
        agoraToken: agoraToken === undefined ? undefined : new SecretText(agoraToken),
        labels,
      };
      const channel = await starter.start(start, call.signal);
      return this.#started(channel);
    });
  }

  stopRelay(call: CallContext, id: ChannelId): Promise<void> {
    const { guard, writer } = this.#parts;
    return guard.change('stopRelay', call, { channelId: id }, async () => {
      try {
        await writer.change(id, { spec: { suspend: true } }, undefined, call.signal);
      } catch (error) {
        // There is nothing to stop, which is what the caller wants.
        if (!isProblem(error) || error.code !== 'channel-not-found') throw error;
      }
    });
  }

  rotateStreamKey(call: CallContext, id: ChannelId): Promise<void> {
    const { guard, cache, writer, clock } = this.#parts;
    return guard.change('rotateStreamKey', call, { channelId: id }, async () => {
      const channel = await writer.find(id, call.signal);
      const problem = rotationProblem(channel, cache.platform(channel.status?.streamingPlatform ?? ''));
      if (problem !== undefined) throw problem;
      await writer.change(id, rotationAt(clock.now()), undefined, call.signal);
    });
  }

  relay(call: CallContext, id: ChannelId): Answer<'relay'> {
    const { guard, numbers, cache } = this.#parts;
    return guard.run('relay', call, () => {
      const channel = cache.channel(id);
      if (channel === undefined) return noRelay;
      requireAccess(call.caller, channel.spec.playback.access);
      return { ...relayView(channel, numbers.of(id)), channelExists: true };
    });
  }

  playback(call: CallContext, id: ChannelId, viewerId: string | undefined): Answer<'playback'> {
    const { guard, cache, starter } = this.#parts;
    return guard.run('playback', call, async () => {
      const channel = this.#known(id);
      const { latency: latencyMode, access } = channel.spec.playback;
      requireAccess(call.caller, access);
      const url = addressIn(id, channel);
      const address =
        access === 'public' ? { hlsUrl: url, expiresAt: null } : await this.#signed(channel, url, viewerId);
      // Only now: a viewer who cannot watch resumes nothing. Nor do anonymous callers, because a relay costs money.
      if (call.caller.publicOnly !== true) starter.viewerCame(channel);
      const platform = cache.platform(channel.status?.streamingPlatform ?? '')?.spec;
      return {
        ...address,
        latency: expectedLatencySeconds(platform, latencyMode),
        latencyMode,
        access,
        onAir: channel.status?.relayStatus === 'active',
      };
    });
  }

  deliveryOptions(call: CallContext, id: ChannelId): Answer<'deliveryOptions'> {
    const { guard, cache, live, prices } = this.#parts;
    return guard.run('deliveryOptions', call, async () => {
      const channel = this.#known(id);
      await live.refresh();
      const name = platformNameOf(channel);
      const platform = name === undefined ? cache.platforms().find(isDefaultPlatform) : cache.platform(name);
      const resolution = resolutionOf(channel, live.of(id)?.relay?.height ?? undefined);
      return deliveryOptionsOf(channel, platform, resolution, prices.value);
    });
  }

  agoraToken(call: CallContext, id: ChannelId, request: Input<'agoraToken', 2>): Answer<'agoraToken'> {
    const { guard, clock, settings } = this.#parts;
    const { role, uid } = request;
    return guard.change('agoraToken', call, { channelId: id, detail: { role, uid } }, async () => {
      const channel = this.#known(id);
      const { name } = channel.spec.agora.credentialsRef;
      if (name !== settings.LIVECHANNEL_API_AGORA_SECRET)
        throw new ApiProblem(
          'agora-not-set-up',
          `Channel ${id} has its Agora credentials in Secret ${name}; the service has those of Secret ${settings.LIVECHANNEL_API_AGORA_SECRET}.`,
        );
      return agoraTokenView(
        channel,
        await readAgoraApp(settings.LIVECHANNEL_API_AGORA_DIR),
        request,
        clock.now(),
      );
    });
  }

  createTicket(call: CallContext, id: ChannelId, request: Input<'createTicket', 2>): Answer<'createTicket'> {
    const { guard, tickets } = this.#parts;
    return guard.change('createTicket', call, { channelId: id, detail: request }, async () => {
      checkId(id);
      return tickets.create(id, request);
    });
  }

  reportAudience(call: CallContext, id: ChannelId, agoraViewers: number): Promise<void> {
    const { guard, cache, clock } = this.#parts;
    return guard.run('reportAudience', call, async () => {
      this.#known(id);
      const key = { namespace: cache.namespace, channelId: id };
      await this.store().reportAudience(key, agoraViewers, clock.now());
    });
  }

  feedback(call: CallContext, id: ChannelId, complaint: Input<'feedback', 2>): Answer<'feedback'> {
    const { guard, complaints } = this.#parts;
    return guard.run('feedback', call, () => {
      const { subject } = call.caller;
      const { viewerId } = complaint;
      const viewer = viewerId === undefined ? subject : `${subject} ${viewerId}`;
      complaints.count(viewer, this.#known(id), complaint);
    });
  }

  reportQoe(call: CallContext, id: ChannelId, report: Input<'reportQoe', 2>): Answer<'reportQoe'> {
    const { guard, quality } = this.#parts;
    return guard.run('reportQoe', call, () => {
      const channel = this.#known(id);
      requireAccess(call.caller, channel.spec.playback.access);
      return quality.add(id, channel, report);
    });
  }

  qoe(call: CallContext, id: ChannelId, query: Input<'qoe', 2>): Answer<'qoe'> {
    const { guard, quality } = this.#parts;
    return guard.run('qoe', call, () => {
      this.#known(id);
      return quality.view(id, query);
    });
  }

  audit(...given: Parameters<Services['audit']>): Answer<'audit'> {
    return this.#parts.administration.audit(...given);
  }

  apiKeys(call: CallContext): Answer<'apiKeys'> {
    return this.#parts.administration.apiKeys(call);
  }

  createApiKey(...given: Parameters<Services['createApiKey']>): Answer<'createApiKey'> {
    return this.#parts.administration.createApiKey(...given);
  }

  revokeApiKey(...given: Parameters<Services['revokeApiKey']>): Promise<void> {
    return this.#parts.administration.revokeApiKey(...given);
  }

  /** Throws at once, not when the iteration starts. */
  events(
    call: CallContext,
    channelId: ChannelId | undefined,
    lastEventId: string | undefined,
  ): AsyncIterable<ServerEvent> {
    return this.#parts.guard.runNow('events', call, () => {
      if (channelId === undefined) requireScope(call.caller, allEventsScope);
      const withNumbers = isAllowed(call.caller, 'metrics', channelId);
      return this.#parts.hub.subscribe(channelId, lastEventId, call.signal, withNumbers);
    });
  }

  /** What a start returns: an address that can be played, or the unsigned one and why it cannot. */
  async #started(channel: LiveChannel): Answer<'startRelay'> {
    const playbackUrl = addressIn(channelIdOf(channel.metadata), channel);
    if (channel.spec.playback.access === 'public')
      return { playbackUrl, expiresAt: null, playbackProblem: null };
    try {
      const { hlsUrl, expiresAt } = await this.#signed(channel, playbackUrl, undefined);
      return { playbackUrl: hlsUrl, expiresAt, playbackProblem: null };
    } catch (error) {
      if (!isProblem(error) || error.code !== 'cannot-sign') throw error;
      const { code, detail } = error;
      return { playbackUrl, expiresAt: null, playbackProblem: { code, detail } };
    }
  }

  async #signed(
    channel: LiveChannel,
    playbackUrl: string,
    viewerId: string | undefined,
  ): Promise<{ readonly hlsUrl: string; readonly expiresAt: string }> {
    const { clock, signers, settings } = this.#parts;
    const record = activeRecord(channel);
    if (record?.id === undefined)
      throw new ApiProblem('stream-not-ready', 'The stream is being created.', { retryAfterSeconds: 2 });
    const expiresAt = new Date(
      clock.now().getTime() + settings.LIVECHANNEL_API_PLAYBACK_TOKEN_SECONDS * 1_000,
    );
    const hlsUrl = await signers.sign(
      record.platform,
      { id: streamId(record.id), playbackUrl },
      { expiresAt, ...(viewerId === undefined ? {} : { viewerId }) },
    );
    return { hlsUrl, expiresAt: expiresAt.toISOString() };
  }

  #known(id: ChannelId): LiveChannel {
    const channel = this.#parts.cache.channel(id);
    if (channel === undefined) throw notFound(id);
    return channel;
  }

  #view(channel: LiveChannel): ChannelView {
    return channelView(channel, this.#parts.numbers.of(channelIdOf(channel.metadata)));
  }

  #versioned(channel: LiveChannel): Versioned<ChannelView> {
    return { value: this.#view(channel), etag: etagOf(channel) };
  }

  /** Checks the id, and that the named platforms exist. @throws ApiProblem invalid-request, platform-not-found */
  async #checkNames(
    { id, platform, fallbackPlatform }: ChannelSettings & { readonly id?: ChannelId },
    signal: AbortSignal,
  ): Promise<void> {
    if (id !== undefined) checkId(id);
    const { cache, client } = this.#parts;
    for (const name of [platform, fallbackPlatform]) {
      if (name === undefined || name === null || cache.platform(name) !== undefined) continue;
      if ((await client.get(streamingPlatformType, { name }, { signal })) !== undefined) continue;
      const there = cache.platforms().map(({ metadata }) => metadata.name);
      throw new ApiProblem(
        'platform-not-found',
        `StreamingPlatform ${name} does not exist. Available: ${there.join(', ') || 'none'}.`,
      );
    }
  }
}

function checkId(id: ChannelId): void {
  if (nameOf(id) === undefined)
    throw invalidMember('id', 'a channel id has 1 to 512 bytes of well-formed UTF-8');
}

function exists(id: ChannelId): ApiProblem {
  return new ApiProblem('channel-exists', `Channel ${id} already exists.`);
}

function keyReused(): ApiProblem {
  return new ApiProblem('idempotency-key-reused', 'Another request was sent with this Idempotency-Key.');
}
