import type { KubeObject } from '../kube/resource.ts';
import type { Reflector } from '../kube/reflector.ts';
import type { Lister } from '../kube/store.ts';

/** The part of a Lister that the controllers use. */
export type ObjectLister<T extends KubeObject> = Pick<Lister<T>, 'get' | 'list'>;

/** Combines several stores, one for each watched namespace, into one lister. */
export function multiNamespaceLister<T extends KubeObject>(
  reflectors: readonly Reflector<T>[],
): ObjectLister<T> {
  const stores = reflectors.map(({ store }) => store);
  return {
    get: (ref) => stores.map((store) => store.get(ref)).find((object) => object !== undefined),
    list: (namespace) => stores.flatMap((store) => store.list(namespace)),
  };
}
