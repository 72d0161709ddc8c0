import type { LiveChannel } from '../../api/live-channel.ts';
import type { Sample } from '../../store/store.ts';
import type { Ledger, LedgerLine } from './ledger.ts';
import type { PricingInputs } from './pricing-inputs.ts';
import { channelKey } from './take-sample.ts';

/** A sample, and the other inputs on which its price depends. */
export interface PricedSample {
  readonly sample: Sample;
  readonly inputs: PricingInputs;
}

export interface AccountantOptions {
  readonly ledger: Pick<Ledger, 'note'>;
  /** Costs of the time between two samples of a channel. */
  readonly meter: (before: PricedSample, after: PricedSample) => readonly LedgerLine[];
  /** Lines for the time between two samples if it was not observed. */
  readonly missed: (before: PricedSample, after: PricedSample) => readonly LedgerLine[];
  readonly onCost: (line: LedgerLine) => void;
}

/** Meters the time between two consecutive samples and adds it to the ledger. A gap is recorded as missing. */
export class Accountant {
  readonly #options: AccountantOptions;
  /** Previous sample by channel uid. */
  readonly #before = new Map<string, PricedSample>();

  constructor(options: AccountantOptions) {
    this.#options = options;
  }

  note(channel: LiveChannel, sample: Sample, inputs: PricingInputs): void {
    const { ledger, meter, missed, onCost } = this.#options;
    const { uid } = channel.metadata;
    const after = { sample, inputs };
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
