import { API_VERSION } from '../../../src/api/names.ts';
import { streamingPlatformSchema, type StreamingPlatform } from '../../../src/api/streaming-platform.ts';

/** A StreamingPlatform as the cache has it. */
export function aCachedPlatform(
  name: string,
  spec: { readonly provider: string; readonly [member: string]: unknown },
  status?: object,
): StreamingPlatform {
  return streamingPlatformSchema.parse({
    apiVersion: API_VERSION,
    kind: 'StreamingPlatform',
    metadata: { name, uid: `uid-of-${name}`, generation: 1 },
    spec: { credentialsRef: { namespace: 'livechannel-system', name }, ...spec },
    status,
  });
}
