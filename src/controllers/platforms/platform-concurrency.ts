import { keyOf, type ObjectRef } from '../../kube/resource.ts';

/** Maximum number of channels that call one platform concurrently: enough to use up the strictest rate limit. */
const MAX_CONCURRENT_CHANNELS = 6;

/**
 * Limits the number of channels that call one platform concurrently. Platforms limit the rate of calls: Amazon IVS
 * accepts five creates per second from a whole account. Channels that wait for one platform must not occupy the workers
 * of all others. When a call ends, the next channel in the queue is requeued.
 */
export class PlatformConcurrencyLimiter {
  readonly #requeue: (channel: ObjectRef) => void;
  readonly #running = new Map<string, number>();
  /** By platform: the queued channels by key, in the order of their arrival. */
  readonly #queues = new Map<string, Map<string, ObjectRef>>();

  constructor(requeue: (channel: ObjectRef) => void) {
    this.#requeue = requeue;
  }

  /** Calls `run` if the limit allows it. Otherwise returns undefined, and requeues the channel when a call ends. */
  async take<T>(
    platform: string,
    { namespace, name }: ObjectRef,
    run: () => Promise<T>,
  ): Promise<T | undefined> {
    const channel = { namespace, name };
    const running = this.#running.get(platform) ?? 0;
    const queue = this.#queues.get(platform) ?? new Map<string, ObjectRef>();
    this.#queues.set(platform, queue);
    if (running >= MAX_CONCURRENT_CHANNELS) {
      queue.set(keyOf(channel), channel);
      return undefined;
    }
    queue.delete(keyOf(channel));
    this.#running.set(platform, running + 1);
    try {
      return await run();
    } finally {
      this.#running.set(platform, (this.#running.get(platform) ?? 1) - 1);
      this.#requeueNext(platform, queue);
    }
  }

  /** Requeues the next channel. If no call is running, requeues all: a requeued channel may not have called `take`. */
  #requeueNext(platform: string, queue: Map<string, ObjectRef>): void {
    const isIdle = this.#running.get(platform) === 0;
    for (const [key, channel] of [...queue].slice(0, isIdle ? undefined : 1)) {
      queue.delete(key);
      this.#requeue(channel);
    }
  }
}
