import { FIELD_MANAGER, STREAM_FINALIZER, STREAMS_FIELD_MANAGER } from '../../../../src/api/names.ts';
import type { KubeClient, WriteOptions } from '../../../../src/kube/client.ts';
import { ApiError } from '../../../../src/kube/errors.ts';
import {
  keyOf,
  type DraftMeta,
  type KubeObject,
  type ObjectRef,
  type ResourceType,
} from '../../../../src/kube/resource.ts';

/** The part of a written object that matters here. */
interface Stated {
  readonly metadata: DraftMeta;
  readonly [field: string]: unknown;
}
interface Patch {
  readonly metadata: { readonly annotations: Readonly<Record<string, string | null>> };
}
type Status = Readonly<Record<string, unknown>>;
type Kind = Pick<ResourceType<KubeObject>, 'kind' | 'apiVersion'>;

/**
 * The part of an API server that the channel's controller uses. Server-side apply contains all fields of one manager:
 * annotations that it leaves out are removed, those of others stay.
 */
export class FakeApi {
  /** Called after every change, before it is answered: a crash there is a crash after the effect. */
  onChange: () => void = () => undefined;
  onRemoved: (object: KubeObject) => void = () => undefined;
  /** False: the CustomResourceDefinition is that of an earlier version, and `status.streams` is dropped. */
  knowsRecords = true;
  readonly #objects = new Map<string, KubeObject>();
  /** By object: the annotations that the operator applied last. */
  readonly #ours = new Map<string, readonly string[]>();
  #made = 0;

  /** The client, for code that calls only these of its methods. */
  get client(): KubeClient {
    const calls = {
      get: (type: Kind, ref: ObjectRef) => Promise.resolve(this.get(type.kind, ref)),
      list: (type: Kind) => Promise.resolve({ items: this.list(type.kind), resourceVersion: '1' }),
      create: async (type: Kind, draft: Stated) => this.#create(type, draft),
      apply: async (type: Kind, stated: Stated) => this.#apply(type, stated),
      applyStatus: async (type: Kind, { metadata, status }: Stated, { fieldManager }: WriteOptions = {}) =>
        this.#change(type, metadata, (object) => {
          const { streams, ...others } = { ...(object as { status?: Status }).status };
          const kept =
            fieldManager === STREAMS_FIELD_MANAGER ? others : streams === undefined ? {} : { streams };
          const { streams: told, ...rest } = status as Status;
          const written = this.knowsRecords && told !== undefined ? { streams: told } : {};
          return { ...object, status: { ...kept, ...rest, ...written } };
        }),
      patchMerge: async (type: Kind, ref: ObjectRef, patch: Patch) => this.#patch(type, ref, patch),
      patchJson: async (type: Kind, ref: ObjectRef) => this.#letGo(type, ref),
      delete: async (type: Kind, ref: ObjectRef, options: { uid?: string }) =>
        this.delete(type, ref, options.uid),
    };
    return calls as unknown as KubeClient;
  }

  get(kind: string, ref: ObjectRef): KubeObject | undefined {
    return this.#objects.get(`${kind} ${keyOf(ref)}`);
  }

  list(kind: string): KubeObject[] {
    return [...this.#objects.values()].filter((object) => object.kind === kind);
  }

  /** Another client writes a whole object. */
  put(object: KubeObject): void {
    const resourceVersion = String((this.#made += 1));
    this.#objects.set(`${object.kind} ${keyOf(object.metadata)}`, {
      ...object,
      metadata: { ...object.metadata, resourceVersion },
    });
  }

  /** Deletes an object. Pods take time to terminate, and finalizers delay deletion. */
  delete(type: Kind, ref: ObjectRef, uid?: string): boolean {
    const object = this.get(type.kind, ref);
    if (object === undefined || (uid !== undefined && object.metadata.uid !== uid)) return false;
    const held = type.kind === 'Pod' || (object.metadata.finalizers ?? []).length > 0;
    if (held)
      this.put({ ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-03-01T12:00:00Z' } });
    else this.remove(object);
    this.onChange();
    return true;
  }

  remove(object: KubeObject): void {
    this.#objects.delete(`${object.kind} ${keyOf(object.metadata)}`);
    this.onRemoved(object);
    for (const child of this.#objects.values())
      if (child.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid) === true)
        this.remove(child);
  }

  #create(type: Kind, draft: Stated): KubeObject {
    if (this.get(type.kind, draft.metadata) !== undefined)
      throw new ApiError('create', { status: 409, reason: 'AlreadyExists' });
    const uid = `${type.kind}-${String((this.#made += 1))}`;
    this.put({
      ...draft,
      apiVersion: type.apiVersion,
      kind: type.kind,
      metadata: { ...draft.metadata, uid },
    });
    return this.#answer(type, draft.metadata);
  }

  #apply(type: Kind, stated: Stated): KubeObject {
    const before = this.get(type.kind, stated.metadata);
    const { uid } = stated.metadata;
    if (before === undefined && uid === undefined) return this.#create(type, stated);
    if (before === undefined || (uid !== undefined && before.metadata.uid !== uid))
      throw new ApiError('apply', { status: 409, reason: 'Conflict' });
    const key = `${type.kind} ${keyOf(stated.metadata)} ${FIELD_MANAGER}`;
    const ours = new Set(this.#ours.get(key));
    const others = Object.entries(before.metadata.annotations ?? {}).filter(([name]) => !ours.has(name));
    const annotations = { ...Object.fromEntries(others), ...stated.metadata.annotations };
    this.#ours.set(key, Object.keys(stated.metadata.annotations ?? {}));
    const finalizers = [
      ...(before.metadata.finalizers ?? []).filter((name) => name !== STREAM_FINALIZER),
      ...(stated.metadata.finalizers ?? []),
    ];
    return this.#change(type, stated.metadata, (object) => ({
      ...object,
      ...stated,
      metadata: { ...object.metadata, ...stated.metadata, uid: object.metadata.uid, annotations, finalizers },
    }));
  }

  /** RFC 7386, of annotations: null removes one. */
  #patch(type: Kind, ref: ObjectRef, patch: Patch): KubeObject {
    return this.#change(type, ref, (object) => {
      const all = { ...object.metadata.annotations, ...patch.metadata.annotations };
      const kept = Object.entries(all).filter((each): each is [string, string] => each[1] !== null);
      return { ...object, metadata: { ...object.metadata, annotations: Object.fromEntries(kept) } };
    });
  }

  /** The only JSON patch that the controller sends removes its finalizer. */
  #letGo(type: Kind, ref: ObjectRef): KubeObject {
    const object = this.#change(type, ref, ({ metadata, ...rest }) => ({
      ...rest,
      metadata: {
        ...metadata,
        finalizers: (metadata.finalizers ?? []).filter((name) => name !== STREAM_FINALIZER),
      },
    }));
    const { deletionTimestamp, finalizers = [] } = object.metadata;
    if (deletionTimestamp !== undefined && finalizers.length === 0) this.remove(object);
    return object;
  }

  #change(type: Kind, ref: ObjectRef, change: (object: KubeObject) => KubeObject): KubeObject {
    const before = this.get(type.kind, ref);
    if (before === undefined) throw new ApiError('patch', { status: 404, reason: 'NotFound' });
    this.put({ ...change(before), apiVersion: before.apiVersion, kind: before.kind });
    return this.#answer(type, ref);
  }

  #answer(type: Kind, ref: ObjectRef): KubeObject {
    this.onChange();
    const object = this.get(type.kind, ref);
    if (object === undefined) throw new ApiError('write', { status: 404, reason: 'NotFound' });
    return object;
  }
}
