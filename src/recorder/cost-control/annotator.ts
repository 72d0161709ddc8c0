import type { LiveChannel } from '../../api/live-channel.ts';
import type { BackoffPolicy } from '../../base/backoff.ts';
import { errorSummary } from '../../base/error-text.ts';
import type { KubeClient } from '../../kube/client.ts';
import { isConflict, isNotFound } from '../../kube/errors.ts';
import type { ObjectRef, ResourceType } from '../../kube/resource.ts';
import { WorkQueue } from '../../kube/workqueue.ts';
import type { TaskContext } from '../task.ts';
import type { DesiredAnnotations } from './annotation-policy.ts';

/** Field manager of the annotations. It is not that of the operator's server-side applies, which would remove them. */
const FIELD_MANAGER = 'livechannel-recorder';
/** A write is in the cache by then; if it is not, the annotation was removed by others and is written again. */
const WRITE_VISIBLE_WITHIN_MS = 30_000;
const MAX_CONCURRENT_WRITES = 8;
/** Between writes to a channel that the API server refuses. Budgets wait for it, so it stays short. */
const RETRY_BACKOFF: BackoffPolicy = { initialMs: 500, maxMs: 30_000, factor: 2, jitter: 0.2 };

interface Written {
  readonly text: string;
  readonly at: number;
}

interface Waiting {
  readonly ref: ObjectRef;
  readonly uid: string;
  readonly wished: DesiredAnnotations;
}

/**
 * Keeps annotations of channels at their desired values. Writes only those that differ. A channel to which the API server
 * refuses a write is tried again later and later, and delays no other channel.
 */
export class Annotator {
  readonly #client: Pick<KubeClient, 'patchMerge'>;
  readonly #type: ResourceType<LiveChannel>;
  readonly #context: TaskContext;
  /** Uids of the channels in `#waiting`. */
  readonly #queue: WorkQueue;
  readonly #waiting = new Map<string, Waiting>();
  readonly #written = new Map<string, Written>();

  constructor(client: Pick<KubeClient, 'patchMerge'>, type: ResourceType<LiveChannel>, context: TaskContext) {
    this.#client = client;
    this.#type = type;
    this.#context = context;
    const { clock, random } = context;
    this.#queue = new WorkQueue({ clock, random, backoff: RETRY_BACKOFF });
  }

  /** Queues a write if the annotations of the channel, as read from the cache, differ from the desired ones. */
  annotate({ metadata }: LiveChannel, wishes: DesiredAnnotations): void {
    const { uid, namespace, name, annotations = {} } = metadata;
    const wished = Object.fromEntries(
      Object.entries(wishes).filter(([key, value]) => (annotations[key] ?? null) !== value),
    );
    if (Object.keys(wished).length === 0) {
      this.#forget(uid);
      return;
    }
    const written = this.#written.get(uid);
    const underWay =
      written?.text === JSON.stringify(wished) &&
      this.#context.clock.monotonic() - written.at < WRITE_VISIBLE_WITHIN_MS;
    if (underWay) return;
    // One that waits is in the queue already, perhaps with a delay that a new wish must not shorten.
    const isQueued = this.#waiting.has(uid);
    this.#waiting.set(uid, { ref: { namespace, name }, uid, wished });
    if (!isQueued) this.#queue.add(uid);
  }

  forget({ metadata: { uid } }: LiveChannel): void {
    this.#forget(uid);
  }

  /** Writes until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => {
      this.#queue.shutDown();
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    await Promise.all(Array.from({ length: MAX_CONCURRENT_WRITES }, () => this.#work()));
  }

  #forget(uid: string): void {
    this.#waiting.delete(uid);
    this.#written.delete(uid);
    this.#queue.forget(uid);
  }

  async #work(): Promise<void> {
    for (let uid = await this.#queue.get(); uid !== undefined; uid = await this.#queue.get()) {
      const each = this.#waiting.get(uid);
      if (each !== undefined) await this.#tryWrite(each);
      this.#queue.done(uid);
    }
  }

  async #tryWrite(each: Waiting): Promise<void> {
    const { uid, ref } = each;
    try {
      await this.#write(each);
    } catch (error) {
      this.#queue.addRateLimited(uid);
      const failures = this.#queue.failures(uid);
      const fields = { namespace: ref.namespace, channel: ref.name, failures, error: errorSummary(error) };
      const { logger } = this.#context;
      if (failures === 1) logger.warn(fields, 'annotations could not be written; this will be retried');
      else logger.debug(fields, 'annotations still cannot be written');
      return;
    }
    this.#queue.forget(uid);
    if (this.#waiting.get(uid) === each) this.#waiting.delete(uid);
    // Something else was wished for during the write.
    else if (this.#waiting.has(uid)) this.#queue.add(uid);
  }

  async #write({ ref, uid, wished }: Waiting): Promise<void> {
    try {
      // With the uid, the patch fails if the name now belongs to a new channel.
      await this.#client.patchMerge(
        this.#type,
        ref,
        { metadata: { uid, annotations: wished } },
        { fieldManager: FIELD_MANAGER },
      );
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    this.#written.set(uid, { text: JSON.stringify(wished), at: this.#context.clock.monotonic() });
  }
}
