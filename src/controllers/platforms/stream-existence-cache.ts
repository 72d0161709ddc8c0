import type { StreamPresence } from '../../channel/state.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import type { StreamId } from '../../platforms/platform.ts';
import type { OpenPlatform } from '../../cluster/platform-directory.ts';
import { EXISTENCE_CHECK_INTERVAL_MS } from '../timing.ts';

/** Bounds memory. An answer that was evicted is requested again. */
const MAX_ANSWERS = 10_000;

/** Checks whether streams still exist on their platforms, each stream at most once in five seconds. */
export class StreamExistenceCache {
  readonly #clock: Clock;
  readonly #answers = new BoundedMap<string, { readonly at: number; readonly presence: StreamPresence }>(
    MAX_ANSWERS,
  );

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `unknown` where the platform does not answer: its own condition reports why. */
  async get({ name, driver }: OpenPlatform, id: StreamId, signal: AbortSignal): Promise<StreamPresence> {
    const key = `${name}/${id}`;
    const now = this.#clock.now().getTime();
    const last = this.#answers.get(key);
    if (last !== undefined && now - last.at < EXISTENCE_CHECK_INTERVAL_MS) return last.presence;
    const presence = await driver.observeStream(id, signal).then(
      (stream): StreamPresence => (stream === undefined ? 'gone' : 'exists'),
      (): StreamPresence => 'unknown',
    );
    // A stream that is gone is created again at once, and then this answer is no longer true.
    if (presence === 'gone') this.#answers.delete(key);
    else this.#answers.set(key, { at: now, presence });
    return presence;
  }
}
