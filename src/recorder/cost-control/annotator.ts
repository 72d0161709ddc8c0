import type { LiveChannel } from '../../api/live-channel.ts';
import type { KubeClient } from '../../kube/client.ts';
import type { Clock } from '../../base/clock.ts';
import { isConflict, isNotFound } from '../../kube/errors.ts';
import type { ObjectRef, ResourceType } from '../../kube/resource.ts';
import type { Task } from '../task.ts';
import type { DesiredAnnotations } from './annotation-policy.ts';

/** Owner of the annotations, beside the operator's own applies, which would take them back. */
const fieldManager = 'livechannel-recorder';
/** A write shows in the cache by then; what is not there was taken off by somebody. */
const showsWithinMs = 30_000;
const writesAtOnce = 8;

interface Written {
  readonly text: string;
  readonly at: number;
}

/** Keeps annotations of channels as they are wished to be, and writes nothing while they are. */
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

  /** `channel` as the cache has it. */
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
      written?.text === JSON.stringify(wished) && this.#clock.monotonic() - written.at < showsWithinMs;
    if (!underWay) this.#waiting.set(uid, { ref: { namespace, name }, uid, wished });
  }

  forget({ metadata: { uid } }: LiveChannel): void {
    this.#waiting.delete(uid);
    this.#written.delete(uid);
  }

  async run(): Promise<boolean> {
    const now = [...this.#waiting.values()].slice(0, writesAtOnce);
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
      // The uid makes it fail for another channel that has the name by now.
      await this.#client.patchMerge(
        this.#type,
        ref,
        { metadata: { uid, annotations: wished } },
        { fieldManager },
      );
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    this.#written.set(uid, { text: JSON.stringify(wished), at: this.#clock.monotonic() });
    if (this.#waiting.get(uid) === each) this.#waiting.delete(uid);
  }
}
