import type { AlertView } from '../../../api/alerts.ts';
import type { ChannelView } from '../../../api/channel-view.ts';
import type { ChannelNumbers } from '../../../api/live-numbers.ts';
import type { MomentKind } from '../../../api/values.ts';
import type { LiveEvent } from './live-event.ts';

/** The newest numbers of all channels, and when they were received by the clock of this page. */
export interface Numbers {
  readonly receivedAt: number;
  readonly byChannel: ReadonlyMap<string, ChannelNumbers>;
}

/** Something that happened to a channel while the page was open. */
export interface Moment {
  readonly kind: MomentKind;
  readonly at: number;
  readonly text: string;
}

export type Channels = ReadonlyMap<string, ChannelView>;
export type Moments = ReadonlyMap<string, readonly Moment[]>;

/** What the stream of events keeps current. undefined: not read yet, so that events have nothing to change. */
export interface LiveData {
  readonly channels: Channels | undefined;
  readonly numbers: Numbers | undefined;
  readonly openAlerts: readonly AlertView[] | undefined;
  readonly moments: Moments;
}

/** Enough for a show; a page that is open for days does not grow. */
const MOST_MOMENTS = 100;

/** The data after the events. Members that no event concerned are the same objects as before. */
export function applyEvents(data: LiveData, events: readonly LiveEvent[], now: number): LiveData {
  const draft = new Draft(data);
  for (const event of events) draft.apply(event, now);
  return draft.result();
}

/** Copies a member when it is changed for the first time: a batch has many events. */
class Draft {
  #data: LiveData;
  #channels: Map<string, ChannelView> | undefined;
  #moments: Map<string, readonly Moment[]> | undefined;

  constructor(data: LiveData) {
    this.#data = data;
  }

  apply(event: LiveEvent, now: number): void {
    switch (event.type) {
      case 'snapshot':
      case 'status':
        this.#put(event.channel, now);
        break;
      case 'ended':
        this.#editChannels()?.delete(event.channelId);
        break;
      case 'mode':
        this.#add(event.channelId, { kind: 'mode', at: Date.parse(event.at), text: event.message });
        break;
      case 'alert':
        this.#alert(event.alert);
        break;
      case 'numbers':
        this.#data = {
          ...this.#data,
          numbers: {
            receivedAt: now,
            byChannel: new Map(event.channels.map((each) => [each.channelId, each])),
          },
        };
        break;
    }
  }

  result(): LiveData {
    return {
      ...this.#data,
      channels: this.#channels ?? this.#data.channels,
      moments: this.#moments ?? this.#data.moments,
    };
  }

  #put(channel: ChannelView, now: number): void {
    const channels = this.#editChannels();
    if (channels === undefined) return;
    const before = channels.get(channel.id);
    if (before !== undefined && channel.relay.restarts > before.relay.restarts)
      this.#add(channel.id, { kind: 'restart', at: now, text: channel.relay.lastRestartReason ?? '' });
    channels.set(channel.id, channel);
  }

  #add(channelId: string, moment: Moment): void {
    this.#moments ??= new Map(this.#data.moments);
    const before = this.#moments.get(channelId) ?? [];
    // A stream that resumes repeats announcements that are still to come.
    if (before.some(({ kind, at, text }) => kind === moment.kind && at === moment.at && text === moment.text))
      return;
    this.#moments.set(channelId, [...before, moment].slice(-MOST_MOMENTS));
  }

  #alert(alert: AlertView): void {
    const { openAlerts } = this.#data;
    if (openAlerts === undefined) return;
    const others = openAlerts.filter(({ id }) => id !== alert.id);
    this.#data = {
      ...this.#data,
      openAlerts: alert.resolvedAt === null ? [alert, ...others] : others,
    };
  }

  #editChannels(): Map<string, ChannelView> | undefined {
    if (this.#data.channels === undefined) return undefined;
    return (this.#channels ??= new Map(this.#data.channels));
  }
}
