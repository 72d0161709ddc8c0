import { keyOf, type KubeObject, type ObjectRef, type OwnerReference } from './resource.ts';

/** The reference that makes `owner` the controller of a child: one at most, and the child goes when the owner goes. */
export function controllerReference(owner: KubeObject): OwnerReference {
  return { ...ownerReference(owner), controller: true, blockOwnerDeletion: true };
}

export function ownerReference(owner: KubeObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid };
}

export function controllerOf(child: KubeObject): OwnerReference | undefined {
  return child.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** By uid: an owner of the same name that was made anew does not own the old one's children. */
export function isControlledBy(child: KubeObject, owner: KubeObject): boolean {
  return controllerOf(child)?.uid === owner.metadata.uid;
}

/** The owner of `kind` in the API group of `apiVersion`, whatever the version, as a request for its controller. */
export function ownerRequest(
  child: KubeObject,
  owner: { readonly apiVersion: string; readonly kind: string; readonly namespaced: boolean },
): ObjectRef | undefined {
  const reference = controllerOf(child);
  if (reference?.kind !== owner.kind || groupOf(reference.apiVersion) !== groupOf(owner.apiVersion))
    return undefined;
  return { namespace: owner.namespaced ? child.metadata.namespace : undefined, name: reference.name };
}

/** An index for stores: the uid of the controller. The runtime is a library: this program indexes by other keys. */
export function byControllerUid(object: KubeObject): readonly string[] {
  const uid = controllerOf(object)?.uid;
  return uid === undefined ? [] : [uid];
}

/** An index for stores: `namespace/value` of a label. */
export function byLabel(label: string): (object: KubeObject) => readonly string[] {
  return ({ metadata }) => {
    const value = metadata.labels?.[label];
    return value === undefined ? [] : [keyOf({ namespace: metadata.namespace, name: value })];
  };
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}
