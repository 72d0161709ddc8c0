/** Refers to an object of a known kind. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** metav1.OwnerReference */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
}

/** The metadata that a writer may set. */
export interface DraftMeta {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly finalizers?: readonly string[] | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
  /** In a write: a precondition. The write is rejected if the object of this name has another UID. */
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** metav1.ObjectMeta as it is read: the server always fills in the uid. */
export interface ObjectMeta extends DraftMeta {
  readonly uid: string;
  readonly generation?: number | undefined;
  readonly creationTimestamp?: string | undefined;
  readonly deletionTimestamp?: string | undefined;
}

/** Any object of the API. The runtime shares the objects that it returns: never change them. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/**
 * A kind of object, and how to decode it.
 * @example
 * const widgets: ResourceType<Widget> = {
 *   apiVersion: 'example.com/v1', kind: 'Widget', plural: 'widgets', namespaced: true,
 *   parse: (raw) => widgetSchema.parse(raw),
 * };
 */
export interface ResourceType<T extends KubeObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Validates and converts; throws if the object cannot be used. Without it, only the metadata is checked. */
  readonly parse?: (raw: unknown) => T;
}

type ServerSide = 'apiVersion' | 'kind' | 'metadata' | 'status';

/** A whole object to create or replace; apiVersion and kind come from the resource type. */
export type Draft<T extends KubeObject> = {
  readonly [K in keyof T as K extends ServerSide ? never : K]: T[K];
} & { readonly metadata: DraftMeta };

type Partially<T> = T extends readonly (infer E)[]
  ? readonly Partially<E>[]
  : T extends object
    ? { readonly [K in keyof T]?: Partially<T[K]> | undefined }
    : T;

/** The part of an object that one field manager sets with server-side apply. */
export type Applied<T extends KubeObject> = {
  readonly [K in keyof T as K extends ServerSide ? never : K]?: Partially<T[K]> | undefined;
} & { readonly metadata: DraftMeta };

/** The status of T, without undefined. */
export type StatusOf<T extends KubeObject> = T extends { readonly status?: infer S }
  ? Exclude<S, undefined>
  : never;

/** `namespace/name`, or `name` for a cluster-scoped object. The key of stores and queues. */
export function keyOf(ref: ObjectRef): string {
  return ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
}

/** The reverse of keyOf. */
export function refOf(key: string): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** "LiveChannel shop/show-1", for messages. */
export function describe(type: Pick<ResourceType<KubeObject>, 'kind'>, ref: Partial<ObjectRef>): string {
  const name = ref.name === undefined ? '' : ` ${keyOf({ namespace: ref.namespace, name: ref.name })}`;
  return `${type.kind}${name}`;
}

/**
 * The API path of a collection, of an object in it, or of an object's subresource.
 * @throws TypeError if an object of a namespaced kind has no namespace
 */
export function pathOf(
  type: Pick<ResourceType<KubeObject>, 'apiVersion' | 'plural' | 'namespaced' | 'kind'>,
  ref: Partial<ObjectRef>,
  subresource?: string,
): string {
  const base = type.apiVersion.includes('/') ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`;
  if (type.namespaced && ref.name !== undefined && ref.namespace === undefined)
    throw new TypeError(`${type.kind} ${ref.name} needs a namespace: the kind is namespaced`);
  const segments = [
    ...(type.namespaced && ref.namespace !== undefined ? ['namespaces', ref.namespace] : []),
    type.plural,
    ...(ref.name === undefined ? [] : [ref.name]),
    ...(subresource === undefined ? [] : [subresource]),
  ];
  return [base, ...segments.map(encodeURIComponent)].join('/');
}
