import type { EffectiveStreamMode } from '../../api/values.ts';
import type { ChannelView } from '../contract/channel-view.ts';
import type { ChannelStateEvent, ServerEvent } from '../contract/events.ts';
import type { RelayView } from '../contract/relay-view.ts';
import { ApiProblem, isProblem, problems } from '../problems.ts';

/**
 * A channel as buyers see it: what a player needs. Everything about operation, money and the cluster is left out: null,
 * empty, 0 or a default. The unsigned address of a signed channel stays, because each signed address contains it, and players detect a
 * migration by its change. Each member is listed, so that a new one is a decision.
 */
export function channelForBuyers(channel: ChannelView): ChannelView {
  const { id, createdAt, streamMode, effectiveStreamMode, playbackUrl, latencyMode, access, deleting } =
    channel;
  return {
    ...{ id, createdAt, streamMode, effectiveStreamMode, playbackUrl, latencyMode, access, deleting },
    relay: relayForBuyers(channel.relay),
    ...{ namespace: '', name: '', labels: {}, modeReason: null, platform: null, conditions: [] },
    // The defaults, whatever is set.
    ...{ maxResolution: '1080p', maxVideoBitrateKbps: null, standby: false },
  };
}

function relayForBuyers({ isActive, status, wanted, startedAt }: RelayView): RelayView {
  return {
    ...{ isActive, status, wanted, startedAt },
    ...{
      mode: null,
      health: 'good',
      reportedHealth: null,
      restarts: 0,
      lastRestartReason: null,
      idleSince: null,
    },
    ...{ viewerCount: 0, viewersKnown: false, hlsViewers: null, agoraViewers: null },
    ...{ bitrate: 0, bitrateKbps: null },
  };
}

/** In place of the reason for a mode, which contains costs or messages of the operator. */
const modeMessages: Readonly<Record<EffectiveStreamMode, string>> = {
  'agora-only': 'Watch on Agora.',
  hybrid: 'Watch on HLS or on Agora.',
  'hls-only': 'Watch on HLS.',
};

interface Reduced {
  readonly event: ServerEvent;
  /** The state that the event contains, to detect that nothing has changed; undefined: it contains none. */
  readonly state: string | undefined;
}

/** An event is sent to many buyers but reduced only once. */
const known = new WeakMap<ServerEvent, Reduced>();

function reduced(event: ChannelStateEvent): Reduced {
  const before = known.get(event);
  if (before !== undefined) return before;
  const result = reduce(event);
  known.set(event, result);
  return result;
}

function reduce(event: ChannelStateEvent): Reduced {
  switch (event.type) {
    case 'snapshot':
    case 'status': {
      const channel = channelForBuyers(event.channel);
      return { event: { ...event, channel }, state: JSON.stringify(channel) };
    }
    case 'mode':
      return { event: { ...event, message: modeMessages[event.mode] }, state: undefined };
    case 'ended':
      return { event, state: undefined };
  }
}

/** Events as buyers see them. A status in which nothing has changed for buyers is left out, such as viewer counts. */
export async function* eventsForBuyers(events: AsyncIterable<ServerEvent>): AsyncGenerator<ServerEvent> {
  let last: string | undefined;
  for await (const each of events) {
    // Not sent to buyers of a channel; dropped all the same, so that no change elsewhere shows them what sellers see.
    if (each.type === 'alert' || each.type === 'numbers') continue;
    const { event, state } = reduced(each);
    if (event.type === 'status' && state === last) continue;
    last = state ?? last;
    yield event;
  }
}

/** The error as viewers see it: a problem without its detail, which names Secrets, platforms and costs. */
export function problemForViewers(error: unknown): unknown {
  if (!isProblem(error)) return error;
  const { code, headers, extensions } = error;
  return new ApiProblem(code, problems[code].meaning, { headers, extensions, cause: error });
}
