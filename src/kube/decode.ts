import { errorMessage } from '../base/error-text.ts';
import { UnreadableObjectError } from './errors.ts';
import { describe, type KubeObject, type ObjectMeta, type ResourceType } from './resource.ts';
import { asRecord } from './status-answer.ts';

/**
 * Decodes an object that the server sent. managedFields are dropped: they are not used here, and are half of the
 * object's size.
 * @throws UnreadableObjectError if it has no name or UID, or `type.parse` rejects it
 */
export function decodeObject<T extends KubeObject>(type: ResourceType<T>, raw: unknown): T {
  const metadata = metadataOf(raw);
  if (metadata === undefined) throw new UnreadableObjectError(`${type.kind}: the answer has no metadata`);
  // Items of a list of a built-in kind have no apiVersion and kind.
  const object = { ...asRecord(raw), apiVersion: type.apiVersion, kind: type.kind, metadata };
  // Without a parser, only the metadata is checked; the server is trusted with the rest.
  if (type.parse === undefined) return object as unknown as T;
  try {
    return type.parse(object);
  } catch (cause) {
    const why = errorMessage(cause);
    throw new UnreadableObjectError(`${describe(type, metadata)} cannot be read: ${why}`, { cause });
  }
}

/** The metadata; undefined if the name or the UID that every object has is missing. */
export function metadataOf(raw: unknown): ObjectMeta | undefined {
  const { managedFields: _, ...metadata } = asRecord(asRecord(raw)['metadata']);
  const { name, uid } = metadata;
  return typeof name === 'string' && typeof uid === 'string' ? { ...metadata, name, uid } : undefined;
}
