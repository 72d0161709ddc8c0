import type { Counter } from 'prom-client';
import type { LiveChannel } from '../../api/live-channel.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { feedbackKinds, type Feedback } from '../contract/feedback.ts';
import type { CallContext } from '../service.ts';

/** A viewer who taps a button again within this time complains of the same. */
const REPEAT_MS = 60_000;
const MAX_REMEMBERED = 100_000;

/** Whose complaint it is. Of callers without credentials each address is one viewer, whatever they call themselves. */
export function complainantOf(
  { caller, address = '' }: Pick<CallContext, 'caller' | 'address'>,
  viewerId: string | undefined,
): string {
  const { subject, publicOnly } = caller;
  if (publicOnly === true) return `${subject} ${address}`;
  return viewerId === undefined ? subject : `${subject} ${viewerId}`;
}

/**
 * Counts what viewers complain about, by channel, and logs what their players measure then. One viewer counts once a minute
 * for each kind.
 */
export class FeedbackCounter {
  readonly #counter: Counter<'namespace' | 'channel' | 'kind'>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #logger: Logger;
  /** Time of the last count by viewer, channel and kind. */
  readonly #last = new BoundedMap<string, number>(MAX_REMEMBERED);

  constructor(
    counter: Counter<'namespace' | 'channel' | 'kind'>,
    clock: Pick<Clock, 'monotonic'>,
    logger: Logger,
  ) {
    this.#counter = counter;
    this.#clock = clock;
    this.#logger = logger;
  }

  count(
    viewer: string,
    channel: Pick<LiveChannel, 'metadata'>,
    { kind, qoe }: Pick<Feedback, 'kind' | 'qoe'>,
  ): void {
    const labels = labelsOf(channel);
    const key = JSON.stringify([viewer, labels.channel, kind]);
    const now = this.#clock.monotonic();
    const last = this.#last.get(key);
    if (last !== undefined && now - last < REPEAT_MS) return;
    this.#last.set(key, now);
    this.#counter.inc({ ...labels, kind });
    // Without the viewer: what the player measures is for finding the fault, not for finding the person.
    this.#logger.info({ ...labels, kind, qoe }, 'a viewer complains');
  }

  /** The channel is gone, and its counts leave the metrics. */
  forget(channel: Pick<LiveChannel, 'metadata'>): void {
    for (const kind of feedbackKinds) this.#counter.remove({ ...labelsOf(channel), kind });
  }
}

/** As in livechannel_viewers, so that complaints can be divided by viewers. */
function labelsOf({ metadata }: Pick<LiveChannel, 'metadata'>): { namespace: string; channel: string } {
  return { namespace: metadata.namespace ?? '', channel: metadata.name };
}
