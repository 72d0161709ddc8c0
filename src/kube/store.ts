import { keyOf, type KubeObject, type ObjectMeta, type ObjectRef } from './resource.ts';

/** Returns the values under which an index finds an object. */
export type IndexFunction<T> = (object: T) => readonly string[];
export type Indexes<T> = Readonly<Record<string, IndexFunction<T>>>;

/** Read access to the objects of the cluster, as last observed. Objects are shared and frozen. */
export interface Lister<T extends KubeObject> {
  readonly size: number;
  get(ref: ObjectRef): T | undefined;
  /** Without a namespace, all objects. */
  list(namespace?: string): readonly T[];
  /** @throws RangeError if there is no such index */
  byIndex(index: string, value: string): readonly T[];
  /** Objects that exist and could not be decoded. They are not gone: do not clean up after them. */
  unreadable(): readonly ObjectMeta[];
}

/** A Lister with write access, which only its reflector has. */
export class Store<T extends KubeObject> implements Lister<T> {
  readonly #objects = new Map<string, T>();
  readonly #unreadable = new Map<string, ObjectMeta>();
  readonly #indexes: ReadonlyMap<
    string,
    { readonly of: IndexFunction<T>; readonly keys: Map<string, Set<string>> }
  >;

  constructor(indexes: Indexes<T> = {}) {
    this.#indexes = new Map(Object.entries(indexes).map(([name, of]) => [name, { of, keys: new Map() }]));
  }

  get size(): number {
    return this.#objects.size;
  }

  get(ref: ObjectRef): T | undefined {
    return this.#objects.get(keyOf(ref));
  }

  list(namespace?: string): readonly T[] {
    const all = [...this.#objects.values()];
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace);
  }

  byIndex(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (found === undefined)
      throw new RangeError(
        `no index "${index}"; there are: ${[...this.#indexes.keys()].join(', ') || 'none'}`,
      );
    return [...(found.keys.get(value) ?? [])].flatMap((key) => this.#objects.get(key) ?? []);
  }

  unreadable(): readonly ObjectMeta[] {
    return [...this.#unreadable.values()];
  }

  /** Keys of all objects, including those that could not be decoded. */
  keys(): string[] {
    return [...new Set([...this.#objects.keys(), ...this.#unreadable.keys()])];
  }

  /** Returns the previous state, if any. */
  put(object: T): T | undefined {
    const key = keyOf(object.metadata);
    const previous = this.#objects.get(key);
    if (previous !== undefined) this.#unindex(key, previous);
    this.#objects.set(key, object);
    this.#unreadable.delete(key);
    for (const { of, keys } of this.#indexes.values())
      for (const value of of(object)) {
        const set = keys.get(value);
        if (set === undefined) keys.set(value, new Set([key]));
        else set.add(key);
      }
    return previous;
  }

  /** Records an object that could not be decoded. Its last decoded state, if any, stays. */
  putUnreadable(metadata: ObjectMeta): void {
    this.#unreadable.set(keyOf(metadata), metadata);
  }

  remove(key: string): T | undefined {
    const previous = this.#objects.get(key);
    if (previous !== undefined) this.#unindex(key, previous);
    this.#objects.delete(key);
    this.#unreadable.delete(key);
    return previous;
  }

  #unindex(key: string, object: T): void {
    for (const { of, keys } of this.#indexes.values())
      for (const value of of(object)) {
        const set = keys.get(value);
        set?.delete(key);
        if (set?.size === 0) keys.delete(value);
      }
  }
}

/** Freezes a shared object: a change would be visible to every reader, and would never reach the cluster. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
