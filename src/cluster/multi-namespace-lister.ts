import type { KubeObject } from '../kube/resource.ts';
import type { Reflector } from '../kube/reflector.ts';
import type { Lister } from '../kube/store.ts';

/** As much of a lister as the controllers use. */
export type ObjectLister<T extends KubeObject> = Pick<Lister<T>, 'get' | 'list'>;

/** Several stores, one for each namespace that is watched, as one. */
export function multiNamespaceLister<T extends KubeObject>(
  reflectors: readonly Reflector<T>[],
): ObjectLister<T> {
  const stores = reflectors.map(({ store }) => store);
  return {
    get: (ref) => stores.map((store) => store.get(ref)).find((object) => object !== undefined),
    list: (namespace) => stores.flatMap((store) => store.list(namespace)),
  };
}
