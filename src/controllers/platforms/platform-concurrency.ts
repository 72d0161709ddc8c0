import { keyOf, type ObjectRef } from '../../kube/resource.ts';

/** Channels that call one platform at the same time: enough to use up the rate limit of the strictest one. */
const MAX_CONCURRENT_CHANNELS = 6;

/**
 * Platforms limit their calls: Amazon IVS accepts five creates a second from a whole account. Channels that wait for a
 * platform must not occupy the workers of all others, so only a few call it at a time; the next in the queue is
 * requeued when one is done.
 */
export class PlatformConcurrencyLimiter {
  readonly #requeue: (channel: ObjectRef) => void;
  readonly #inside = new Map<string, number>();
  /** By platform: the queued channels, by key, in the order of arrival. */
  readonly #lines = new Map<string, Map<string, ObjectRef>>();

  constructor(requeue: (channel: ObjectRef) => void) {
    this.#requeue = requeue;
  }

  /** Runs it if there is room; undefined if not: then the channel is queued, and requeued when there is. */
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
      this.#requeueNext(platform, line);
    }
  }

  /** The next in the queue; all, when no call is running: one that was requeued may not have come. */
  #requeueNext(platform: string, line: Map<string, ObjectRef>): void {
    const isIdle = this.#inside.get(platform) === 0;
    for (const [key, channel] of [...line].slice(0, isIdle ? undefined : 1)) {
      line.delete(key);
      this.#requeue(channel);
    }
  }
}
