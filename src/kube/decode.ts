import { UnreadableObjectError } from './errors.ts';
import { describe, type KubeObject, type ObjectMeta, type ResourceType } from './resource.ts';
import { asRecord } from './status-answer.ts';

/**
 * Makes a T of what the server sent. managedFields are dropped: nobody here reads them, and they are half of an
 * object's size.
 */
export function decodeObject<T extends KubeObject>(type: ResourceType<T>, raw: unknown): T {
  const metadata = metadataOf(raw);
  if (metadata === undefined) throw new UnreadableObjectError(`${type.kind}: the answer has no metadata`);
  // Items of a list of a built-in kind come without these two.
  const object = { ...asRecord(raw), apiVersion: type.apiVersion, kind: type.kind, metadata };
  if (type.parse === undefined) return object as unknown as T; // the metadata is checked, the rest is the server's word
  try {
    return type.parse(object);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UnreadableObjectError(`${describe(type, metadata)} cannot be read: ${why}`, { cause });
  }
}

/** The metadata, where it has what every object has. */
export function metadataOf(raw: unknown): ObjectMeta | undefined {
  const { managedFields: _, ...metadata } = asRecord(asRecord(raw)['metadata']);
  const { name, uid } = metadata;
  return typeof name === 'string' && typeof uid === 'string' ? { ...metadata, name, uid } : undefined;
}
