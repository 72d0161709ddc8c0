import { keyOf, type ObjectRef } from '../../kube/resource.ts';

/** So many channels talk to one platform at once: enough to use up what the strictest of them allows. */
const MAX_CONCURRENT_CHANNELS = 6;

/**
 * Platforms are slow on purpose: Amazon IVS takes five creates a second from a whole account. Channels that wait for
 * one must not hold the workers that look after all others, so only a few are let in at a time; the next in the line
 * is woken when one is done.
 */
export class PlatformConcurrencyLimiter {
  readonly #wake: (channel: ObjectRef) => void;
  readonly #inside = new Map<string, number>();
  /** By platform: the channels in the line, by key, in the order in which they came. */
  readonly #lines = new Map<string, Map<string, ObjectRef>>();

  constructor(wake: (channel: ObjectRef) => void) {
    this.#wake = wake;
  }

  /** Runs it if there is room; undefined if not: then the channel is in the line, and is woken. */
  async take<T>(
    platform: string,
    { namespace, name }: ObjectRef,
    run: () => Promise<T>,
  ): Promise<T | undefined> {
    const channel = { namespace, name };
    const inside = this.#inside.get(platform) ?? 0;
    const line = this.#lines.get(platform) ?? new Map<string, ObjectRef>();
    this.#lines.set(platform, line);
    if (inside >= MAX_CONCURRENT_CHANNELS) {
      line.set(keyOf(channel), channel);
      return undefined;
    }
    line.delete(keyOf(channel));
    this.#inside.set(platform, inside + 1);
    try {
      return await run();
    } finally {
      this.#inside.set(platform, (this.#inside.get(platform) ?? 1) - 1);
      this.#wakeNext(platform, line);
    }
  }

  /** The next in the line; or, when nobody is inside any more, all: one that was woken may not have come. */
  #wakeNext(platform: string, line: Map<string, ObjectRef>): void {
    const nobody = this.#inside.get(platform) === 0;
    for (const [key, channel] of [...line].slice(0, nobody ? undefined : 1)) {
      line.delete(key);
      this.#wake(channel);
    }
  }
}
