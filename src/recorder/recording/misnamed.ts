import { encodesNoId } from '../../api/channel-id.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import type { Logger } from '../../base/logger.ts';

/** Channels that were logged, so that each is logged once. */
const MAX_REMEMBERED = 1_000;

/** Logs channels whose name stands for a text that is no channel ID. */
export class Misnamed {
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #logged = new BoundedMap<string, true>(MAX_REMEMBERED);

  constructor(logger: Pick<Logger, 'warn'>) {
    this.#logger = logger;
  }

  seen({ metadata: { uid, namespace, name } }: LiveChannel): void {
    if (!encodesNoId(name) || this.#logged.has(uid)) return;
    this.#logged.set(uid, true);
    this.#logger.warn(
      { namespace, channel: name },
      'the name stands for a channel ID with control characters, which is not allowed: the name itself is used as the ID. ' +
        'Create the channel again with another ID, and delete this one',
    );
  }
}
