import type { LiveChannel } from '../../api/live-channel.ts';
import type { Sample } from '../../store/store.ts';
import type { Accountant } from '../recording/accountant.ts';
import type { Annotator, DesiredAnnotations } from './annotator.ts';
import type { SampledChannel } from '../recording/sampler.ts';

/** Says, turn by turn, what annotations of a channel should be. */
export interface AnnotationPolicy {
  desired(turn: SampledChannel): DesiredAnnotations;
  forget(channel: LiveChannel): void;
}

export interface CostControllerOptions<Terms> {
  readonly accountant: Pick<Accountant<Terms>, 'note' | 'forget'>;
  /** What the price of the channel depends on now. */
  readonly termsOf: (turn: SampledChannel) => Terms;
  readonly keepers: readonly AnnotationPolicy[];
  readonly annotator: Pick<Annotator, 'annotate' | 'forget'>;
}

/** Follows each channel turn by turn: what it costs, and what is to be done about that. */
export class CostController<Terms> {
  readonly #options: CostControllerOptions<Terms>;

  constructor(options: CostControllerOptions<Terms>) {
    this.#options = options;
  }

  onSample(turn: SampledChannel): void {
    const { accountant, termsOf, keepers, annotator } = this.#options;
    const { channel, sample } = turn;
    if (channel.metadata.deletionTimestamp !== undefined) return;
    if (sample !== undefined && costs(sample)) accountant.note(channel, sample, termsOf(turn));
    else accountant.forget(channel);
    const wished = Object.assign({}, ...keepers.map((each) => each.desired(turn))) as DesiredAnnotations;
    annotator.annotate(channel, wished);
  }

  forget(channel: LiveChannel): void {
    const { accountant, keepers, annotator } = this.#options;
    for (const each of [accountant, annotator, ...keepers]) each.forget(channel);
  }
}

/** A channel that is not on air, and of whose viewers on Agora nobody tells, costs nothing that is known. */
const costs = ({ relayStatus, agoraViewers }: Sample): boolean =>
  relayStatus === 'active' || agoraViewers !== undefined;
