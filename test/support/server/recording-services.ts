import type { ChannelView } from '../../../src/server/contract/channel-view.ts';
import type { RelayState, RelayView } from '../../../src/server/contract/relay-view.ts';
import type { ServerEvent } from '../../../src/server/contract/events.ts';
import { ApiProblem } from '../../../src/server/problems.ts';
import type { CallContext, Services } from '../../../src/server/service.ts';
import { allEventsScope, neededScope, requireScope } from '../../../src/server/services/permissions.ts';

export const relayOnAir: RelayView = {
  isActive: true,
  viewerCount: 42,
  bitrate: 2_500,
  health: 'fair',
  status: 'active',
  wanted: true,
  startedAt: '2026-01-01T00:00:00.000Z',
  mode: 'passthrough',
  reportedHealth: 'fair',
  restarts: 0,
  lastRestartReason: null,
  idleSince: null,
  viewersKnown: true,
  hlsViewers: 40,
  agoraViewers: 2,
  bitrateKbps: 2_500,
};

/** What the operation on the relay returns. */
export const relayStateOnAir: RelayState = { ...relayOnAir, channelExists: true };

export const channelOnAir: ChannelView = {
  id: '4711',
  namespace: 'shop',
  name: '4711',
  createdAt: '2026-01-01T00:00:00.000Z',
  labels: { tier: 'beta' },
  streamMode: 'hybrid',
  effectiveStreamMode: 'hybrid',
  modeReason: null,
  platform: 'ivs-eu',
  playbackUrl: 'https://hls.example/4711.m3u8',
  latencyMode: 'low',
  access: 'public',
  maxResolution: '1080p',
  maxVideoBitrateKbps: null,
  standby: false,
  relay: relayOnAir,
  conditions: [],
  deleting: false,
};

/** Services that record their calls, check scopes like the real ones, and return fixed results. */
export class RecordingServices implements Services {
  readonly asked: (readonly [operation: keyof Services, ...given: unknown[]])[] = [];
  /** Thrown by the next call. */
  failure: Error | undefined;
  /** Past events, oldest first. Subscribers receive those after their last id, then new ones. */
  readonly past: ServerEvent[] = [];
  /** The number of open subscriptions. */
  open = 0;
  #nextEvent = Promise.withResolvers<undefined>();

  tell(event: ServerEvent): void {
    this.past.push(event);
    this.#nextEvent.resolve(undefined);
    this.#nextEvent = Promise.withResolvers();
  }

