import type { StreamRecord } from '../../api/stream-records.ts';
import type { RelaySecretFacts } from '../state.ts';

/**
 * Whether the Secret exists, is complete, and has exactly what the platform answered about this stream. The Secret of another
 * stream does not, nor does one with a key that was replaced, or that somebody edited.
 */
export function secretMatchesStream(
  secret: RelaySecretFacts | undefined,
  { id, provisioned }: StreamRecord,
): secret is RelaySecretFacts {
  return id !== undefined && provisioned !== undefined && secret?.ingestDigest === provisioned.ingestDigest;
}
