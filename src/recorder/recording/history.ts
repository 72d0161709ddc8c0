import type { LiveChannel } from '../../api/live-channel.ts';
import type { Clock } from '../../base/clock.ts';
import { oneLine } from '../../base/one-line.ts';
import { modeFacts, modeNewsSince, type ModeFacts } from '../../channel/views/mode-news.ts';
import { keyText } from '../../store/channel-key-text.ts';
import type { ChannelMoment, Store } from '../../store/store.ts';
import type { Task } from '../task.ts';
import { channelKey } from './take-sample.ts';

const WRITE_INTERVAL_MS = 1_000;
const MAX_MOMENTS_PER_WRITE = 500;
/** While the database is away. Then the oldest are dropped. */
const MAX_WAITING = 10_000;
const MAX_TEXT_LENGTH = 1_024;

/** What must be remembered of a channel to notice what happens to it next. */
export interface Remembered {
  readonly mode: ModeFacts;
  readonly restartedAt: string | undefined;
}

export function remembered(channel: LiveChannel): Remembered {
  return { mode: modeFacts(channel), restartedAt: channel.status?.relay?.lastRestartTime };
}

/**
 * What happened to a channel since `before`; undefined: this leader has not seen it yet. Its last restart is then written
 * again, which does no harm, because its time is in the status. When its mode changed is not known.
 */
export function momentsSince(
  before: Remembered | undefined,
  channel: LiveChannel,
  now: Date,
): readonly ChannelMoment[] {
  const key = channelKey(channel);
  const { lastRestartTime, lastRestartReason = '' } = channel.status?.relay ?? {};
  const news = before && modeNewsSince(before.mode, channel, now);
  return [
    ...(lastRestartTime === undefined || lastRestartTime === before?.restartedAt
      ? []
      : [{ ...key, kind: 'restart' as const, at: new Date(lastRestartTime), text: lastRestartReason }]),
    ...(news === undefined
      ? []
      : [
          {
            ...key,
            kind: 'mode' as const,
            at: new Date(news.at),
            text: oneLine(news.message, MAX_TEXT_LENGTH),
          },
        ]),
  ];
}

export interface HistoryOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly store: Pick<Store, 'addMoments'>;
  readonly channels: { list(): readonly LiveChannel[] };
}

/** Keeps mode decisions and restarts of channels, for their charts. */
export class History implements Task {
  readonly name = 'history';
  readonly everyMs = WRITE_INTERVAL_MS;
  readonly #options: Pick<HistoryOptions, 'clock' | 'store'>;
  readonly #known = new Map<string, Remembered>();
  #waiting: ChannelMoment[] = [];

  constructor(options: HistoryOptions) {
    this.#options = options;
    for (const channel of options.channels.list()) this.changed(channel);
  }

  changed(channel: LiveChannel): void {
    const name = keyText(channelKey(channel));
    const moments = momentsSince(this.#known.get(name), channel, this.#options.clock.now());
    this.#known.set(name, remembered(channel));
    if (moments.length > 0) this.#waiting = [...this.#waiting, ...moments].slice(-MAX_WAITING);
  }

  deleted(channel: LiveChannel): void {
    this.#known.delete(keyText(channelKey(channel)));
  }

  async run(): Promise<boolean> {
    const taken = this.#waiting.slice(0, MAX_MOMENTS_PER_WRITE);
    if (taken.length === 0) return false;
    await this.#options.store.addMoments(taken);
    const written = new Set(taken);
    this.#waiting = this.#waiting.filter((each) => !written.has(each));
    return this.#waiting.length > 0;
  }
}
