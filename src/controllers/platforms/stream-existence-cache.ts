import type { StreamPresence } from '../../channel/state.ts';
import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import type { OwnedStream } from '../../platforms/platform.ts';
import type { OpenPlatform } from '../../cluster/platform-directory.ts';
import { EXISTENCE_CHECK_INTERVAL_MS } from '../timing.ts';

/** Bounds memory. An evicted result is requested again. */
const MAX_RESULTS = 10_000;

/** Checks whether streams still exist on their platforms, each stream at most once per EXISTENCE_CHECK_INTERVAL_MS. */
export class StreamExistenceCache {
  readonly #clock: Clock;
  readonly #results = new BoundedMap<string, { readonly at: number; readonly presence: StreamPresence }>(
    MAX_RESULTS,
  );

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `unknown` where the call fails: the condition of the StreamingPlatform reports why. */
  async get(
    { name, driver }: OpenPlatform,
    stream: OwnedStream,
    signal: AbortSignal,
  ): Promise<StreamPresence> {
    const key = `${name}/${stream.id}/${stream.owner.channelUid}`;
    const now = this.#clock.now().getTime();
    const last = this.#results.get(key);
    if (last !== undefined && now - last.at < EXISTENCE_CHECK_INTERVAL_MS) return last.presence;
    const presence = await driver.observeStream(stream, signal).then(
      (found): StreamPresence => (found === undefined ? 'gone' : 'exists'),
      (): StreamPresence => 'unknown',
    );
    // A stream that is gone is created again at once, which makes this result invalid.
    if (presence === 'gone') this.#results.delete(key);
    else this.#results.set(key, { at: now, presence });
    return presence;
  }
}
