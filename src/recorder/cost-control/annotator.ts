import type { LiveChannel } from '../../api/live-channel.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../base/clock.ts';
import { isConflict, isNotFound } from '../../kube/errors.ts';
import type { ObjectRef, ResourceType } from '../../kube/resource.ts';
import type { Task } from '../task.ts';
import type { DesiredAnnotations } from './annotation-policy.ts';

/** Field manager of the annotations. It is not that of the operator's server-side applies, which would remove them. */
const FIELD_MANAGER = 'livechannel-recorder';
/** A write is in the cache by then; if it is not, the annotation was removed by others and is written again. */
const WRITE_VISIBLE_WITHIN_MS = 30_000;
const MAX_CONCURRENT_WRITES = 8;

interface Written {
  readonly text: string;
  readonly at: number;
}

/** Keeps annotations of channels at their desired values. Writes only those that differ. */
export class Annotator implements Task {
  readonly name = 'annotations';
  readonly everyMs = 250;
  readonly #client: Pick<KubeClient, 'patchMerge'>;
  readonly #type: ResourceType<LiveChannel>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #waiting = new Map<
    string,
    { readonly ref: ObjectRef; readonly uid: string; readonly wished: DesiredAnnotations }
  >();
  readonly #written = new Map<string, Written>();

  constructor(
    client: Pick<KubeClient, 'patchMerge'>,
    type: ResourceType<LiveChannel>,
    clock: Pick<Clock, 'monotonic'>,
  ) {
    this.#client = client;
    this.#type = type;
    this.#clock = clock;
  }

  /** Queues a write if the annotations of the channel, as read from the cache, differ from the desired ones. */
  annotate({ metadata }: LiveChannel, wishes: DesiredAnnotations): void {
    const { uid, namespace, name, annotations = {} } = metadata;
    const wished = Object.fromEntries(
      Object.entries(wishes).filter(([key, value]) => (annotations[key] ?? null) !== value),
    );
    if (Object.keys(wished).length === 0) {
      this.#waiting.delete(uid);
      this.#written.delete(uid);
      return;
    }
    const written = this.#written.get(uid);
    const underWay =
      written?.text === JSON.stringify(wished) &&
      this.#clock.monotonic() - written.at < WRITE_VISIBLE_WITHIN_MS;
    if (!underWay) this.#waiting.set(uid, { ref: { namespace, name }, uid, wished });
  }

  forget({ metadata: { uid } }: LiveChannel): void {
    this.#waiting.delete(uid);
    this.#written.delete(uid);
  }

  async run(): Promise<boolean> {
    const now = [...this.#waiting.values()].slice(0, MAX_CONCURRENT_WRITES);
    const outcomes = await Promise.allSettled(now.map((each) => this.#write(each)));
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    return this.#waiting.size > 0;
  }

  async #write(each: {
    readonly ref: ObjectRef;
    readonly uid: string;
    readonly wished: DesiredAnnotations;
  }): Promise<void> {
    const { ref, uid, wished } = each;
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
    this.#written.set(uid, { text: JSON.stringify(wished), at: this.#clock.monotonic() });
    if (this.#waiting.get(uid) === each) this.#waiting.delete(uid);
  }
}
