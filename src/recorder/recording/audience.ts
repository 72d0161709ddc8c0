import type { Clock } from '../../base/clock.ts';
import type { ChannelKey, Store } from '../../store/store.ts';
import type { Task } from '../task.ts';

/** A report says something for so long. */
const holdsMs = 60_000;

const nameOf = ({ namespace, channelId }: ChannelKey): string => `${namespace}/${channelId}`;

/** What apps say of their viewers on Agora, fetched from the database for all channels at once. */
export class Audience implements Task {
  readonly name = 'audience';
  readonly everyMs: number;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #store: Pick<Store, 'audience'>;
  #reports = new Map<string, { readonly at: number; readonly agoraViewers: number }>();

  constructor(clock: Pick<Clock, 'now'>, store: Pick<Store, 'audience'>, everyMs: number) {
    this.#clock = clock;
    this.#store = store;
    this.everyMs = everyMs;
  }

  async run(): Promise<boolean> {
    const since = new Date(this.#clock.now().getTime() - holdsMs);
    const reports = await this.#store.audience(since);
    this.#reports = new Map(
      reports.map((report) => [
        nameOf(report),
        { at: report.at.getTime(), agoraViewers: report.agoraViewers },
      ]),
    );
    return false;
  }

  /** undefined: nobody said it lately. */
  of(channel: ChannelKey, now: Date): number | undefined {
    const report = this.#reports.get(nameOf(channel));
    return report !== undefined && now.getTime() - report.at <= holdsMs ? report.agoraViewers : undefined;
  }
}
