import { keyOf, type KubeObject, type ObjectRef, type OwnerReference } from './resource.ts';

/**
 * The reference that makes `owner` the controller of a child. A child has at most one controller, and is deleted after
 * its owner is deleted.
 */
export function controllerReference(owner: KubeObject): OwnerReference {
  return { ...ownerReference(owner), controller: true, blockOwnerDeletion: true };
}

/** A plain reference to `owner`: the child is deleted after all its owners are deleted. */
export function ownerReference(owner: KubeObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid };
}

/** The reference to the child's controller, if it has one. */
export function controllerOf(child: KubeObject): OwnerReference | undefined {
  return child.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** Compares UIDs: an owner that was deleted and created again with the same name does not own the earlier children. */
export function isControlledBy(child: KubeObject, owner: KubeObject): boolean {
  return controllerOf(child)?.uid === owner.metadata.uid;
}

/**
 * The child's controller as a request, if it is of `kind` and in the API group of `apiVersion`, in any version;
 * otherwise undefined.
 */
export function ownerRequest(
  child: KubeObject,
  owner: { readonly apiVersion: string; readonly kind: string; readonly namespaced: boolean },
): ObjectRef | undefined {
  const reference = controllerOf(child);
  if (reference?.kind !== owner.kind || groupOf(reference.apiVersion) !== groupOf(owner.apiVersion))
    return undefined;
  return { namespace: owner.namespaced ? child.metadata.namespace : undefined, name: reference.name };
}

/** An index for stores: the UID of the controller. */
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
