import type { StreamingPlatformSpec } from '../../api/streaming-platform.ts';
import type { PlatformContext } from '../context.ts';
import { requiredCredential } from '../credentials.ts';
import { PlatformError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { OriginClient } from './origin-client.ts';
import { OriginPlatform } from './origin-platform.ts';

/** The driver of an origin: the Secret holds `token`, and `ca.crt` where the origin's certificate is private. */
export function openOrigin(
  spec: StreamingPlatformSpec,
  credentials: ReadonlyMap<string, string>,
  { clusterId }: PlatformContext,
): Platform {
  if (spec.origin === undefined)
    throw new PlatformError('InvalidConfiguration', 'spec.origin must be set when spec.provider is origin.', {
      retryable: false,
    });
  const certificateAuthority = credentials.get('ca.crt');
  const client = new OriginClient({
    controlUrl: spec.origin.controlUrl,
    token: requiredCredential(spec, credentials, 'token'),
    certificateAuthority,
  });
  return new OriginPlatform(client, {
    clusterId,
    ingestCa: certificateAuthority,
    limits: spec.limits,
  });
}
