import type { ChannelView, RelayView, ServerEvent } from '../../../src/server/contract.ts';
import { ApiProblem } from '../../../src/server/problems.ts';
import type { CallContext, Services } from '../../../src/server/service.ts';
import { allEventsScope, neededScope, requireScope } from '../../../src/server/services/permissions.ts';

export const relayOnAir: RelayView = {
  status: 'active',
  wanted: true,
  startedAt: '2026-01-01T00:00:00.000Z',
  mode: 'passthrough',
  health: 'fair',
  restarts: 0,
  lastRestartReason: null,
  idleSince: null,
  viewerCount: 42,
  bitrateKbps: 2_500,
};

export const channelOnAir: ChannelView = {
  id: '4711',
  namespace: 'shop',
  name: '4711',
  createdAt: '2026-01-01T00:00:00.000Z',
  streamMode: 'hybrid',
  effectiveStreamMode: 'hybrid',
  modeReason: null,
  platform: 'ivs-eu',
  playbackUrl: 'https://hls.example/4711.m3u8',
  latency: 'low',
  access: 'public',
  relay: relayOnAir,
  conditions: [],
  deleting: false,
};

/** Services that keep what they were asked, ask for scopes as the real ones do, and answer the same each time. */
export class RecordingServices implements Services {
  readonly asked: (readonly [operation: keyof Services, ...given: unknown[]])[] = [];
  /** Thrown by the next call. */
  failure: Error | undefined;
  /** What has happened, oldest first; subscribers get what comes after their last id, then what is told. */
  readonly past: ServerEvent[] = [];
  /** Subscriptions now open. */
  open = 0;
  #news = Promise.withResolvers<undefined>();

  tell(event: ServerEvent): void {
    this.past.push(event);
    this.#news.resolve(undefined);
    this.#news = Promise.withResolvers();
  }

  #ask<T>(operation: keyof Services, [call, ...given]: readonly [CallContext, ...unknown[]], answer: T): T {
    requireScope(
      call.caller,
      operation === 'events' && given[0] === undefined ? allEventsScope : neededScope[operation],
    );
    this.asked.push([operation, ...given]);
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    return answer;
  }

  createChannel: Services['createChannel'] = async (...given) =>
    this.#ask('createChannel', given, { value: channelOnAir, etag: '"1"', created: true });
  listChannels: Services['listChannels'] = async (...given) =>
    this.#ask('listChannels', given, { items: [channelOnAir], next: undefined });
  channel: Services['channel'] = async (...given) =>
    this.#ask('channel', given, { value: channelOnAir, etag: '"1"' });
  changeChannel: Services['changeChannel'] = async (...given) =>
    this.#ask('changeChannel', given, { value: channelOnAir, etag: '"2"' });
  endChannel: Services['endChannel'] = async (...given) => this.#ask('endChannel', given, undefined);
  startRelay: Services['startRelay'] = async (...given) =>
    this.#ask('startRelay', given, { playbackUrl: 'https://hls.example/4711.m3u8' });
  stopRelay: Services['stopRelay'] = async (...given) => this.#ask('stopRelay', given, undefined);
  relay: Services['relay'] = async (...given) => this.#ask('relay', given, relayOnAir);
  playback: Services['playback'] = async (...given) =>
    this.#ask('playback', given, {
      hlsUrl: 'https://hls.example/4711.m3u8',
      latency: 'low',
      access: 'public',
      expiresAt: null,
      onAir: true,
    });
  agoraToken: Services['agoraToken'] = async (...given) =>
    this.#ask('agoraToken', given, {
      appId: 'a',
      channelName: '4711',
      uid: 7,
      token: 't',
      expiresAt: '2026-01-01T01:00:00.000Z',
    });
  reportAudience: Services['reportAudience'] = async (...given) =>
    this.#ask('reportAudience', given, undefined);
  metrics: Services['metrics'] = async (...given) => this.#ask('metrics', given, []);
  platforms: Services['platforms'] = async (...given) => this.#ask('platforms', given, []);
  costs: Services['costs'] = async (...given) =>
    this.#ask('costs', given, {
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-02T00:00:00.000Z',
      usd: '1.000000',
      estimated: true,
      complete: false,
      missingSeconds: 60,
      perOnAirHourUsd: null,
      perViewerHourUsd: null,
      monthForecastUsd: null,
      onAgoraAloneUsd: null,
      onPlatformsUsd: {},
      breakEvenViewers: null,
      channels: [],
      lines: [],
    });
  alerts: Services['alerts'] = async (...given) => this.#ask('alerts', given, { items: [], next: undefined });

  /** Refuses at once, as the real ones do. */
  events(
    call: CallContext,
    channelId: string | undefined,
    lastEventId: string | undefined,
  ): AsyncGenerator<ServerEvent> {
    this.#ask('events', [call, channelId, lastEventId], undefined);
    return this.#happening(call, lastEventId);
  }

  async *#happening(call: CallContext, lastEventId: string | undefined): AsyncGenerator<ServerEvent> {
    const gone = Promise.withResolvers<undefined>();
    call.signal.addEventListener('abort', () => gone.resolve(undefined), { once: true });
    let next = this.past.findIndex(({ id }) => id === lastEventId) + 1;
    this.open += 1;
    try {
      while (!call.signal.aborted) {
        for (; next < this.past.length; next += 1) {
          const event = this.past[next];
          if (event !== undefined) yield event;
          if (event?.type === 'ended')
            throw new ApiProblem('subscriber-too-slow', 'Subscribe again with the id of the last event.');
        }
        await Promise.race([this.#news.promise, gone.promise]);
      }
    } finally {
      this.open -= 1;
    }
  }
}
