import type { LiveChannel } from '../../api/live-channel.ts';
import type { Sample } from '../../store/store.ts';
import type { Ledger, LedgerLine } from './ledger.ts';
import { channelKey } from './take-sample.ts';

/** A sample, with what its price depends on beside it. */
export interface Priced<Terms> {
  readonly sample: Sample;
  readonly terms: Terms;
}

export interface AccountantOptions<Terms> {
  readonly ledger: Pick<Ledger, 'note'>;
  /** What the time between two samples of a channel cost. */
  readonly meter: (before: Priced<Terms>, after: Priced<Terms>) => readonly LedgerLine[];
  /** The same time, where nobody saw it. */
  readonly missed: (before: Priced<Terms>, after: Priced<Terms>) => readonly LedgerLine[];
  readonly onCost: (line: LedgerLine) => void;
}

/** Has the time between two samples in a row metered, and noted in the ledger. A gap is noted as missing. */
export class Accountant<Terms> {
  readonly #options: AccountantOptions<Terms>;
  /** By channel uid: the sample before. */
  readonly #before = new Map<string, Priced<Terms>>();

  constructor(options: AccountantOptions<Terms>) {
    this.#options = options;
  }

  note(channel: LiveChannel, sample: Sample, terms: Terms): void {
    const { ledger, meter, missed, onCost } = this.#options;
    const { uid } = channel.metadata;
    const after = { sample, terms };
    const before = this.#before.get(uid);
    this.#before.set(uid, after);
    const lines = before === undefined ? [] : sample.afterGap ? missed(before, after) : meter(before, after);
    const startedAt = channel.status?.relayStartedAt;
    ledger.note(
      channelKey(channel),
      sample.at,
      startedAt === undefined ? undefined : new Date(startedAt),
      lines,
    );
    for (const line of lines) onCost(line);
  }

  forget({ metadata: { uid } }: LiveChannel): void {
    this.#before.delete(uid);
  }
}