  #record<T>(
    operation: keyof Services,
    [call, ...given]: readonly [CallContext, ...unknown[]],
    answer: T,
  ): T {
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
    this.#record('createChannel', given, { value: channelOnAir, etag: '"1"', created: true });
  listChannels: Services['listChannels'] = async (...given) =>
    this.#record('listChannels', given, { items: [channelOnAir], next: undefined });
  channel: Services['channel'] = async (...given) =>
    this.#record('channel', given, { value: channelOnAir, etag: '"1"' });
  changeChannel: Services['changeChannel'] = async (...given) =>
    this.#record('changeChannel', given, { value: channelOnAir, etag: '"2"' });
  changeModes: Services['changeModes'] = async (...given) =>
    this.#record('changeModes', given, { matched: 2, changed: 1, failed: [] });
  endChannel: Services['endChannel'] = async (...given) => this.#record('endChannel', given, undefined);
  startRelay: Services['startRelay'] = async (...given) =>
    this.#record('startRelay', given, {
      playbackUrl: 'https://hls.example/4711.m3u8',
      expiresAt: null,
      playbackProblem: null,
    });
  stopRelay: Services['stopRelay'] = async (...given) => this.#record('stopRelay', given, undefined);
  rotateStreamKey: Services['rotateStreamKey'] = async (...given) =>
    this.#record('rotateStreamKey', given, undefined);
  relay: Services['relay'] = async (...given) => this.#record('relay', given, relayStateOnAir);
  playback: Services['playback'] = async (...given) =>
    this.#record('playback', given, {
      hlsUrl: 'https://hls.example/4711.m3u8',
      latency: 9,
      latencyMode: 'low',
      access: 'public',
      expiresAt: null,
      onAir: true,
    });
  agoraToken: Services['agoraToken'] = async (...given) =>
    this.#record('agoraToken', given, {
      appId: 'a',
      channelName: '4711',
      uid: 7,
      token: 't',
      expiresAt: '2026-01-01T01:00:00.000Z',
    });
  reportAudience: Services['reportAudience'] = async (...given) =>
    this.#record('reportAudience', given, undefined);
  createTicket: Services['createTicket'] = async (...given) =>
    this.#record('createTicket', given, {
      ticket: 't',
      expiresAt: '2026-01-01T01:00:00.000Z',
      role: 'buyer',
      channelId: '4711',
    });
  feedback: Services['feedback'] = async (...given) => this.#record('feedback', given, undefined);
  reportQoe: Services['reportQoe'] = async (...given) => this.#record('reportQoe', given, { sampleRate: 1 });
  qoe: Services['qoe'] = async (...given) =>
    this.#record('qoe', given, {
      ...{ from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T01:00:00.000Z', connected: 0, watching: 0 },
      ...{ sessions: 0, playingSeconds: 0, stalledRatio: null, stallsPerHour: null, startupP50: null },
      ...{ startupP95: null, latencyP50: null, latencyP95: null, droppedRatio: null, fatal: 0 },
      ...{ minutes: [], platforms: [], browsers: [] },
      counts: { ageSeconds: 0, estimated: false, sampleRate: 1 },
    });
  metrics: Services['metrics'] = async (...given) => this.#record('metrics', given, []);
  usage: Services['usage'] = async (...given) =>
    this.#record('usage', given, {
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-02T00:00:00.000Z',
      wantedSeconds: 1_000,
      onAirSeconds: 995,
      uptimePercent: 99.5,
      waitingSeconds: 60,
      missingSeconds: 0,
      ingestBytes: 250_000_000,
      deliveredBytes: 2_500_000_000,
      deliveredEstimated: true,
      days: [],
      channels: [],
    });
  deliveryOptions: Services['deliveryOptions'] = async (...given) =>
    this.#record('deliveryOptions', given, { options: [], chosen: 'hybrid', breakEvenViewers: 14 });
  overview: Services['overview'] = async (...given) =>
    this.#record('overview', given, {
      at: '2026-01-01T00:00:00.000Z',
      channels: { total: 1, wanted: 1, onAir: 1 },
      viewers: { agora: 2, hls: 40, unknown: 0 },
      costs: { perHourUsd: null, agoraAlonePerHourUsd: null, savedPerHourUsd: null, unknown: 1 },
      health: { good: 1, fair: 0, poor: 0, unknown: 0 },
      alerts: null,
    });
  platforms: Services['platforms'] = async (...given) => this.#record('platforms', given, []);
  costs: Services['costs'] = async (...given) =>
    this.#record('costs', given, {
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
      days: [],
      platforms: [],
      lines: [],
    });
  prices: Services['prices'] = async (...given) =>
    this.#record('prices', given, { version: 'list', agoraHostUsd: '0.059400', rates: [] });
  budgets: Services['budgets'] = async (...given) => this.#record('budgets', given, []);
  history: Services['history'] = async (...given) => this.#record('history', given, []);
  alerts: Services['alerts'] = async (...given) =>
    this.#record('alerts', given, { items: [], next: undefined });

  audit: Services['audit'] = async (...given) => this.#record('audit', given, { items: [], next: undefined });
  apiKeys: Services['apiKeys'] = async (...given) => this.#record('apiKeys', given, []);
  createApiKey: Services['createApiKey'] = async (...given) =>
    this.#record('createApiKey', given, {
      ...{ id: 'k1', name: 'app', scopes: ['operate'], createdAt: '2026-01-01T00:00:00.000Z' },
      ...{ expiresAt: null, key: 'lc_k1_secret' },
    });
  revokeApiKey: Services['revokeApiKey'] = async (...given) => this.#record('revokeApiKey', given, undefined);

  /** Throws at once, like the real ones. */
  events(
    call: CallContext,
    channelId: string | undefined,
    lastEventId: string | undefined,
  ): AsyncGenerator<ServerEvent> {
    this.#record('events', [call, channelId, lastEventId], undefined);
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
        await Promise.race([this.#nextEvent.promise, gone.promise]);
      }
    } finally {
      this.open -= 1;
    }
  }
}
