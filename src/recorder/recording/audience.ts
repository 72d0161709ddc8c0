import type { Clock } from '../../base/clock.ts';
import { keyText } from '../../store/channel-key-text.ts';
import type { ChannelKey, Store } from '../../store/store.ts';
import type { Task } from '../task.ts';

/** Reports that are older are ignored. */
const REPORT_VALID_MS = 60_000;

/** Apps' reports of their viewers on Agora, read from the database for all channels at once. */
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
    const since = new Date(this.#clock.now().getTime() - REPORT_VALID_MS);
    const reports = await this.#store.audience(since);
    this.#reports = new Map(
      reports.map((report) => [
        keyText(report),
        { at: report.at.getTime(), agoraViewers: report.agoraViewers },
      ]),
    );
    return false;
  }

  /** Number of viewers on Agora; undefined: there is no recent report. */
  of(channel: ChannelKey, now: Date): number | undefined {
    const report = this.#reports.get(keyText(channel));
    return report !== undefined && now.getTime() - report.at <= REPORT_VALID_MS
      ? report.agoraViewers
      : undefined;
  }
}
